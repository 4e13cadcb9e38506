"""Hold the program of a thread back, and let it go on at a good time."""

from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from service.content import Clinic, Content
from service.db import any_of
from service.drip.models import DueStep, Enrollment
from service.drip.rules import EnrollmentState, PartOfDay, StepState, gap_before
from service.drip.slots import Rhythm, calendar_of, offset_of, slot, slot_after
from service.outbox.models import OutboundMessage
from service.outbox.rules import UNSETTLED, Kind, State
from service.patients.models import Thread
from service.patients.rules import zones

RESTING = (EnrollmentState.PAUSED, EnrollmentState.STOPPED)

_WAITING_TIP = (
    select(OutboundMessage)
    .where(
        OutboundMessage.thread_id == bindparam("thread"),
        OutboundMessage.kind == Kind.TIP,
        any_of(OutboundMessage.state, UNSETTLED),
    )
    .order_by(OutboundMessage.id)
    .limit(1)
)


def rhythm_of(enrollment: Enrollment, thread: Thread, clinic: Clinic) -> Rhythm:
    """When this patient gets tips."""
    return Rhythm(
        where=zones(thread.zone, thread.address_zone),
        part=PartOfDay(enrollment.part_of_day),
        pace=enrollment.pace,
        offset=offset_of(enrollment.id, calendar_of(clinic).spread),
    )


def hold(session: Session, thread_id: int, reason: str) -> None:
    """Keep back what has not left: the scheduled step, and a tip that waits in the outbox."""
    session.execute(
        update(DueStep)
        .where(DueStep.thread_id == thread_id, DueStep.state == StepState.SCHEDULED)
        .values(state=StepState.HELD)
    )
    session.execute(
        update(OutboundMessage)
        .where(
            OutboundMessage.thread_id == thread_id,
            OutboundMessage.kind == Kind.TIP,
            OutboundMessage.state == State.QUEUED,
        )
        .values(state=State.HELD, reason=reason)
    )


def drop(session: Session, thread_id: int, reason: str, now: datetime) -> None:
    """Never send the tips of an ended program that have not left."""
    session.execute(
        update(OutboundMessage)
        .where(
            OutboundMessage.thread_id == thread_id,
            OutboundMessage.kind == Kind.TIP,
            OutboundMessage.state.in_((State.QUEUED, State.HELD)),
        )
        .values(state=State.REFUSED, reason=reason, settled_at=now)
    )


def release(session: Session, thread: Thread, content: Content, now: datetime) -> None:
    """Let the program go on at the patient's next slot, one step at a time.

    Does nothing while a flag is open, after an opt-out, or when the enrollment rests.
    """
    latest = select(Enrollment).where(Enrollment.thread_id == thread.id)
    enrollment = session.scalar(latest.order_by(Enrollment.id.desc()).limit(1))
    if (
        enrollment is None
        or enrollment.state in RESTING
        or thread.flagged_at
        or thread.opted_out_at
    ):
        return
    rhythm, calendar = rhythm_of(enrollment, thread, content.clinic), calendar_of(content.clinic)
    next_slot = slot(now, rhythm, calendar)
    waiting = waiting_tip(session, thread.id)
    if waiting and waiting.state == State.HELD:
        waiting.state, waiting.reason, waiting.not_before = State.QUEUED, None, next_slot
    step = pending_step(session, enrollment.id)
    if step is None:
        return
    program = content.program(thread.language)
    known = [each for each in program.steps if each.id == step.step]
    gap = gap_before(program, known[0] if known else program.steps[-1])
    if step.state == StepState.HELD:
        step.due_at = slot_after(next_slot, gap, rhythm, calendar) if waiting else next_slot
        step.state = StepState.SCHEDULED


def waiting_tip(session: Session, thread_id: int) -> OutboundMessage | None:
    """The tip that has left the program but not surely the house; there is one at most."""
    return session.scalar(_WAITING_TIP, {"thread": thread_id})


def pending_step(session: Session, enrollment_id: int) -> DueStep | None:
    """The next step of an enrollment, scheduled or held."""
    return session.scalar(
        select(DueStep).where(
            DueStep.enrollment_id == enrollment_id,
            DueStep.state.in_((StepState.SCHEDULED, StepState.HELD)),
        )
    )


def first_due(session: Session, thread_id: int, due_at: datetime) -> None:
    """Put the step that is scheduled for this thread off until `due_at`."""
    session.execute(
        update(DueStep)
        .where(DueStep.thread_id == thread_id, DueStep.state == StepState.SCHEDULED)
        .values(due_at=due_at)
    )
