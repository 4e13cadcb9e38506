"""What the program sends next, and why it rests. Pure: no database, no clock."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

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
    HELD = "held"  # the program rests
    QUEUED = "queued"  # handed to the outbox


class PausedBy(StrEnum):
    """Why a program rests. Whoever rests it decides how it may go on."""

    PATIENT = "patient"
    OPT_OUT = "opt_out"
    SILENCE = "silence"  # three check-ins without a word: we asked whether to go on
    UNTEXTABLE = "untextable"  # a landline or a dead number
    FLAG = "flag"  # goes on only when a member of staff says so
    STAFF = "staff"


STAFF_ONLY = (PausedBy.FLAG, PausedBy.STAFF)
"""What a patient's RESUME or START does not lift: somebody who knows the case does."""


class PartOfDay(StrEnum):
    """When the patient likes tips to arrive; the hours stand in clinic.toml."""

    MORNING = "morning"
    EVENING = "evening"


NORMAL, SLOWER = 1, 2
"""What the days between two steps are multiplied by."""

CHECK_IN_OPEN = timedelta(days=7)
"""How long a bare "1" counts as the answer to the last check-in."""

MOST_UNANSWERED = 3
"""After so many check-ins without a word we ask once whether to go on, and rest."""


def next_step(program: Program, taken: Collection[str], plan: Collection[str]) -> Step | None:
    """The first step in today's order of the program that is still to be sent; None at the end.

    Steps are known by their id, so an edited program is safe for those in the middle of it. `plan` are
    the steps the program had when they enrolled: each of them is sent once, wherever it was moved. A
    step that was added since is sent to those who have not passed its place, never in hindsight.
    """
    reached = max((at for at, step in enumerate(program.steps) if step.id in taken), default=-1)
    for at, step in enumerate(program.steps):
        if step.id not in taken and (at > reached or step.id in plan):
            return step
    return None


def gap_before(program: Program, step: Step) -> timedelta:
    """The days between `step` and the one before it in the program."""
    at = [each.id for each in program.steps].index(step.id)
    before = program.steps[at - 1].day if at else 0
    return timedelta(days=max(1, step.day - before))


def too_late(due_at: datetime, now: datetime) -> bool:
    """Whether a step was missed (an outage) and must be re-timed rather than sent."""
    return now - due_at > LATEST
