"""One patient's program: what they will get and when, and what staff may do about it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from service import history
from service.console import shell, words
from service.console.deeds import SAID
from service.console.guard import Actor, ConsoleRoute, Viewer, Visit
from service.console.patient import remember_opening
from service.console.people import people_of
from service.conversation import by_staff
from service.drip import rest
from service.drip.models import DueStep, Enrollment
from service.drip.plan import coming
from service.drip.rules import EnrollmentState, PausedBy, StepState
from service.errors import NotFound
from service.patients.models import Thread
from service.tongue import N_, Words

router = APIRouter(prefix="/console/patients/{thread_id}/program", route_class=ConsoleRoute)

ENROLLMENTS: Words[EnrollmentState] = Words(
    {
        EnrollmentState.ACTIVE: N_("On the program"),
        EnrollmentState.PAUSED: N_("Resting"),
        EnrollmentState.FINISHED: N_("Has had the whole program"),
        EnrollmentState.STOPPED: N_("Ended by staff"),
    }
)

PARTS_OF_DAY: Words[str] = Words({"morning": N_("mornings"), "evening": N_("evenings")})

Told = Literal["in_person", "by_phone", "on_paper"]


@router.get("")
def show(visit: Viewer, thread_id: int, said: str = "") -> HTMLResponse:
    """What has been sent, and what is to come, to the end, in the patient's language."""
    content = visit.house.line.content
    with visit.house.database.transaction() as session:
        thread = _thread(session, thread_id)
        remember_opening(session, visit, f"thread:{thread_id}")
        enrollment = session.scalar(
            select(Enrollment)
            .where(Enrollment.thread_id == thread_id)
            .order_by(Enrollment.id.desc())
            .limit(1)
        )
        ahead = coming(session, enrollment, thread, content, visit.now) if enrollment else []
        return shell.page(
            visit,
            "program.html",
            person=people_of(session, [thread], visit.now)[thread_id],
            lang=thread.language,
            enrollment=enrollment,
            part_of_day=PARTS_OF_DAY[enrollment.part_of_day] if enrollment else None,
            state=ENROLLMENTS[EnrollmentState(enrollment.state)] if enrollment else None,
            why=words.PAUSED_BY[PausedBy(enrollment.paused_by)]
            if enrollment and enrollment.paused_by
            else None,
            had=_had(session, enrollment),
            ahead=ahead,
            said=SAID.get(said),
        )


def _had(session: Session, enrollment: Enrollment | None) -> list[DueStep]:
    if enrollment is None:
        return []
    sent = select(DueStep).where(
        DueStep.enrollment_id == enrollment.id, DueStep.state == StepState.QUEUED
    )
    return list(session.scalars(sent.order_by(DueStep.queued_at)))


@router.post("/pause")
def pause(visit: Actor, thread_id: int) -> Response:
    """Let the tips rest."""
    with visit.house.database.transaction() as session:
        thread = _thread(session, thread_id, lock=True)
        rest.pause(session, thread.id, visit.now, PausedBy.STAFF, _actor(visit))
    return _back(thread_id, "resting")


@router.post("/go-on")
def go_on(visit: Actor, thread_id: int) -> Response:
    """Let the tips go on."""
    with visit.house.database.transaction() as session:
        thread = _thread(session, thread_id, lock=True)
        by_staff.let_go_on(
            session, visit.house.line, thread, staff_id=visit.who.staff_id, now=visit.now
        )
    return _back(thread_id, "going_on")


@router.post("/end")
def end(visit: Actor, thread_id: int) -> Response:
    """End the program for this patient."""
    with visit.house.database.transaction() as session:
        thread = _thread(session, thread_id, lock=True)
        rest.stop(session, thread.id, visit.now, _actor(visit))
    return _back(thread_id, "ended")


@router.post("/invite")
def invite(visit: Actor, thread_id: int, told: Annotated[Told, Form()]) -> Response:
    """Ask by text whether they agree to the tips."""
    with visit.house.database.transaction() as session:
        thread = _thread(session, thread_id, lock=True)
        by_staff.invite(
            session,
            visit.house.line,
            thread,
            staff_id=visit.who.staff_id,
            said=told,
            now=visit.now,
        )
    return _back(thread_id, "invited")


@router.post("/opt-out")
def opt_out(
    visit: Actor, thread_id: int, quoted: Annotated[str, Form(max_length=500)] = ""
) -> Response:
    """They told staff that they want no more: stop everything at once."""
    with visit.house.database.transaction() as session:
        thread = _thread(session, thread_id, lock=True)
        staff_id, now = visit.who.staff_id, visit.now
        by_staff.opt_out_for(session, thread, staff_id=staff_id, words=quoted.strip(), now=now)
    return _back(thread_id, "opted_out")


def _thread(session: Session, thread_id: int, *, lock: bool = False) -> Thread:
    wanted = select(Thread).where(Thread.id == thread_id)
    found = session.scalar(wanted.with_for_update() if lock else wanted)
    if found is None:
        raise NotFound("There is no such patient.")
    return found


def _actor(visit: Visit) -> str:
    return history.staff_actor(visit.who.staff_id)


def _back(thread_id: int, said: str) -> Response:
    return RedirectResponse(f"/console/patients/{thread_id}/program?said={said}", 303)
