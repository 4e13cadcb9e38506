"""Pause, resume and end a program."""

from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from service import history
from service.content import Content
from service.db import any_of, changed
from service.drip.models import Enrollment
from service.drip.rules import STAFF_ONLY, EnrollmentState, PausedBy
from service.drip.timing import drop, hold, release
from service.patients.models import Thread

OPEN = (EnrollmentState.ACTIVE, EnrollmentState.PAUSED)

_OPEN_OF = select(Enrollment).where(
    Enrollment.thread_id == bindparam("thread"), any_of(Enrollment.state, OPEN)
)


def open_enrollment(session: Session, thread_id: int) -> Enrollment | None:
    """The enrollment of a thread that has not ended, if there is one."""
    return session.scalar(_OPEN_OF, {"thread": thread_id})


def pause(
    session: Session,
    thread_id: int,
    now: datetime,
    by: PausedBy = PausedBy.PATIENT,
    actor: str = history.SYSTEM,
) -> bool:
    """Rest until `resume`; False when nothing was active. What waits in the outbox rests as well."""
    hold(session, thread_id, f"paused: {by}")
    enrollment = open_enrollment(session, thread_id)
    if enrollment is None:
        return False
    active = update(Enrollment).where(
        Enrollment.id == enrollment.id, Enrollment.state == EnrollmentState.ACTIVE
    )
    values = {"state": EnrollmentState.PAUSED, "paused_by": by}
    if not changed(session.execute(active.values(values))):
        return False
    remember(session, enrollment, now, "program paused", actor, by=by)
    return True


def resume(
    session: Session,
    thread: Thread,
    content: Content,
    now: datetime,
    *,
    staff: str | None = None,
) -> bool:
    """Go on at the patient's next slot; False when nothing was paused, or only staff may lift it.

    `staff` is the actor when a member of staff says so. What an opt-out has held goes on as well.
    """
    enrollment = open_enrollment(session, thread.id)
    if enrollment is None:
        release(session, thread, content, now)  # the last tip may still wait
        return False
    if enrollment.paused_by in STAFF_ONLY and staff is None:
        return False
    paused = update(Enrollment).where(
        Enrollment.id == enrollment.id, Enrollment.state == EnrollmentState.PAUSED
    )
    values = {"state": EnrollmentState.ACTIVE, "paused_by": None, "heard_at": now}
    moved = bool(changed(session.execute(paused.values(values))))
    if moved:
        remember(session, enrollment, now, "program resumed", staff or history.PATIENT)
    release(session, thread, content, now)
    return moved


def stop(session: Session, thread_id: int, now: datetime, actor: str = history.SYSTEM) -> bool:
    """End the program for good; False when none was under way."""
    hold(session, thread_id, "the program was ended")
    drop(session, thread_id, "the program was ended", now)
    enrollment = open_enrollment(session, thread_id)
    if enrollment is None:
        return False
    enrollment.state, enrollment.paused_by = EnrollmentState.STOPPED, None
    remember(session, enrollment, now, "program stopped", actor)
    return True


def remember(
    session: Session,
    enrollment: Enrollment,
    now: datetime,
    action: str,
    actor: str = history.SYSTEM,
    **detail: str,
) -> None:
    """Note in the history what became of an enrollment."""
    history.record(
        session,
        at=now,
        actor=actor,
        action=action,
        subject=f"thread:{enrollment.thread_id}",
        enrollment=enrollment.id,
        **detail,
    )
