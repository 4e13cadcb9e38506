"""Safety copies: whole, encrypted, verified, put back on either database, and never a cause of repeats."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from service.backup import BadBackup, back_up, restore
from service.config import Settings
from service.conversation.missed import Listed
from service.conversation.models import InboundMessage, Recording
from service.db import Database
from service.line.parse import parse_text
from service.outbox.echoes import fingerprint
from service.outbox.models import Echo, OutboundMessage, Restore
from service.outbox.rules import State
from service.outbox.sender import SentText
from tests.line import ANN, LUZ, ROY, TestLine, make_settings
from tests.postgres import Cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, memory: Path) -> Iterator[Settings]:
    """Settings for a database in which there is nothing at all."""
    if request.param == "sqlite":
        yield make_settings(f"sqlite:///{memory}/new.sqlite3")
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    yield make_settings(cluster.create("restored"))
    cluster.drop("restored")


def other(line: TestLine, settings: Settings) -> TestLine:
    """The service on another database; the carrier goes on counting its texts."""
    again = TestLine(settings, line.clock)
    again._sids, again.sender._ids = line._sids, line.sender._ids
    return again


def test_a_copy_of_either_database_is_put_back_into_either(
    line: TestLine, empty: Settings, memory: Path
) -> None:
    line.text(ANN, "TIPS")
    line.text(ANN, "1")
    line.text(ANN, "I can't feel between my legs")
    counts = back_up(line.house.database, memory / "copy", line.clock.moment)
    assert ANN.encode() not in (memory / "copy").read_bytes()
    again = other(line, empty)
    assert restore(again.house.database, memory / "copy", line.clock.moment) == counts
    assert again.thread(ANN).flagged_at is not None
    assert [item.kind for item in again.items()] == [item.kind for item in line.items()]
    again.work()  # settles the restore with the carrier
    assert again.text(ANN, "HELP")  # new rows get new ids
    again.close()


def test_a_callers_voice_comes_back_and_is_readable_by_our_keys_alone(
    line: TestLine, empty: Settings, memory: Path
) -> None:
    voice, now = b"RIFF a caller's voice", line.clock.moment
    line.text(ANN, "HELP")
    with line.house.database.transaction() as session:
        session.add(
            Recording(
                carrier_id="RE" + "1" * 32, thread_id=line.thread(ANN).id, kind="voicemail",
                state="settled", seconds=9, recorded_at=now, next_look=now, attempts=1, audio=voice,
                media_type="audio/wav",
            )
        )  # fmt: skip
    back_up(line.house.database, memory / "copy", now)
    assert voice not in (memory / "copy").read_bytes()
    again = other(line, empty)
    restore(again.house.database, memory / "copy", now)
    with again.house.database.reading() as session:
        assert session.scalars(select(Recording.audio)).one() == voice
    again.close()


def test_nothing_that_had_left_since_the_backup_is_sent_again(
    line: TestLine, empty: Settings, memory: Path
) -> None:
    line.work()
    line.text(ANN, "TIPS")
    back_up(line.house.database, memory / "copy", line.clock.moment)
    line.clock.moment += timedelta(minutes=10)
    agreed = line.form(ANN, "1")
    line.post("/twilio/sms", agreed)
    line.work()
    left = line.sender.sent[1:]
    assert len(left) == 2  # a confirmation and the first tip
    again = other(line, empty)
    restore(again.house.database, memory / "copy", line.clock.moment)
    again.sender.left = None  # the carrier cannot be asked
    again.sender.inbox = [Listed(parse_text(list(agreed.items())), line.clock.moment)]
    line.clock.moment += timedelta(minutes=10)
    again.work()
    assert again.sender.sent == []
    again.sender.left = [
        SentText(f"SM{n:032x}", text.to, text.body) for n, text in enumerate(left, 100)
    ]
    again.work()
    again.work()
    assert again.sender.sent == []
    with again.house.database.reading() as session:
        assert session.scalar(select(func.count(InboundMessage.id))) == 2
        assert set(session.scalars(select(OutboundMessage.state))) == {State.ACCEPTED}
    assert len(again.text(ANN, "HELP")) == 1  # and everything new leaves
    again.close()


def test_of_two_restores_the_later_counts(line: TestLine) -> None:
    (left,), now, keyring = line.text(ANN, "HELP"), line.clock.moment, line.house.database.keyring
    with line.house.database.transaction() as session:
        for moment in (now - timedelta(days=30), now):
            session.add(Restore(backed_up_at=moment, restored_at=moment, released_at=moment))
        session.add(Echo(carrier_id="SM" + "e" * 32, fingerprint=fingerprint(keyring, ROY, left)))
    assert line.text(ROY, "HELP") == []  # it had left before the second
    assert line.text(LUZ, "HELP") == [left]


def test_a_copy_goes_only_into_an_empty_database(line: TestLine, memory: Path) -> None:
    line.text(ANN, "HELP")
    back_up(line.house.database, memory / "copy", line.clock.moment)
    with pytest.raises(BadBackup, match="not empty"):
        restore(line.house.database, memory / "copy", line.clock.moment)


def test_a_damaged_copy_is_refused_and_leaves_nothing_behind(line: TestLine, memory: Path) -> None:
    line.text(ANN, "HELP")
    back_up(line.house.database, memory / "copy", line.clock.moment)
    lines = (memory / "copy").read_bytes().splitlines(keepends=True)
    letter = b"A" if lines[1][-9:-8] != b"A" else b"B"
    damaged = {
        "cut off": lines[:-1],
        "a block missing": lines[:2] + lines[3:],
        "two blocks exchanged": [lines[0], lines[2], lines[1], *lines[3:]],
        "one byte changed": [lines[0], lines[1][:-9] + letter + lines[1][-8:], *lines[2:]],
        "no backup at all": [b"hello\n"],
    }
    database = Database(f"sqlite:///{memory}/restored", line.house.database.keyring)
    for name, broken in damaged.items():
        (memory / name).write_bytes(b"".join(broken))
        with pytest.raises(BadBackup):
            restore(database, memory / name, line.clock.moment)
    restore(database, memory / "copy", line.clock.moment)  # which only an empty one takes
    database.close()
