"""Hold the program of a thread back, and let it go on at a good time."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service.content import Content
from service.drip.models import DueStep, Enrollment
from service.drip.rules import EnrollmentState, StepState, gap_before, slot, slot_after
from service.outbox.models import OutboundMessage
from service.outbox.rules import Kind, State
from service.patients.models import Thread
from service.patients.rules import zones

RESTING = (EnrollmentState.PAUSED, EnrollmentState.STOPPED)


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


def release(session: Session, thread: Thread, content: Content, now: datetime) -> None:
    """Let the program go on at the next preferred time, one step at a time.

    Does nothing while a flag is open or the enrollment is paused: both must be over.
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
    next_slot = _next_slot(thread, content, now)
    waiting = _held_tip(session, thread.id)
    if waiting:
        waiting.state, waiting.reason, waiting.not_before = State.QUEUED, None, next_slot
    step = _held_step(session, enrollment)
    if step is None:
        return
    step.state = StepState.SCHEDULED
    step.due_at = _after_tip(step, thread, content, next_slot) if waiting else next_slot


def retime(
    session: Session, step: DueStep, thread: Thread, content: Content, now: datetime
) -> None:
    """Move a step that an outage has made late to the next preferred time."""
    step.due_at = _next_slot(thread, content, now)


def _next_slot(thread: Thread, content: Content, now: datetime) -> datetime:
    preferred = content.clinic.program.preferred_times.morning
    return slot(now, preferred, zones(thread.zone)[0])


def _after_tip(step: DueStep, thread: Thread, content: Content, tip_at: datetime) -> datetime:
    program = content.program(thread.language)
    known = [each for each in program.steps if each.id == step.step]
    gap = gap_before(program, known[0] if known else program.steps[-1])
    preferred = content.clinic.program.preferred_times.morning
    return slot_after(tip_at, gap, preferred, zones(thread.zone)[0])


def _held_tip(session: Session, thread_id: int) -> OutboundMessage | None:
    return session.scalar(
        select(OutboundMessage)
        .where(
            OutboundMessage.thread_id == thread_id,
            OutboundMessage.kind == Kind.TIP,
            OutboundMessage.state == State.HELD,
        )
        .order_by(OutboundMessage.id)
        .limit(1)
    )


def _held_step(session: Session, enrollment: Enrollment) -> DueStep | None:
    return session.scalar(
        select(DueStep).where(
            DueStep.enrollment_id == enrollment.id, DueStep.state == StepState.HELD
        )
    )
