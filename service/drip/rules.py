"""When the next step of the program is due. Pure: no database, no clock."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from service.content import Program, Step
from service.outbox.rules import LATEST


class EnrollmentState(StrEnum):
    """`active` and `paused` are open, the others are over."""

    ACTIVE = "active"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"


class StepState(StrEnum):
    """`scheduled` is the only state a tick looks at."""

    SCHEDULED = "scheduled"
    HELD = "held"  # paused, or a flag is open
    QUEUED = "queued"  # handed to the outbox
    SKIPPED = "skipped"  # taken out of the program before it was sent


CHECK_IN_OPEN = timedelta(days=7)
"""How long a bare "1" counts as the answer to the last check-in."""


def next_step(program: Program, taken: Collection[str]) -> Step | None:
    """The step after the furthest one taken, in today's order of the program; None at the end.

    Steps are known by their id, so an edited program is safe for those in the middle of it: what was
    inserted before the point they have reached is not sent in hindsight.
    """
    positions = [at for at, step in enumerate(program.steps) if step.id in taken]
    after = max(positions, default=-1) + 1
    rest: Sequence[Step] = [step for step in program.steps[after:] if step.id not in taken]
    return rest[0] if rest else None


def gap_before(program: Program, step: Step) -> timedelta:
    """The days between `step` and the one before it in the program."""
    at = [each.id for each in program.steps].index(step.id)
    before = program.steps[at - 1].day if at else 0
    return timedelta(days=max(1, step.day - before))


def slot(moment: datetime, at: time, zone: ZoneInfo) -> datetime:
    """The first `at` o'clock in `zone` from `moment` on, in UTC."""
    local = moment.astimezone(zone)
    today = datetime.combine(local.date(), at, zone)
    if today.timestamp() >= moment.timestamp():
        return today.astimezone(UTC)
    return datetime.combine(local.date() + timedelta(days=1), at, zone).astimezone(UTC)


def slot_after(moment: datetime, gap: timedelta, at: time, zone: ZoneInfo) -> datetime:
    """`at` o'clock in `zone`, so many whole days after the local day of `moment`, in UTC."""
    day = moment.astimezone(zone).date() + timedelta(days=gap.days)
    return datetime.combine(day, at, zone).astimezone(UTC)


def too_late(due_at: datetime, now: datetime) -> bool:
    """Whether a step was missed (an outage) and must be re-timed rather than sent."""
    return now - due_at > LATEST
