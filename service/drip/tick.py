"""Queue the steps that are due. A tick costs what is due, not what is enrolled."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from service.clock import Clock
from service.content import Content, Program, Step
from service.db import Database, insert_if_new
from service.drip.models import DueStep, Enrollment
from service.drip.rest import pause, remember
from service.drip.rules import (
    MOST_UNANSWERED,
    EnrollmentState,
    PausedBy,
    StepState,
    gap_before,
    next_step,
    too_late,
)
from service.drip.slots import calendar_of, slot, slot_after
from service.drip.timing import release, rhythm_of, waiting_tip
from service.outbox.enqueue import enqueue, recipient_of
from service.outbox.models import OutboundMessage
from service.outbox.rules import TOO_LATE, Kind, Limits, State, next_free
from service.patients.find import free_thread
from service.patients.models import Thread

QuietUntil = Callable[[Session, int, datetime], datetime | None]
"""Until when a thread is to be left alone, because somebody is talking there; None when it is not."""


@dataclass(frozen=True, slots=True)
class Drip:
    """What the drip needs, put together once."""

    database: Database
    content: Content
    limits: Limits
    clock: Clock
    quiet_until: QuietUntil


_NEXT = (
    select(DueStep)
    .where(
        DueStep.state == StepState.SCHEDULED,
        DueStep.due_at <= bindparam("now"),
    )
    .order_by(DueStep.due_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)
"""The step that has been due longest."""

_QUEUED = select(DueStep).where(
    DueStep.enrollment_id == bindparam("enrollment"), DueStep.state == StepState.QUEUED
)
_LATE = (
    select(OutboundMessage.thread_id)
    .where(
        OutboundMessage.state == State.HELD,
        OutboundMessage.kind == Kind.TIP,
        OutboundMessage.reason == TOO_LATE,
    )
    .limit(bindparam("most"))
)


def queue_due_steps(drip: Drip, most: int = 500) -> int:
    """Queue up to `most` steps that are due, one transaction each; how many were looked at."""
    busy: set[int] = set()
    for count in range(most):
        now = drip.clock.now()
        with drip.database.transaction() as session:
            due = _NEXT.where(DueStep.id.not_in(busy)) if busy else _NEXT
            step = session.scalar(due, {"now": now})
            if step is None:
                return count
            thread = free_thread(session, step.thread_id)
            if thread is None:
                busy.add(step.id)
            else:
                _queue(session, drip, step, thread, now)
    return most


def _queue(session: Session, drip: Drip, step: DueStep, thread: Thread, now: datetime) -> None:
    """One due step: rest, move to a better time, ask whether to go on, or send."""
    enrollment = session.get_one(Enrollment, step.enrollment_id)
    if why := _reason_to_rest(thread):
        pause(session, thread.id, now, why)
        return
    if enrollment.state != EnrollmentState.ACTIVE:
        step.state = StepState.HELD
        return
    if later := _better_time(session, drip, step, enrollment, thread, now):
        step.due_at = later
        return
    program, had = drip.content.program(thread.language), _had(session, enrollment)
    if (found := _upcoming(program, enrollment, had)) is None:
        session.delete(step)
        _finish(session, enrollment, now)
    elif _fell_silent(program, enrollment, had):
        _ask_whether_to_go_on(session, drip, step, enrollment, thread, now)
    else:
        _hand_over(session, drip, step, found, thread, now)
        schedule_next(session, enrollment, thread, drip.content, now, had=[*had, step])


def _reason_to_rest(thread: Thread) -> PausedBy | None:
    if thread.opted_out_at:
        return PausedBy.OPT_OUT
    if thread.flagged_at:
        return PausedBy.FLAG
    return None if thread.textable or thread.by_call else PausedBy.UNTEXTABLE


def _better_time(
    session: Session,
    drip: Drip,
    step: DueStep,
    enrollment: Enrollment,
    thread: Thread,
    now: datetime,
) -> datetime | None:
    """When to look again, if now is not the time: late, somebody talking, the limits reached."""
    clinic = drip.content.clinic
    rhythm, calendar = rhythm_of(enrollment, thread, clinic), calendar_of(clinic)
    if too_late(step.due_at, now):
        return slot(now, rhythm, calendar)
    if quiet := drip.quiet_until(session, thread.id, now):
        return slot(max(quiet, now + timedelta(hours=1)), rhythm, calendar)
    if waiting_tip(session, thread.id) is not None:  # never let a tip overtake the one before
        return slot_after(now, timedelta(days=1), rhythm, calendar)
    free = next_free(now, recipient_of(session, thread, Kind.TIP, now), drip.limits)
    return slot(free, rhythm, calendar) if free > now else None


def _had(session: Session, enrollment: Enrollment) -> Sequence[DueStep]:
    """The steps that were queued, so far."""
    return session.scalars(_QUEUED, {"enrollment": enrollment.id}).all()


def _upcoming(program: Program, enrollment: Enrollment, had: Sequence[DueStep]) -> Step | None:
    return next_step(program, [step.step for step in had], (enrollment.plan or "").split())


def _fell_silent(program: Program, enrollment: Enrollment, had: Sequence[DueStep]) -> bool:
    """Whether the last three check-ins brought no word at all."""
    asking = {each.id for each in program.steps if each.check_in}
    heard_at = enrollment.heard_at or enrollment.enrolled_at
    unanswered = [
        step
        for step in had
        if step.step in asking and step.queued_at and step.queued_at >= heard_at
    ]
    return len(unanswered) >= MOST_UNANSWERED


def _ask_whether_to_go_on(
    session: Session,
    drip: Drip,
    step: DueStep,
    enrollment: Enrollment,
    thread: Thread,
    now: datetime,
) -> None:
    """Ask once, then rest: the next word of the patient decides."""
    pause(session, thread.id, now, PausedBy.SILENCE)
    enqueue(
        session,
        key=f"go_on:{enrollment.id}:{step.step}",
        kind=Kind.TIP,
        body=drip.content.reply("still_there", thread.language),
        thread=thread,
        limits=drip.limits,
        now=now,
    )


def _hand_over(
    session: Session, drip: Drip, step: DueStep, found: Step, thread: Thread, now: datetime
) -> None:
    program = drip.content.program(thread.language)
    enqueue(
        session,
        key=f"drip:{step.enrollment_id}:{found.id}",
        kind=Kind.TIP,
        body=found.spoken if thread.by_call else program.message(found),
        by_call=thread.by_call,
        thread=thread,
        limits=drip.limits,
        now=now,
        due=step.due_at,
    )
    step.step, step.state, step.queued_at = found.id, StepState.QUEUED, now


def schedule_next(
    session: Session,
    enrollment: Enrollment,
    thread: Thread,
    content: Content,
    now: datetime,
    *,
    had: Sequence[DueStep] = (),
    due: datetime | None = None,
) -> None:
    """Write the row of the next step after those that they `had`; the enrollment is finished without one.

    It is due at `due`, or else the program's gap after today, in the patient's own slot.
    """
    program = content.program(thread.language)
    following = _upcoming(program, enrollment, had)
    if following is None:
        _finish(session, enrollment, now)
        return
    if due is None:
        gap = gap_before(program, following)
        rhythm = rhythm_of(enrollment, thread, content.clinic)
        due = slot_after(now, gap, rhythm, calendar_of(content.clinic))
    insert_if_new(
        session,
        DueStep,
        enrollment_id=enrollment.id,
        thread_id=thread.id,
        step=following.id,
        state=StepState.SCHEDULED,
        due_at=due,
    )


def _finish(session: Session, enrollment: Enrollment, now: datetime) -> None:
    enrollment.state = EnrollmentState.FINISHED
    remember(session, enrollment, now, "program finished")


def release_held_tips(drip: Drip, most: int = 200) -> int:
    """Re-time tips that were held because an outage made them late; how many threads were looked at.

    Tips held for a flag or a pause are released by whoever ends the flag or the pause.
    """
    now = drip.clock.now()
    with drip.database.transaction() as session:
        thread_ids = session.scalars(_LATE, {"most": most}).all()
        for thread_id in thread_ids:
            if thread_id and (thread := free_thread(session, thread_id)):
                release(session, thread, drip.content, now)
    return len(thread_ids)
