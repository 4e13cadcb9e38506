"""Ring a patient back with one tap, and write down what came of it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.console import words
from service.console.guard import Actor, ConsoleRoute, Visit, may_close
from service.errors import Conflict, NotFound
from service.outbox.models import OutboundMessage
from service.outbox.rules import State
from service.patients.models import Thread
from service.review import call_back, queue
from service.review.models import CallBack
from service.review.rules import Outcome
from service.review.tries import REACHED, UNREACHED
from service.staff.models import Staff
from service.tongue import gettext, ngettext

router = APIRouter(prefix="/console/patients/{thread_id}", route_class=ConsoleRoute)

Text = Annotated[str, Form(max_length=4000)]

OUTCOMES = (*REACHED, *UNREACHED)


@dataclass(frozen=True, slots=True)
class Ringing:
    """What the patient's page tells of ringing: the call that waits for its outcome, and the tries so far."""

    open_id: int | None
    said: str
    outcomes: tuple[tuple[str, str], ...]
    next_try: str  # for the form: the clinic's local time, to the minute
    tries: str
    has_phone: bool


@router.post("/ring")
def ring(visit: Actor, thread_id: int) -> Response:
    """Ring the staff member's own phone, and from there the patient."""
    with visit.house.database.transaction() as session:
        thread = session.get(Thread, thread_id)
        if thread is None:
            raise NotFound("There is no such patient.")
        call_back.ring(session, thread, visit.who.staff_id, visit.now)
    visit.house.line.wake()
    return RedirectResponse(f"/console/patients/{thread_id}?said=ringing#call", 303)


@router.post("/calls/{call_back_id}")
def settle(
    visit: Actor,
    thread_id: int,
    call_back_id: int,
    outcome: Annotated[Outcome, Form()],
    note: Text = "",
    next_try: Annotated[str, Form()] = "",
) -> Response:
    """Write down what came of a call."""
    if outcome not in OUTCOMES:
        raise Conflict("A call ends in one of the outcomes on the page.")
    with visit.house.database.transaction() as session:
        mine = call_back.find(session, call_back_id, thread_id, visit.who.staff_id)
        if outcome in REACHED:
            held = queue.open_items(session, thread_id)
            may_close(visit, (each.level for each in held if each.claimed_by == mine.staff_id))
        next_at = when(visit, session, thread_id, next_try) if outcome in UNREACHED else None
        cleared = call_back.settle(session, mine, outcome, note.strip(), next_at, visit.now)
        if cleared:
            visit.house.on_flags_cleared(session, thread_id, visit.now)
        left = queue.open_items(session, thread_id)
    if outcome in UNREACHED:
        return RedirectResponse(f"/console/patients/{thread_id}?said=tried", 303)
    if left:
        return RedirectResponse(f"/console/patients/{thread_id}?said=closed", 303)
    return RedirectResponse("/console?said=closed", 303)


def when(visit: Visit, session: Session, thread_id: int, text: str) -> datetime:
    """When to try again: as the form says, in the clinic's local time, or as we propose."""
    try:
        chosen = datetime.fromisoformat(text).replace(tzinfo=visit.house.zone).astimezone(UTC)
    except ValueError:
        chosen = visit.now
    if chosen > visit.now:
        return chosen
    return proposed(visit, session, thread_id)


def proposed(visit: Visit, session: Session, thread_id: int) -> datetime:
    """When to try again if this try fails."""
    thread = session.get_one(Thread, thread_id)
    limits = visit.house.line.limits
    zone = ZoneInfo(thread.address_zone or thread.zone)
    return call_back.proposal(session, thread_id, visit.now, limits.hours, zone)


def ringing(session: Session, visit: Visit, thread_id: int) -> Ringing:
    """What the patient's page tells of ringing."""
    mine = call_back.unsettled(session, thread_id, visit.who.staff_id)
    tried = call_back.tried(session, [thread_id]).get(thread_id)
    local = proposed(visit, session, thread_id).astimezone(visit.house.zone)
    mobile = session.scalar(select(Staff.mobile).where(Staff.id == visit.who.staff_id))
    return Ringing(
        open_id=mine.id if mine else None,
        said=_said(session, mine, visit) if mine else "",
        outcomes=tuple((each.value, words.OUTCOMES[each]) for each in OUTCOMES),
        next_try=f"{local:%Y-%m-%dT%H:%M}",
        tries=tries_in_words(tried, visit) if tried else "",
        has_phone=mobile is not None,
    )


def tries_in_words(tried: call_back.Tried, visit: Visit) -> str:
    """The tries so far: "2 tries, next at 2:30 pm"."""
    if tried.next_at is None:
        return ngettext("%(num)d try", "%(num)d tries", tried.count)
    if tried.next_at <= visit.now:
        return ngettext("%(num)d try, try again now", "%(num)d tries, try again now", tried.count)
    zone = visit.house.zone
    same_day = tried.next_at.astimezone(zone).date() == visit.now.astimezone(zone).date()
    moment = words.clock_time if same_day else words.moment
    return ngettext(
        "%(num)d try, next at %(at)s",
        "%(num)d tries, next at %(at)s",
        tried.count,
        at=moment(tried.next_at, zone),
    )


def _said(session: Session, mine: CallBack, visit: Visit) -> str:
    """How the call stands, in plain words."""
    at = words.clock_time(mine.at, visit.house.zone)
    if mine.dialled == "completed":
        return gettext("You rang at %(at)s. You were connected.", at=at)
    if mine.dialled:
        return gettext("You rang at %(at)s. Nobody picked up.", at=at)
    if mine.connected_at:
        return gettext("You rang at %(at)s. Connecting you, or connected.", at=at)
    state = session.scalar(
        select(OutboundMessage.state).where(OutboundMessage.id == mine.outbound_id)
    )
    if state in (State.UNDELIVERED, State.FAILED, State.LOST):
        return gettext("At %(at)s we rang your phone, and could not reach you.", at=at)
    if state == State.DELIVERED:
        return gettext(
            "At %(at)s we rang your phone. No key was pressed, so the patient was not rung.", at=at
        )
    return gettext("Your phone rings now. Press 1 to be connected.")
