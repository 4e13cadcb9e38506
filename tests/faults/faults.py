"""What goes wrong in one run, and how often it did. Each run draws which faults it knows, and how hard."""

import random
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """Everything that can go wrong. Each kind must have happened over a campaign."""

    CRASH_BEFORE_COMMIT = "process dies before a commit"
    CRASH_AFTER_COMMIT = "process dies after a commit"
    CRASH_BEFORE_CALL = "process dies before it calls the carrier"
    CRASH_AFTER_CALL = "process dies after the carrier has answered"
    STALL = "process stands still for minutes"
    SWITCH = "another process goes on in between"
    DATABASE_REFUSES = "database refuses a transaction"
    STATEMENT_FAILS = "a statement fails inside a transaction"
    COMMIT_FAILS = "a commit fails"
    COMMIT_UNHEARD = "a commit succeeds and its answer is lost"
    DISK_FULL = "disk takes nothing while the database is away"
    CRASH_ON_DISK = "process dies half way through a file in the spool"
    CARRIER_429 = "carrier answers 429"
    CARRIER_500 = "carrier answers 500, nothing sent"
    CARRIER_500_AFTER = "carrier answers 500 after accepting"
    CARRIER_HANGS = "carrier accepts and does not answer"
    CARRIER_CUT = "line cut after the carrier accepted"
    CARRIER_REFUSES_CONNECTION = "carrier cannot be connected to"
    CARRIER_GARBAGE = "carrier accepts and answers garbage"
    CARRIER_AWAY = "carrier unreachable for an hour"
    LIST_FAILS = "carrier's list cannot be asked"
    UNREACHABLE_PHONE = "phone cannot be reached (30003)"
    FILTERED = "text filtered (30007)"
    SLOW_DELIVERY = "carrier delivers late, or not within the validity"
    RECEIPT_LOST = "receipt lost"
    RECEIPT_REPEATED = "receipt repeated"
    RECEIPT_DISORDERED = "receipt out of order"
    WEBHOOK_REPEATED = "webhook repeated"
    WEBHOOK_LATE = "webhook late"
    WEBHOOK_LOST = "webhook lost"
    WEB_DOWN = "webhook while the web process is down"
    CLOCK_FORWARD = "clock jumps forward"
    CLOCK_BACK = "clock jumps back"


@dataclass
class Weather:
    """The chances of one run, drawn by its own seed, and what has happened."""

    chance: random.Random
    happened: Counter[Fault] = field(default_factory=Counter)
    calm: bool = False  # at the end of a run nothing goes wrong any more
    _chances: dict[Fault, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for fault in Fault:
            known = self.chance.random() < 0.6
            self._chances[fault] = self.chance.choice(STRENGTHS[fault]) if known else 0.0

    def happened_to_time(self) -> bool:
        """Whether the service's clock was ever wrong, so that its days were not the patient's."""
        return bool(self.happened[Fault.CLOCK_FORWARD] + self.happened[Fault.CLOCK_BACK])

    def strikes(self, fault: Fault) -> bool:
        """Whether `fault` happens here and now."""
        if self.calm or not self._chances[fault]:
            return False
        if self.chance.random() >= self._chances[fault]:
            return False
        self.happened[fault] += 1
        return True


OFTEN, SELDOM, RARE = (0.05, 0.2, 0.4), (0.01, 0.03, 0.1), (0.002, 0.01, 0.03)

STRENGTHS: dict[Fault, tuple[float, ...]] = dict.fromkeys(Fault, OFTEN) | {
    Fault.CRASH_BEFORE_COMMIT: RARE,
    Fault.CRASH_AFTER_COMMIT: RARE,
    Fault.CRASH_BEFORE_CALL: SELDOM,
    Fault.CRASH_AFTER_CALL: SELDOM,
    Fault.STALL: RARE,
    Fault.DATABASE_REFUSES: RARE,
    Fault.STATEMENT_FAILS: (0.0005, 0.002, 0.005),
    Fault.COMMIT_FAILS: RARE,
    Fault.COMMIT_UNHEARD: RARE,
    Fault.DISK_FULL: SELDOM,
    Fault.CRASH_ON_DISK: SELDOM,
    Fault.CARRIER_AWAY: (0.02, 0.05),
    Fault.CLOCK_FORWARD: (0.02, 0.05),
    Fault.CLOCK_BACK: (0.02, 0.05),
}
