"""A carrier of seeded moods, and a database whose process dies at seeded moments."""

import itertools
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy.orm import Session

from service.clock import FixedClock
from service.db import Database
from service.outbox.sender import Accepted, Handover, Outgoing, SentText, TryAgain, Unknown


class Killed(BaseException):
    """The process died here."""


class MortalDatabase(Database):
    """The real database. Now and then the process dies just before or just after a commit."""

    fate: Random | None = None
    risk = 0.0

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        drawn = self.fate.random() if self.fate else 1.0
        with super().transaction() as session:
            yield session
            if drawn < self.risk / 2:
                raise Killed
        if drawn < self.risk:
            raise Killed


@dataclass(frozen=True, slots=True)
class Taken:
    """A text that the carrier took, and so delivers."""

    at: datetime
    to: str
    body: str
    until: datetime
    carrier_id: str


class Phones:
    """Takes texts in every mood a carrier has. `rival` is another worker that runs meanwhile."""

    def __init__(self, clock: FixedClock, fate: Random) -> None:
        self.clock, self.fate = clock, fate
        self.taken: list[Taken] = []
        self.on_text: Callable[[Taken], None] = lambda _taken: None
        self.rival: Callable[[], None] = lambda: None
        self._ids = itertools.count(1)

    def send_text(self, message: Outgoing) -> Handover:
        """Take it, or not, or nobody knows; and die now and then."""
        mood = self.fate.random()
        if mood < 0.1:
            self.rival()
        if mood > 0.985:
            return TryAgain(429)
        if mood > 0.980:
            return Unknown()  # and it was never taken
        carrier_id = self._take(message)
        if mood > 0.975:
            return Unknown()
        if mood > 0.970:
            raise Killed
        return Accepted(carrier_id)

    def _take(self, message: Outgoing) -> str:
        carrier_id = f"SM{next(self._ids):032x}"
        now = self.clock.now()
        taken = Taken(now, message.to, message.body, now + message.validity, carrier_id)
        self.taken.append(taken)
        self.on_text(taken)
        return carrier_id

    def sent_since(self, since: datetime) -> list[SentText]:
        """The carrier's list of what left the line."""
        listed = [each for each in self.taken if each.at >= since]
        return [SentText(each.carrier_id, each.to, each.body) for each in listed]

    def place_call(self, call: Outgoing) -> Handover:
        """Nobody of this year asks for tips by call."""
        raise AssertionError("a call was placed")

    def find_call(
        self, call: Outgoing, handed_over_at: datetime, known: Collection[str]
    ) -> Accepted | Unknown | None:
        """No call was placed."""
        return None

    def find_text(
        self, message: Outgoing, handed_over_at: datetime, known: Collection[str]
    ) -> Accepted | Unknown | None:
        """Look in the carrier's list, as the real client does."""
        soon = handed_over_at + timedelta(minutes=2)
        for taken in reversed(self.taken):
            if taken.at < handed_over_at - timedelta(seconds=5):
                return None
            same = taken.to == message.to and taken.body == message.body
            if same and taken.at <= soon and taken.carrier_id not in known:
                return Accepted(taken.carrier_id)
        return None
