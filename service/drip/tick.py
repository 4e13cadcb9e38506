"""Queue the steps that are due. A tick costs what is due, not what is enrolled."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service.clock import Clock
from service.content import Content, Step
from service.db import Database, insert_if_new
from service.drip.models import DueStep, Enrollment
from service.drip.rules import (
    EnrollmentState,
    StepState,
    gap_before,
    next_step,
    slot_after,
    too_late,
)
from service.drip.timing import release, retime
from service.outbox.enqueue import enqueue
from service.outbox.models import OutboundMessage
from service.outbox.rules import TOO_LATE, Kind, Limits, State
from service.patients.models import Thread
from service.patients.rules import zones


@dataclass(frozen=True, slots=True)
class Drip:
    """What the drip needs, put together once."""

    database: Database
    content: Content
    limits: Limits
    clock: Clock


def queue_due_steps(drip: Drip, most: int = 500) -> int:
    """Queue up to `most` steps that are due, one transaction each; how many were looked at."""
    busy: set[int] = set()
    for count in range(most):
        now = drip.clock.now()
        with drip.database.transaction() as session:
            step = session.scalars(
                select(DueStep)
                .where(
                    DueStep.state == StepState.SCHEDULED,
                    DueStep.due_at <= now,
                    DueStep.id.not_in(busy),
                )
                .order_by(DueStep.due_at)
                .limit(1)
                .with_for_update(skip_locked=True)
            ).first()
            if step is None:
                return count
            thread = session.scalars(
                select(Thread).where(Thread.id == step.thread_id).with_for_update(skip_locked=True)
            ).first()
            if thread is None:
                busy.add(step.id)
            else:
                _queue(session, drip, step, thread, now)
    return most


def _queue(session: Session, drip: Drip, step: DueStep, thread: Thread, now: datetime) -> None:
    enrollment = session.get_one(Enrollment, step.enrollment_id)
    program = drip.content.program(thread.language)
    found = next((each for each in program.steps if each.id == step.step), None)
    if thread.flagged_at or thread.opted_out_at or enrollment.state != EnrollmentState.ACTIVE:
        step.state = StepState.HELD
    elif found is None:  # taken out of the program since it was scheduled
        step.state = StepState.SKIPPED
        schedule_next(session, enrollment, thread, drip.content, now)
    elif too_late(step.due_at, now):
        retime(session, step, thread, drip.content, now)
    else:
        _hand_over(session, drip, step, found, thread, now)
        schedule_next(session, enrollment, thread, drip.content, now)


def _hand_over(
    session: Session, drip: Drip, step: DueStep, found: Step, thread: Thread, now: datetime
) -> None:
    program = drip.content.program(thread.language)
    enqueue(
        session,
        key=f"drip:{step.enrollment_id}:{step.step}",
        kind=Kind.TIP,
        body=program.message(found),
        thread=thread,
        limits=drip.limits,
        now=now,
        due=step.due_at,
    )
    step.state, step.queued_at = StepState.QUEUED, now


def schedule_next(
    session: Session,
    enrollment: Enrollment,
    thread: Thread,
    content: Content,
    now: datetime,
    *,
    first: bool = False,
) -> None:
    """Write the row of the next step; the enrollment is finished when there is none.

    The first step is due now, every other one the program's gap after today, at the preferred time.
    """
    session.flush()
    program = content.program(thread.language)
    taken = session.scalars(select(DueStep.step).where(DueStep.enrollment_id == enrollment.id))
    following = next_step(program, taken.all())
    if following is None:
        conditional = update(Enrollment).where(
            Enrollment.id == enrollment.id, Enrollment.state == EnrollmentState.ACTIVE
        )
        session.execute(conditional.values(state=EnrollmentState.FINISHED))
        return
    preferred = content.clinic.program.preferred_times.morning
    gap = gap_before(program, following)
    insert_if_new(
        session,
        DueStep,
        enrollment_id=enrollment.id,
        thread_id=thread.id,
        step=following.id,
        state=StepState.SCHEDULED,
        due_at=now if first else slot_after(now, gap, preferred, zones(thread.zone)[0]),
    )


def release_held_tips(drip: Drip, most: int = 200) -> int:
    """Re-time tips that were held because an outage made them late; how many threads were looked at.

    Tips held for a flag or a pause are released by whoever ends the flag or the pause.
    """
    now = drip.clock.now()
    with drip.database.transaction() as session:
        late = select(OutboundMessage.thread_id).where(
            OutboundMessage.state == State.HELD,
            OutboundMessage.kind == Kind.TIP,
            OutboundMessage.reason == TOO_LATE,
        )
        thread_ids = session.scalars(late.limit(most)).all()
        for thread_id in thread_ids:
            thread = select(Thread).where(Thread.id == thread_id).with_for_update(skip_locked=True)
            if found := session.scalars(thread).first():
                release(session, found, drip.content, now)
    return len(thread_ids)
