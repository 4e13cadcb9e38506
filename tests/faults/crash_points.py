"""One short story with every kind of write in it, and a crash at any one of its boundaries.

A boundary is the moment before or after a commit, before or after a call to the carrier, and before or
after a file in the spool is written or deleted. The story is told once to count them, then once for each.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from service.clock import FixedClock
from service.conversation.missed import Listed
from service.crypto import Keyring
from service.db import Database
from service.house import House
from service.line.doorstep import Brought, Doorstep, What
from service.line.parse import parse_text
from service.outbox.sender import Accepted, Handover, Outgoing, SentText
from service.spool import Spool
from service.worker import timetable
from tests.line import ANN, LINE

STORY = (
    ("text", "TIPS"),
    ("text", "1"),
    ("work", ""),
    ("receipts", ""),
    ("text away", "I can't feel between my legs and I can't pee"),
    ("work", ""),
    ("text lost", "CALL ME"),
    ("wait", ""),
    ("work", ""),
    ("receipts", ""),
    ("text", "STOP"),
    ("work", ""),
)

JOBS = (
    "take in what waits on disk",
    "take in what was missed",
    "try failed events",
    "queue due tips",
    "send what is due",
    "settle what is in doubt",
)


class Crash(BaseException):
    """The process is gone."""


class Points:
    """The boundaries of one telling, and at which of them it crashes (None: at none)."""

    def __init__(self, at: int | None) -> None:
        self.at, self.names = at, list[str]()

    def reach(self, name: str) -> None:
        """Pass a boundary, or die there."""
        self.names.append(name)
        if len(self.names) - 1 == self.at:
            raise Crash(name)


class CrashingDatabase(Database):
    """The real database; a process may die before or after each of its commits. It can be away."""

    points: Points | None = None
    away = wrote = False

    def __init__(self, url: str, keyring: Keyring) -> None:
        super().__init__(url, keyring)
        self.engine = self.engine.execution_options()
        event.listen(self.engine, "before_cursor_execute", self._notice)

    def _notice(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        self.wrote |= statement.startswith(("INSERT", "UPDATE", "DELETE"))

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One transaction between two boundaries, if it writes at all."""
        if self.away:
            raise OperationalError("away", {}, Exception("away"))
        self.wrote = False
        with super().transaction() as session:
            yield session
            session.flush()
            if self.points and self.wrote:
                self.points.reach("before a commit")
        if self.points and self.wrote:
            self.points.reach("after a commit")


class CrashingSpool(Spool):
    """The real spool; a process may die before or after each write of it."""

    points: Points | None = None

    def keep(self, key: str, content: dict[str, Any], at: datetime) -> None:
        """Keep an entry between two boundaries."""
        assert self.points
        self.points.reach("before a file is written")
        super().keep(key, content, at)
        self.points.reach("after a file is written")

    def done(self, path: Path) -> None:
        """Delete an entry between two boundaries."""
        assert self.points
        self.points.reach("before a file is deleted")
        super().done(path)
        self.points.reach("after a file is deleted")


class Carrier:
    """Takes every text, and remembers all that there was, both ways."""

    def __init__(self, clock: FixedClock, points: Points) -> None:
        self.clock, self.points = clock, points
        self.sent: list[tuple[str, Outgoing, datetime]] = []
        self.inbound: list[Listed] = []

    def send_text(self, message: Outgoing) -> Handover:
        """Take a text between two boundaries."""
        self.points.reach("before a text is handed over")
        sid = f"SM{len(self.sent):032x}"
        self.sent.append((sid, message, self.clock.moment))
        self.points.reach("after a text was handed over")
        return Accepted(sid)

    def place_call(self, call: Outgoing) -> Handover:
        """Nobody is rung in this story."""
        raise AssertionError("a call was placed")

    def find_call(self, call: Outgoing, handed_over_at: datetime, known: Collection[str]) -> None:
        """No call was placed."""

    def find_text(
        self, message: Outgoing, handed_over_at: datetime, known: Collection[str]
    ) -> Accepted | None:
        """Find a text by its likeness."""
        for sid, sent, at in self.sent:
            alike = (sent.to, sent.body, at) == (message.to, message.body, handed_over_at)
            if alike and sid not in known:
                return Accepted(sid)
        return None

    def sent_since(self, since: datetime) -> list[SentText]:
        """List what the line sent."""
        return [SentText(sid, each.to, each.body) for sid, each, at in self.sent if at >= since]

    def texts_since(self, since: datetime) -> list[Listed]:
        """List what came to the line."""
        return [each for each in self.inbound if each.at >= since]


