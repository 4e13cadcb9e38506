"""Hand what you hold to a colleague, or put it off until a time, on a patient's page or an item's."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.console.guard import Actor, ConsoleRoute
from service.errors import Conflict
from service.outbox.enqueue import enqueue_to_staff
from service.review import resolve
from service.review.models import ReviewItem
from service.review.rules import Snooze, wake_at
from service.staff.models import Staff
from service.triage.rules import Level

router = APIRouter(prefix="/console", route_class=ConsoleRoute)

Items = Annotated[list[int], Form(default_factory=list)]


def _one(item_id: int) -> list[int]:
    return [item_id]


def _of_patient(visit: Actor, thread_id: int, item: Items) -> list[int]:
    own = select(ReviewItem.id).where(ReviewItem.thread_id == thread_id, ReviewItem.id.in_(item))
    with visit.house.database.reading() as session:
        return list(session.scalars(own))


@router.post("/patients/{thread_id}/hand-over")
def hand_over(
    visit: Actor,
    thread_id: int,
    items: Annotated[list[int], Depends(_of_patient)],
    to: Annotated[int, Form()],
) -> Response:
    """Give what you hold of this patient to a colleague."""
    _give(visit, items, to)
    return RedirectResponse(f"/console/patients/{thread_id}?said=handed_over", 303)


@router.post("/items/{item_id}/hand-over")
def hand_item_over(
    visit: Actor,
    item_id: int,
    items: Annotated[list[int], Depends(_one)],
    to: Annotated[int, Form()],
) -> Response:
    """Give an item that belongs to no patient to a colleague."""
    _give(visit, items, to)
    return RedirectResponse(f"/console/items/{item_id}?said=handed_over", 303)


@router.post("/patients/{thread_id}/put-off")
def put_off(
    visit: Actor,
    items: Annotated[list[int], Depends(_of_patient)],
    until: Annotated[Snooze, Form()],
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Let what has no hurry of this patient rest until a time."""
    _rest(visit, items, until, reason)
    return RedirectResponse("/console?said=put_off", 303)


@router.post("/items/{item_id}/put-off")
def put_item_off(
    visit: Actor,
    items: Annotated[list[int], Depends(_one)],
    until: Annotated[Snooze, Form()],
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Let an item that belongs to no patient rest until a time."""
    _rest(visit, items, until, reason)
    return RedirectResponse("/console?said=put_off", 303)


def _give(visit: Actor, items: list[int], to: int) -> None:
    with visit.house.database.transaction() as session:
        colleague = session.get(Staff, to)
        if colleague is None or colleague.disabled_at is not None:
            raise Conflict("There is no such colleague (any more).")
        resolve.hand_over(session, items, staff_id=visit.who.staff_id, to=to, now=visit.now)
        if colleague.mobile:
            _tell(session, visit, items, colleague.mobile)
    visit.house.line.wake()


def _tell(session: Session, visit: Actor, items: list[int], mobile: str) -> None:
    """A text to whoever may not be at a screen: from now on nobody else looks after it."""
    content = visit.house.line.content
    levels = session.scalars(select(ReviewItem.level).where(ReviewItem.id.in_(items)))
    enqueue_to_staff(
        session,
        key=f"handed:{items[0]}:{visit.now.isoformat()}",
        to=mobile,
        body=content.reply(
            "staff_handed_over",
            content.clinic.languages[0],
            level=Level.highest(Level(level) for level in levels),
            link=f"{visit.house.public_url}/console/items/{items[0]}",
        ),
        now=visit.now,
    )


def _rest(visit: Actor, items: list[int], until: Snooze, reason: str) -> None:
    if not reason.strip():
        raise Conflict("Say why it can wait: whoever looks later will want to know.")
    with visit.house.database.transaction() as session:
        resolve.snooze(
            session,
            items,
            staff_id=visit.who.staff_id,
            until=wake_at(until, visit.now, visit.house.line.content.clinic),
            reason=reason.strip(),
            now=visit.now,
        )
