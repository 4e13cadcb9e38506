"""One patient: what waits, what was said, and the deeds that take it off the queue."""

from collections.abc import Collection
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from service import history
from service.console import shell, thread
from service.console.agreed import agreed
from service.console.call_back import proposed, ringing
from service.console.deeds import SAID
from service.console.guard import Actor, ConsoleRoute, Viewer, Visit, may_close
from service.console.people import Person, people_of
from service.console.raised import by_holder, cards
from service.console.reply import draft
from service.errors import NotFound
from service.patients.models import Thread
from service.report_requests.models import ReportRequest
from service.review import call_back, queue, resolve
from service.review.rules import Outcome
from service.review.tries import UNREACHED
from service.staff.accounts import colleagues, names
from service.triage.rules import Level

router = APIRouter(prefix="/console/patients/{thread_id}", route_class=ConsoleRoute)

Items = Annotated[list[int], Form(default_factory=list)]
Text = Annotated[str, Form(max_length=4000)]


@router.get("")
def show(
    visit: Viewer, thread_id: int, said: str = "", everything: bool = False, template: str = ""
) -> HTMLResponse:
    """The patient's page. That it was opened, and by whom, is remembered."""
    with visit.house.database.transaction() as session:
        person = _person(session, visit, thread_id)
        remember_opening(session, visit, f"thread:{thread_id}")
        staff, others = names(session), colleagues(session, visit.who.staff_id)
        told = ringing(session, visit, thread_id)
        laid_out = cards(session, queue.open_items(session, thread_id))
        said_there = thread.read(session, thread_id, staff, everything=everything)
        requests = session.scalars(
            select(ReportRequest)
            .where(ReportRequest.thread_id == thread_id)
            .order_by(ReportRequest.id.desc())
        ).all()
        owner = session.get_one(Thread, thread_id)
        consents = agreed(session, thread_id)
    return shell.page(
        visit,
        "patient.html",
        person=person,
        open=by_holder(laid_out.values(), visit.who.staff_id, staff),
        ringing=told,
        worst=Level.highest(card.level for card in laid_out.values()),
        thread=said_there,
        requests=requests,
        colleagues=others,
        said=SAID.get(said),
        agreed=consents,
        draft=draft(visit, owner, template) if person.may_be_texted else None,
    )


@router.post("/claim")
def claim(visit: Actor, thread_id: int, item: Items) -> Response:
    """Take what is open."""
    with visit.house.database.transaction() as session:
        resolve.claim(session, _own(session, thread_id, item), visit.who.staff_id, visit.now)
    return _back(thread_id, "claimed")


@router.post("/hand-back")
def hand_back(visit: Actor, thread_id: int, item: Items) -> Response:
    """Put it back into the queue."""
    with visit.house.database.transaction() as session:
        resolve.hand_back(session, _own(session, thread_id, item), visit.who.staff_id, visit.now)
    return _back(thread_id, "handed_back")


@router.post("/notes")
def add_note(visit: Actor, thread_id: int, body: Text) -> Response:
    """Keep a note on the patient."""
    with visit.house.database.transaction() as session:
        _person(session, visit, thread_id)
        if body.strip():
            resolve.add_note(
                session, thread_id, staff_id=visit.who.staff_id, body=body.strip(), now=visit.now
            )
    return _back(thread_id, "noted")


@router.post("/close")
def close(
    visit: Actor,
    thread_id: int,
    item: Items,
    outcome: Annotated[Outcome, Form()],
    note: Text = "",
) -> Response:
    """Close what was on the screen, with what came of it; the program may go on after the last flag.

    Whoever was not reached stays on the list: the try is counted instead.
    """
    if outcome in UNREACHED:
        return _count_try(visit, thread_id, outcome, note)
    with visit.house.database.transaction() as session:
        still_open = queue.open_items(session, thread_id)
        may_close(visit, (each.level for each in still_open if each.id in item))
        cleared = resolve.close(
            session,
            _own(session, thread_id, item),
            staff_id=visit.who.staff_id,
            outcome=outcome,
            note=note.strip(),
            now=visit.now,
        )
        if cleared:
            visit.house.on_flags_cleared(session, thread_id, visit.now)
        left = queue.open_items(session, thread_id)
    return _back(thread_id, "closed") if left else RedirectResponse("/console?said=closed", 303)


def _count_try(visit: Visit, thread_id: int, outcome: Outcome, note: str) -> Response:
    with visit.house.database.transaction() as session:
        next_at = proposed(visit, session, thread_id)
        staff_id, now = visit.who.staff_id, visit.now
        call_back.count_try(session, thread_id, staff_id, outcome, note.strip(), next_at, now)
    return _back(thread_id, "tried")


def _person(session: Session, visit: Visit, thread_id: int) -> Person:
    found = session.get(Thread, thread_id)
    if found is None:
        raise NotFound("There is no such patient.")
    return people_of(session, [found], visit.now)[thread_id]


def _own(session: Session, thread_id: int, wanted: Collection[int]) -> list[int]:
    return [item.id for item in queue.open_items(session, thread_id) if item.id in wanted]


def remember_opening(session: Session, visit: Visit, subject: str) -> None:
    """Note in the history who looked at what."""
    actor = history.staff_actor(visit.who.staff_id)
    history.record(session, at=visit.now, actor=actor, action="opened", subject=subject)


def _back(thread_id: int, said: str) -> Response:
    return RedirectResponse(f"/console/patients/{thread_id}?said={said}", 303)
