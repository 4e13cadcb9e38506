"""What a tick costs with a million people on the program and nothing due: `python bench/tick.py`.

Fills an embedded database, runs the worker's tick on it, and prints the statements it took, the plan
that the database chose, and the time. Fails when it was more than one indexed query.
"""

import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import event, insert, text

from service.clock import FixedClock
from service.config import ROOT
from service.content import load
from service.crypto import Keyring
from service.db import Database
from service.drip.models import DueStep, Enrollment
from service.drip.tick import Drip, queue_due_steps
from service.house import limits_of
from service.migrate import migrate
from service.patients.models import Patient, Thread
from tests.conftest import MONDAY_MORNING

PEOPLE = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
BATCH = 20_000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        keyring = Keyring([b"0" * 32], "a secret that is long enough for this")
        database = Database(f"sqlite:///{Path(folder) / 'bench.sqlite3'}", keyring)
        migrate(database)
        fill(database)
        measure(database)


def fill(database: Database) -> None:
    """A million enrollments, the next step of each due tomorrow."""
    tomorrow = MONDAY_MORNING + timedelta(days=1)
    for first in range(1, PEOPLE + 1, BATCH):
        ids = range(first, min(first + BATCH, PEOPLE + 1))
        with database.transaction() as session:
            session.execute(insert(Thread), [
                {"id": i, "language": "en", "zone": "America/New_York", "opened_at": MONDAY_MORNING,
                 "textable": True} for i in ids])  # fmt: skip
            session.execute(
                insert(Patient),
                [{"id": i, "thread_id": i, "created_at": MONDAY_MORNING} for i in ids],
            )
            session.execute(insert(Enrollment), [
                {"id": i, "patient_id": i, "thread_id": i, "state": "active",
                 "program_version": "bench", "enrolled_at": MONDAY_MORNING} for i in ids])  # fmt: skip
            session.execute(insert(DueStep), [
                {"enrollment_id": i, "thread_id": i, "step": "warm_up", "state": "scheduled",
                 "due_at": tomorrow} for i in ids])  # fmt: skip
        print(f"\r{ids[-1]:>9,} of {PEOPLE:,}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def measure(database: Database) -> None:
    content = load(ROOT / "messages")
    clock = FixedClock(MONDAY_MORNING)
    drip = Drip(database, content, limits_of(content), clock, lambda _session, _thread, _now: None)
    asked: list[tuple[str, object]] = []

    def note(_c: object, _cursor: object, sql: str, params: object, *_rest: object) -> None:
        asked.append((sql, params))

    event.listen(database.engine, "before_cursor_execute", note)
    took = []
    for _ in range(200):
        asked.clear()
        begun = time.perf_counter()
        assert queue_due_steps(drip) == 0
        took.append(1000 * (time.perf_counter() - begun))
    queries = [(sql, params) for sql, params in asked if sql.lstrip().startswith("SELECT")]
    with database.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {queries[0][0]}", queries[0][1])  # type: ignore[arg-type]
        lines = [row[3] for row in plan]
        rows = connection.execute(text("SELECT count(*) FROM due_steps")).scalar()
    print(f"{rows:,} steps waiting, none due: {len(queries)} query a tick")
    print("plan: " + "; ".join(lines))
    print(f"median {statistics.median(took):.2f} ms, slowest of 200 {max(took):.2f} ms")
    reads = [line for line in lines if "due_steps" in line]
    if len(queries) != 1 or reads != ["SEARCH due_steps USING INDEX ix_due_steps_due (due_at<?)"]:
        sys.exit("a tick is more than one indexed query")


if __name__ == "__main__":
    main()
