"""Leaves a carrier alone that does not answer, so that doubt does not pile up.

After five calls in a row that broke off or were turned away by the network, only what is pressing still
calls; the rest waits, first for fifteen seconds, then twice as long each time, five minutes at most. Then
one message tries: if the carrier takes it, all go on. One process knows only what it saw itself.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from service.outbox.sender import Handover, TryAgain, Unknown

IN_A_ROW = 5
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(minutes=5)


@dataclass
class Breaker:
    """What was seen of the carrier. Safe to share between threads: a race costs one call more."""

    failures: int = 0
    wait: timedelta = FIRST_WAIT
    closed_from: datetime | None = None  # until then only what is pressing may call

    def lets_all_pass(self, now: datetime) -> bool:
        """Whether messages that can wait may call the carrier now. A clock set back closes nothing."""
        until = self.closed_from
        return until is None or not now < until <= now + LONGEST_WAIT

    def note(self, handover: Handover, now: datetime) -> None:
        """Learn from one call: any answer of the carrier, even a no, says that it is there."""
        if not isinstance(handover, Unknown) and not _never_reached(handover):
            self.failures, self.wait, self.closed_from = 0, FIRST_WAIT, None
            return
        self.failures += 1
        if self.failures >= IN_A_ROW and self.lets_all_pass(now):
            self.closed_from = now + self.wait
            self.wait = min(2 * self.wait, LONGEST_WAIT)


def _never_reached(handover: Handover) -> bool:
    return isinstance(handover, TryAgain) and handover.code is None
