"""Switches that make the simulated carrier misbehave as real ones do, for tests.

Everything is decided by the random source passed in, so a run can be repeated.
"""

import random
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """What can go wrong with one request to create a text."""

    TOO_MANY = "429"  # refused before it was looked at: safe to send again
    BROKEN = "500"  # answered 500, nothing sent
    BROKEN_AFTER = "500 after accepting"  # answered 500, and yet it goes out
    HANG = "hang after accepting"  # it goes out; the answer comes only after `hang_seconds`
    CUT = "cut after accepting"  # it goes out; the line breaks in the middle of the answer

    @property
    def accepts(self) -> bool:
        """Whether the text goes out in spite of it."""
        return self in (Fault.BROKEN_AFTER, Fault.HANG, Fault.CUT)


@dataclass
class Faults:
    """What shall go wrong; nothing does until it is asked for. Chances are between 0 and 1."""

    chance: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 (repeatable)
    hang_seconds: float = 30.0
    drop_receipts: float = 0.0
    repeat_receipts: float = 0.0
    shuffle_receipts: float = 0.0
    _creates: deque[Fault | None] = field(default_factory=deque)
    _errors: deque[int | None] = field(default_factory=deque)

    def next_creates(self, *faults: Fault | None) -> None:
        """The next requests to create a text go wrong like this, in this order; None is a good one."""
        self._creates.extend(faults)

    def next_deliveries(self, *error_codes: int | None) -> None:
        """The next accepted texts end undelivered with these codes (30003 …); None is delivered."""
        self._errors.extend(error_codes)

    def take_create(self) -> Fault | None:
        """What happens to the request that is here now."""
        return self._creates.popleft() if self._creates else None

    def take_error(self) -> int | None:
        """The code the text that was just accepted will end with, or None."""
        return self._errors.popleft() if self._errors else None

    def distort(self, statuses: list[str]) -> list[str]:
        """What becomes of the receipts of one text on their way: dropped, repeated, out of order."""
        kept = [status for status in statuses if self.chance.random() >= self.drop_receipts]
        said = [status for status in kept for _ in range(1 + self._hit(self.repeat_receipts))]
        if self._hit(self.shuffle_receipts):
            self.chance.shuffle(said)
        return said

    def _hit(self, probability: float) -> bool:
        return self.chance.random() < probability
