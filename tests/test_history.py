"""The history is chained: whatever is altered, removed or slipped in shows, and nobody waits for it."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError

from service import history
from service.clock import FixedClock
from service.db import Database
from service.history import Chain, HistoryEntry, seal, verify
from tests.line import ANN, TestLine

KEY = b"k" * 32


def write(database: Database, clock: FixedClock, *subjects: str) -> None:
    with database.transaction() as session:
        for subject in subjects:
            history.record(
                session,
                at=clock.now(),
                actor="staff:1",
                action="opened",
                subject=subject,
                was=subject,
            )


def test_an_entry_keeps_who_what_whom_and_when(database: Database, clock: FixedClock) -> None:
    write(database, clock, "thread:1")
    with database.reading() as session:
        entry = session.scalars(select(HistoryEntry)).one()
    assert (entry.at, entry.actor, entry.action) == (clock.now(), "staff:1", "opened")
    assert (entry.subject, entry.detail) == ("thread:1", {"was": "thread:1"})


def sealed(database: Database) -> int:
    with database.transaction() as session:
        return seal(session, KEY)


def chain(database: Database) -> Chain:
    with database.reading() as session:
        return verify(session, KEY)


@pytest.fixture
def written(database: Database, clock: FixedClock) -> Database:
    write(database, clock, "thread:1", "thread:2")
    assert sealed(database) == 2
    write(database, clock, "thread:3", "thread:4")
    assert sealed(database) == 2
    return database


def test_the_worker_chains_what_was_done(line: TestLine) -> None:
    line.text(ANN, "TIPS")
    line.text(ANN, "1")
    line.wait(timedelta(minutes=1))
    with line.house.database.reading() as session:
        places = session.scalars(select(HistoryEntry.place).order_by(HistoryEntry.id)).all()
    assert places == list(range(1, len(places) + 1)) != []


def test_what_was_left_alone_is_whole(written: Database) -> None:
    assert chain(written).broken_at is None
    assert chain(written).length == 4
    assert sealed(written) == 0


@pytest.mark.parametrize(
    ("column", "value"),
    [("actor", "staff:2"), ("action", "claimed"), ("subject", "thread:9"), ("detail", {"was": ""})],
)
def test_an_altered_entry_shows(written: Database, column: str, value: object) -> None:
    with written.transaction() as session:
        session.execute(update(HistoryEntry).where(HistoryEntry.place == 2).values({column: value}))
    assert chain(written).broken_at == 2


def test_an_altered_time_shows(written: Database, clock: FixedClock) -> None:
    with written.transaction() as session:
        later = clock.now() + timedelta(minutes=1)
        session.execute(update(HistoryEntry).where(HistoryEntry.place == 3).values(at=later))
    assert chain(written).broken_at == 3


def test_a_removed_entry_shows(written: Database) -> None:
    with written.transaction() as session:
        session.execute(delete(HistoryEntry).where(HistoryEntry.place == 2))
    assert chain(written).broken_at == 2


def test_an_entry_whose_seal_was_made_with_another_key_shows(
    written: Database, clock: FixedClock
) -> None:
    write(written, clock, "thread:5")
    with written.transaction() as session:
        seal(session, b"x" * 32)
    assert chain(written).broken_at == 5


def test_an_entry_that_became_visible_late_is_chained_after_those_seen_before(
    database: Database, clock: FixedClock
) -> None:
    write(database, clock, "thread:1", "thread:2", "thread:3")
    with database.transaction() as session:  # as if the first were not committed yet
        seal_two = select(HistoryEntry.id).order_by(HistoryEntry.id)
        first, *_ = session.scalars(seal_two)
        session.execute(text("UPDATE history SET id = 99 WHERE id = :id"), {"id": first})
        assert seal(session, KEY, most=2) == 2
        session.execute(text("UPDATE history SET id = :id WHERE id = 99"), {"id": first})
    assert sealed(database) == 1
    assert chain(database) == Chain(3, chain(database).last, None)


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_several_that_seal_at_once_make_one_chain(database: Database, clock: FixedClock) -> None:
    write(database, clock, "thread:0")
    sealed(database)
    write(database, clock, *(f"thread:{number}" for number in range(1, 300)))

    def work() -> None:
        for _ in range(20):
            try:
                with database.transaction() as session:
                    seal(session, KEY, most=7)
            except IntegrityError:  # somebody was faster
                continue

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while sealed(database):
        pass
    assert chain(database) == Chain(300, chain(database).last, None)
