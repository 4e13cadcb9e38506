"""One thing in the queue that belongs to no patient: an event without a sender, an alert that failed."""

from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from service import history
from service.console import shell, words
from service.console.deeds import SAID
from service.console.guard import Actor, ConsoleRoute, Viewer, may_close
from service.console.patient import Text, remember_opening
from service.console.raised import by_holder, cards, source_id
from service.errors import Conflict, NotFound
from service.review import resolve
from service.review.models import ReviewItem
from service.review.rules import Outcome, State
from service.staff.accounts import colleagues, names
from service.tongue import gettext

router = APIRouter(prefix="/console/items/{item_id}", route_class=ConsoleRoute)


@router.get("")
def show(visit: Viewer, item_id: int, said: str = "") -> Response:
    """The item's page; what belongs to a patient is shown on the patient's."""
    with visit.house.database.transaction() as session:
        item = _item(session, item_id)
        if item.thread_id is not None:
            return RedirectResponse(f"/console/patients/{item.thread_id}", 303)
        remember_opening(session, visit, f"review:{item_id}")
        card = cards(session, [item])[item_id]
        staff, others = names(session), colleagues(session, visit.who.staff_id)
    return shell.page(
        visit,
        "item.html",
        item=item,
        card=card,
        open=by_holder([card], visit.who.staff_id, staff) if item.state != State.CLOSED else None,
        closer=staff.get(item.closed_by or 0) or gettext("Staff"),
        outcome=words.OUTCOMES[Outcome(item.outcome)] if item.outcome else "",
        colleagues=others,
        said=SAID.get(said),
    )


@router.post("/claim")
def claim(visit: Actor, item_id: int) -> Response:
    """Take it."""
    with visit.house.database.transaction() as session:
        resolve.claim(session, [item_id], visit.who.staff_id, visit.now)
    return _back(item_id, "claimed")


@router.post("/hand-back")
def hand_back(visit: Actor, item_id: int) -> Response:
    """Put it back into the queue."""
    with visit.house.database.transaction() as session:
        resolve.hand_back(session, [item_id], visit.who.staff_id, visit.now)
    return _back(item_id, "handed_back")


@router.post("/close")
def close(
    visit: Actor, item_id: int, outcome: Annotated[Outcome, Form()], note: Text = ""
) -> Response:
    """Close it, with what came of it."""
    with visit.house.database.transaction() as session:
        found = _item(session, item_id)
        may_close(visit, [found.level])
        if found.thread_id is not None:
            raise Conflict("This belongs to a patient: close it on the patient's page.")
        resolve.close(
            session,
            [item_id],
            staff_id=visit.who.staff_id,
            outcome=outcome,
            note=note.strip(),
            now=visit.now,
        )
    return RedirectResponse("/console?said=closed", 303)


@router.post("/replay")
def replay(visit: Actor, item_id: int) -> Response:
    """Handle a failed event again. It stays in the queue until somebody has read and closed it."""
    with visit.house.database.transaction() as session:
        event_id = source_id(_item(session, item_id).subject, "event")
        if event_id is None:
            raise Conflict("Only an event that could not be handled can be handled again.")
        history.record(
            session,
            at=visit.now,
            actor=history.staff_actor(visit.who.staff_id),
            action="replayed",
            subject=f"event:{event_id}",
        )
    went_well = visit.house.replay(event_id)
    return _back(item_id, "replayed" if went_well else "replay_failed")


def _item(session: Session, item_id: int) -> ReviewItem:
    item = session.get(ReviewItem, item_id)
    if item is None:
        raise NotFound("There is no such item.")
    return item


def _back(item_id: int, said: str) -> Response:
    return RedirectResponse(f"/console/items/{item_id}?said={said}", 303)
