"""What a patient will get, and when, to the end: the rules of the tick, looked at ahead of time."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.content import Content, Program, Step
from service.drip.models import DueStep, Enrollment
from service.drip.rules import EnrollmentState, StepState, gap_before, next_step
from service.drip.slots import Calendar, Rhythm, calendar_of, slot, slot_after
from service.drip.timing import pending_step, rhythm_of
from service.patients.models import Thread


@dataclass(frozen=True, slots=True)
class Planned:
    """One text to come. `at` is UTC."""

    step: Step
    at: datetime
    body: str


def lay_out(
    program: Program,
    taken: Collection[str],
    plan: Collection[str],
    first_at: datetime,
    rhythm: Rhythm,
    calendar: Calendar,
) -> Iterator[Planned]:
    """The steps still to come, the first at `first_at`, the others each a gap after the one before.

    Right as long as nothing comes between: a flag, a pause and an open talk move what follows.
    """
    sent, at = set(taken), first_at
    while (step := next_step(program, sent, plan)) is not None:
        if sent != set(taken):
            at = slot_after(at, gap_before(program, step), rhythm, calendar)
        yield Planned(step, at, program.message(step))
        sent.add(step.id)


def coming(
    session: Session, enrollment: Enrollment, thread: Thread, content: Content, now: datetime
) -> list[Planned]:
    """What is still to come for an open enrollment; while it rests, as if it went on now."""
    pending = pending_step(session, enrollment.id)
    if pending is None:
        return []
    rhythm, calendar = rhythm_of(enrollment, thread, content.clinic), calendar_of(content.clinic)
    scheduled = pending.state == StepState.SCHEDULED
    first_at = pending.due_at if scheduled else slot(now, rhythm, calendar)
    plan = (enrollment.plan or "").split()
    program = content.program(thread.language)
    taken = taken_by(session, enrollment.id)
    return list(lay_out(program, taken, plan, max(first_at, now), rhythm, calendar))


def taken_by(session: Session, enrollment_id: int) -> list[str]:
    """The ids of the steps an enrollment has been sent, in order."""
    rows = (
        select(DueStep.step)
        .where(DueStep.enrollment_id == enrollment_id, DueStep.state == StepState.QUEUED)
        .order_by(DueStep.queued_at)
    )
    return list(session.scalars(rows))


@dataclass(frozen=True, slots=True)
class Affected:
    """What today's program means, of one step, for those who are on it."""

    step: str
    had: int
    to_come: int
    passed: int  # it was put in before the place they have reached: not sent in hindsight
    gone: bool  # no longer in the program


def whom_it_affects(session: Session, content: Content) -> list[Affected]:
    """For each step of the program, how many had it, will get it, or are past it."""
    program = content.program(content.clinic.languages[0])
    to_come, passed = Counter[str](), Counter[str]()
    enrolled = select(Enrollment).where(
        Enrollment.state.in_((EnrollmentState.ACTIVE, EnrollmentState.PAUSED))
    )
    for enrollment in session.scalars(enrolled).all():
        taken = set(taken_by(session, enrollment.id))
        ahead = _steps_ahead(program, taken, (enrollment.plan or "").split())
        to_come.update(ahead)
        passed.update({step.id for step in program.steps} - ahead - taken)
    counted = session.execute(
        select(DueStep.step, func.count())
        .where(DueStep.state == StepState.QUEUED)
        .group_by(DueStep.step)
    )
    had = dict(counted.all())
    ids = [step.id for step in program.steps]
    kept = [Affected(step, had.get(step, 0), to_come[step], passed[step], False) for step in ids]
    return kept + [Affected(step, had[step], 0, 0, True) for step in had if step not in ids]


def _steps_ahead(program: Program, taken: Collection[str], plan: Collection[str]) -> set[str]:
    sent, ahead = set(taken), set[str]()
    while (step := next_step(program, sent, plan)) is not None:
        sent.add(step.id)
        ahead.add(step.id)
    return ahead
