"""Everything that is held on one number, as JSON (45 CFR 164.524: a patient's right of access)."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Table, select
from sqlalchemy.orm import Session

from service import history
from service.history import HistoryEntry
from service.patients.models import Thread
from service.rights.held import SUBJECTS, held_by

NOTICE = (
    "Health data of one person or household. Keep it where only those who may see it can read it, "
    "and delete it when it is no longer needed. Times are UTC; recordings are base64."
)

Row = Mapping[str, Any]


def export(session: Session, thread: Thread, now: datetime, actor: str) -> dict[str, Any]:
    """Every row that belongs to the thread, in plain text, and what was done with it; for `json.dumps`.

    Blind indexes are left out: without the key they say nothing. That it was exported is remembered.
    """
    history.record(session, at=now, actor=actor, action="exported", subject=f"thread:{thread.id}")
    held = {table.name: _rows(session, table, own) for table, own in held_by(session, thread)}
    return {
        "notice": NOTICE,
        "number": thread.phone,
        "exported_at": now.isoformat(),
        **{name: rows for name, rows in held.items() if rows},
        "history": [_plain_row(entry) for entry in _history(session, held)],
    }


def _rows(session: Session, table: Table, own: ColumnElement[bool]) -> list[dict[str, Any]]:
    columns = [column for column in table.c if not isinstance(column.type, LargeBinary)]
    wanted = select(*columns).where(own).order_by(*table.primary_key)
    return [_plain_row(row._asdict()) for row in session.execute(wanted)]


def _history(session: Session, held: Mapping[str, Sequence[Row]]) -> Iterator[Row]:
    entries = HistoryEntry.__table__.c
    columns = (entries.at, entries.actor, entries.action, entries.subject, entries.detail)
    for table, name in SUBJECTS.items():
        subjects = [f"{name}:{row['id']}" for row in held.get(table, ())]
        wanted = select(*columns).where(entries.subject.in_(subjects)).order_by(entries.id)
        yield from (row._asdict() for row in session.execute(wanted))


def _plain_row(row: Row) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
