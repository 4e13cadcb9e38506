"""Put a patient on the program; pause, resume and end it."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service import history
from service.content import Content
from service.db import changed, insert_if_new
from service.drip.models import DueStep, Enrollment
from service.drip.rules import EnrollmentState, StepState
from service.drip.tick import schedule_next
from service.drip.timing import hold, release
from service.patients.models import Thread

OPEN = (EnrollmentState.ACTIVE, EnrollmentState.PAUSED)


def open_enrollment(session: Session, thread_id: int) -> Enrollment | None:
    """The enrollment of a thread that has not ended, if there is one."""
    return session.scalar(
        select(Enrollment).where(Enrollment.thread_id == thread_id, Enrollment.state.in_(OPEN))
    )


def enroll(
    session: Session, thread: Thread, patient_id: int, content: Content, now: datetime
) -> bool:
    """Start the program, its first step due at once; False when one is already under way.

    Consent is recorded by the caller, in the same transaction.
    """
    program = content.program(thread.language)
    enrollment_id = insert_if_new(
        session,
        Enrollment,
        patient_id=patient_id,
        thread_id=thread.id,
        state=EnrollmentState.ACTIVE,
        program_version=program.version,
        enrolled_at=now,
    )
    if enrollment_id is None:
        return False
    enrollment = session.get_one(Enrollment, enrollment_id)
    schedule_next(session, enrollment, thread, content, now, first=True)
    if thread.flagged_at is not None:
        hold(session, thread.id, "a flag is open")
    _remember(session, enrollment, now, "enrolled")
    return True


def pause(session: Session, thread_id: int, now: datetime) -> bool:
    """Rest until `resume`; False when there is nothing to pause."""
    return _move(session, thread_id, EnrollmentState.ACTIVE, EnrollmentState.PAUSED, now)


def resume(session: Session, thread: Thread, content: Content, now: datetime) -> bool:
    """Go on after a pause, at the next preferred time; False when nothing was paused."""
    moved = _move(session, thread.id, EnrollmentState.PAUSED, EnrollmentState.ACTIVE, now)
    if moved:
        release(session, thread, content, now)
    return moved


def stop(session: Session, thread_id: int, now: datetime) -> bool:
    """End the program for good; False when none was under way."""
    stopped = [_move(session, thread_id, state, EnrollmentState.STOPPED, now) for state in OPEN]
    return any(stopped)


def last_queued(session: Session, thread_id: int) -> DueStep | None:
    """The step this thread was sent last: what MORE and a bare "1" refer to."""
    return session.scalar(
        select(DueStep)
        .where(DueStep.thread_id == thread_id, DueStep.state == StepState.QUEUED)
        .order_by(DueStep.queued_at.desc())
        .limit(1)
    )


def answer_check_in(session: Session, step_id: int, now: datetime) -> None:
    """Record that the check-in of this step was answered."""
    unanswered = update(DueStep).where(DueStep.id == step_id, DueStep.answered_at.is_(None))
    session.execute(unanswered.values(answered_at=now))


def _move(
    session: Session,
    thread_id: int,
    old: EnrollmentState,
    new: EnrollmentState,
    now: datetime,
) -> bool:
    enrollment = session.scalar(
        select(Enrollment).where(Enrollment.thread_id == thread_id, Enrollment.state == old)
    )
    if enrollment is None:
        return False
    conditional = update(Enrollment).where(Enrollment.id == enrollment.id, Enrollment.state == old)
    if not changed(session.execute(conditional.values(state=new))):
        return False
    if new is not EnrollmentState.ACTIVE:
        hold(session, thread_id, f"the program is {new}")
    _remember(session, enrollment, now, f"program {new}")
    return True


def _remember(session: Session, enrollment: Enrollment, now: datetime, action: str) -> None:
    history.record(
        session,
        at=now,
        actor=history.SYSTEM,
        action=action,
        subject=f"thread:{enrollment.thread_id}",
        enrollment=enrollment.id,
    )
