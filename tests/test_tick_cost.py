"""The worker's looks cost what is due: none of them reads through a table that grows."""

from typing import Any

import pytest
from sqlalchemy import Table, event

from service.db import Base
from service.worker import timetable
from tests.line import TestLine

SMALL = {"staff", "duties", "restores", "package_ledger"}
"""Tables that stay small, or whose rows stand for themselves."""


def _indexes_of_some_rows() -> set[str]:
    tables: list[Table] = list(Base.metadata.tables.values())
    indexes = [index for table in tables for index in table.indexes]
    return {
        str(each.name) for each in indexes if each.dialect_options["sqlite"]["where"] is not None
    }


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_every_look_of_the_worker_finds_what_is_due_by_an_index(line: TestLine) -> None:
    asked: dict[str, Any] = {}

    def note(_c: Any, _cursor: Any, sql: str, parameters: Any, *_rest: Any) -> None:
        if sql.startswith(("SELECT", "UPDATE", "DELETE")):
            asked.setdefault(sql, parameters)

    engine = line.house.database.engine
    event.listen(engine, "before_cursor_execute", note)
    for job in timetable(line.house):
        job.run()
    event.remove(engine, "before_cursor_execute", note)
    assert len(asked) > 15, "the looks must be seen"
    partial = _indexes_of_some_rows()
    for sql, parameters in list(asked.items()):
        with line.house.database.reading() as session:
            plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)
            steps = [row[3].split() for row in plan if row[3].startswith("SCAN ")]
        through = {step[1] for step in steps if step[-1] not in partial} - SMALL
        assert not through, f"{through} is read through by {sql}"