class Telling:
    """The story, told once to a fresh database."""

    def __init__(self, house: House, clock: FixedClock, at: int | None) -> None:
        self.points, self.clock = Points(at), clock
        self.carrier = Carrier(clock, self.points)
        database, spool = house.database, house.spool
        assert isinstance(database, CrashingDatabase)
        assert isinstance(spool, CrashingSpool)
        database.away, self.database, self.spool = False, database, spool
        self.house = replace(
            house,
            outbox=replace(house.outbox, sender=self.carrier),
            inbox=self.carrier,
        )

    @property
    def doorstep(self) -> Doorstep:
        """Where webhooks come in."""
        return self.house.doorstep

    def tell(self) -> None:
        """Every step; after a crash the next one finds the process started again. Then all comes to rest."""
        self._work()  # the first look at the carrier's list
        self.database.points = self.spool.points = self.points
        for number, (what, words) in enumerate(STORY):
            try:
                self._step(what, words, number)
            except Crash:
                self._restart()
        for minutes in (2, 16):
            self.clock.moment += timedelta(minutes=minutes)
            try:
                self._work()
            except Crash:
                self._restart()
        self.points.at = None
        self._work()
        self.database.points = None

    def _restart(self) -> None:
        self.database.away = False
        self.database.close()

    def _step(self, what: str, words: str, number: int) -> None:
        self.clock.moment += timedelta(seconds=30)
        steps: dict[str, Callable[[], None]] = {
            "text": lambda: self._text(words, number),
            "text away": lambda: self._text_away(words, number),
            "text lost": lambda: self._arrives(words, number),
            "work": self._work,
            "wait": lambda: setattr(self.clock, "moment", self.clock.moment + timedelta(hours=1)),
            "receipts": self._receipts,
        }
        steps[what]()

    def _arrives(self, words: str, number: int) -> None:
        self.form = [
            ("MessageSid", f"SM{number:030x}ff"), ("From", ANN), ("To", LINE), ("Body", words),
            ("NumMedia", "0"),
        ]  # fmt: skip
        self.carrier.inbound.append(Listed(parse_text(self.form), self.clock.moment))

    def _text(self, words: str, number: int) -> None:
        self._arrives(words, number)
        self.doorstep.take(Brought(What.TEXT, self.form))

    def _text_away(self, words: str, number: int) -> None:
        self.database.away = True
        self._text(words, number)
        self.database.away = False

    def _receipts(self) -> None:
        for sid, sent, _at in list(self.carrier.sent):
            said = [("MessageSid", sid), ("MessageStatus", "delivered")]
            self.doorstep.take(Brought(What.RECEIPT, said, sent.token))

    def _work(self) -> None:
        for job in timetable(self.house):
            if job.name in JOBS:
                job.run()


def crashing(house: House, keyring: Keyring, folder: Path) -> House:
    """A house whose database and spool have boundaries."""
    database = CrashingDatabase(house.settings.sqlalchemy_url, keyring)
    house.database.close()
    return replace(
        house,
        database=database,
        spool=CrashingSpool(folder, keyring),
        conversation=replace(house.conversation, database=database),
        outbox=replace(house.outbox, database=database),
        drip=replace(house.drip, database=database),
    )
