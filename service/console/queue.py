"""Who is waiting: the page that stays open all day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.console import shell, words
from service.console.call_back import tries_in_words
from service.console.deeds import SAID
from service.console.guard import Actor, ConsoleRoute, Viewer, Visit
from service.console.people import Person, people_of
from service.console.raised import Card, cards
from service.console.warnings import warnings
from service.patients.models import Thread
from service.review import resolve
from service.review.call_back import Tried, tried
from service.review.queue import Waiting, waiting
from service.staff.accounts import names
from service.staff.models import Staff
from service.triage.rules import Level

router = APIRouter(prefix="/console", route_class=ConsoleRoute)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the queue."""

    href: str
    person: Person | None
    card: Card  # the item that speaks for the line: the worst
    kinds: tuple[str, ...]
    level: Level
    waited: str
    due: str
    overdue: bool
    tries: str  # how often nobody was reached, and when to try again
    holder: str | None
    held_by_me: bool
    key: str  # the same for the same patient from look to look
    take: str | None  # where it is claimed, while somebody can
    items: tuple[int, ...]
    until: datetime | None  # put off until then
    reason: str


@dataclass(frozen=True, slots=True)
class Queue:
    """The whole queue: emergencies apart from the rest."""

    emergencies: Sequence[Line]
    others: Sequence[Line]
    resting: Sequence[Line]
    without_hurry: Sequence[int]  # items that may be closed all at once
    read_at: datetime
    may_ring: bool  # whether we know the phone of whoever looks
    warned: Sequence[str]  # of what keeps alerts from reaching anybody


@router.get("")
def show(visit: Viewer, said: str = "") -> HTMLResponse:
    """The queue."""
    return shell.page(visit, "queue.html", queue=_read(visit), said=SAID.get(said))


@router.get("/waiting")
def refresh(visit: Viewer) -> HTMLResponse:
    """The list alone, for the page that refreshes itself."""
    return shell.page(visit, "_waiting.html", queue=_read(visit))


@router.post("/close-clear")
def close_clear(visit: Actor, item: Annotated[list[int], Form(default_factory=list)]) -> Response:
    """Close what was on the screen and in which nothing was found, all at once."""
    with visit.house.database.transaction() as session:
        resolve.close_clear(session, item, staff_id=visit.who.staff_id, now=visit.now)
    return RedirectResponse("/console?said=closed", 303)


def _read(visit: Visit) -> Queue:
    with visit.house.database.reading() as session:
        groups = waiting(session, visit.now)
        laid_out = cards(session, [item for group in groups for item in group.items])
        people = people_of(session, _threads(session, groups), visit.now)
        staff = names(session)
        warned = warnings(session, visit)
        mobile = session.scalar(select(Staff.mobile).where(Staff.id == visit.who.staff_id))
        tries = tried(session, list(people))
    lines = [
        _line(group, laid_out, people, staff, _tries(tries.get(group.thread_id or 0), visit), visit)
        for group in groups
    ]
    awake = [line for line in lines if line.until is None]
    return Queue(
        emergencies=[line for line in awake if line.level is Level.EMERGENCY],
        others=[line for line in awake if line.level is not Level.EMERGENCY],
        resting=[line for line in lines if line.until is not None],
        without_hurry=[
            card.id
            for card in laid_out.values()
            if card.level is Level.CLEAR and card.claimed_by is None
        ],
        read_at=visit.house.wall.now(),
        may_ring=mobile is not None,
        warned=warned,
    )


def _threads(session: Session, groups: Sequence[Waiting]) -> Sequence[Thread]:
    ids = [group.thread_id for group in groups if group.thread_id is not None]
    return session.scalars(select(Thread).where(Thread.id.in_(ids))).all()


def _line(
    group: Waiting,
    laid_out: Mapping[int, Card],
    people: Mapping[int, Person],
    staff: Mapping[int, str],
    tries: str,
    visit: Visit,
) -> Line:
    own = [laid_out[item.id] for item in group.items]
    worst = max(own, key=lambda card: (card.level.rank, card.opened_at))
    person = people.get(group.thread_id) if group.thread_id is not None else None
    href = f"/console/patients/{group.thread_id}" if person else f"/console/items/{worst.id}"
    free = tuple(item.id for item in group.items if item.claimed_by is None)
    return Line(
        href=href,
        key=f"p{group.thread_id}" if person else f"i{worst.id}",
        take=f"{href}/claim" if free else None,
        items=free,
        until=group.snoozed_until,
        reason=next((item.snooze_reason or "" for item in group.items if item.snoozed_until), ""),
        person=person,
        card=worst,
        kinds=tuple(dict.fromkeys(words.KINDS[card.kind] for card in own)),
        level=group.level,
        waited=words.span(visit.now - group.opened_at),
        due=words.due(group.due_at, visit.now),
        overdue=group.overdue(visit.now),
        tries=tries,
        holder=staff.get(group.claimed_by) if group.claimed_by is not None else None,
        held_by_me=group.claimed_by == visit.who.staff_id,
    )


def _tries(so_far: Tried | None, visit: Visit) -> str:
    return tries_in_words(so_far, visit) if so_far else ""
