"""Put a patient on the program, and keep what they wish and answer."""

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from service.content import Content
from service.db import insert_if_new
from service.drip.models import DueStep, Enrollment
from service.drip.rest import open_enrollment, remember
from service.drip.rules import NORMAL, EnrollmentState, PartOfDay, PausedBy, StepState
from service.drip.slots import calendar_of, first_slot, slot
from service.drip.tick import schedule_next
from service.drip.timing import drop, hold, rhythm_of
from service.patients.models import Thread

_LAST_QUEUED = (
    select(DueStep)
    .where(DueStep.thread_id == bindparam("thread"), DueStep.state == StepState.QUEUED)
    .order_by(DueStep.queued_at.desc())
    .limit(1)
)


def enroll(
    session: Session, thread: Thread, patient_id: int, content: Content, now: datetime
) -> bool:
    """Start the program, its first step due at once; False when one is already under way.

    Consent is recorded by the caller, in the same transaction.
    """
    program = content.program(thread.language)
    if open_enrollment(session, thread.id) is None:
        drop(session, thread.id, "a new program was begun", now)
    enrollment_id = insert_if_new(
        session,
        Enrollment,
        patient_id=patient_id,
        thread_id=thread.id,
        state=EnrollmentState.ACTIVE,
        program_version=program.version,
        enrolled_at=now,
        plan=" ".join(step.id for step in program.steps),
        part_of_day=PartOfDay.MORNING,
        pace=NORMAL,
        heard_at=now,
    )
    if enrollment_id is None:
        return False
    enrollment = session.get_one(Enrollment, enrollment_id)
    rhythm, calendar = rhythm_of(enrollment, thread, content.clinic), calendar_of(content.clinic)
    schedule_next(session, enrollment, thread, content, now, due=first_slot(now, rhythm, calendar))
    if thread.flagged_at is not None:
        enrollment.state, enrollment.paused_by = EnrollmentState.PAUSED, PausedBy.FLAG
        hold(session, thread.id, "a flag is open")
    remember(session, enrollment, now, "enrolled")
    return True


def prefer(
    session: Session,
    thread: Thread,
    content: Content,
    now: datetime,
    *,
    part: PartOfDay | None = None,
    pace: int | None = None,
) -> bool:
    """Keep when, or how often, the patient wants tips, and move the next one; False without a program.

    A slower pace counts from the next step on; the one that is already due keeps its day.
    """
    enrollment = open_enrollment(session, thread.id)
    if enrollment is None:
        return False
    enrollment.part_of_day = part or enrollment.part_of_day
    enrollment.pace = pace or enrollment.pace
    session.flush()
    scheduled = session.scalar(
        select(DueStep).where(
            DueStep.enrollment_id == enrollment.id, DueStep.state == StepState.SCHEDULED
        )
    )
    if scheduled is not None and part is not None:
        rhythm = rhythm_of(enrollment, thread, content.clinic)
        start = scheduled.due_at.astimezone(rhythm.home).replace(hour=0, minute=0)
        scheduled.due_at = slot(max(start, now), rhythm, calendar_of(content.clinic))
    return True


def last_queued(session: Session, thread_id: int) -> DueStep | None:
    """The step this thread was sent last: what MORE and a bare "1" refer to."""
    return session.scalar(_LAST_QUEUED, {"thread": thread_id})


def answer_check_in(session: Session, step_id: int, now: datetime) -> None:
    """Record that the check-in of this step was answered."""
    step = session.get_one(DueStep, step_id)
    step.answered_at = step.answered_at or now


def hear(session: Session, thread_id: int, now: datetime) -> None:
    """The patient has said something: nobody needs to ask whether they are still there."""
    if enrollment := open_enrollment(session, thread_id):
        enrollment.heard_at = now
