"""Write to a patient by hand: from a template or not, within their hours or, said so, outside."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select

from service.console.guard import Actor, ConsoleRoute, Visit
from service.content import segments
from service.conversation import by_staff
from service.errors import BacktalkError, NotFound
from service.patients.models import Thread
from service.patients.rules import next_permitted, zones
from service.tongue import ngettext
from service.wording import alphabet

router = APIRouter(prefix="/console/patients/{thread_id}", route_class=ConsoleRoute)

LONGEST = 4
"""Segments. More is a letter, and carriers cut or drop it."""

MOST_CHARACTERS = 2000
MOST_SEGMENTS = 30
"""Of so many characters, at 67 a segment."""


class Unsendable(BacktalkError):
    """Nothing was written, or too much."""

    status = 400


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form for a text needs."""

    text: str
    templates: Mapping[str, str]  # what each is called, by key
    waits_until: datetime | None  # outside the patient's hours: when they begin (UTC)
    key: str  # of this form: a second click sends nothing
    once: str  # the alphabet of cheap texts, for the counter
    twice: str
    counted: Sequence[str]  # what the counter says of one segment, of two, and so on
    longest: int = LONGEST


def draft(visit: Visit, thread: Thread, template: str) -> Draft:
    """A form with the template called so, or an empty one."""
    line = visit.house.line
    texts = line.content.for_staff(thread.language)
    chosen = texts.get(template)
    where = zones(thread.zone, thread.address_zone)
    leaves = next_permitted(visit.now, line.limits.hours, where)
    once, twice = alphabet()
    return Draft(
        text=chosen.text if chosen else "",
        templates={key: each.note or key for key, each in texts.items()},
        waits_until=leaves if leaves > visit.now else None,
        key=secrets.token_hex(8),
        once=once,
        twice=twice,
        counted=[_counted(parts) for parts in range(1, MOST_SEGMENTS + 1)],
    )


def _counted(parts: int) -> str:
    return ngettext(
        "%(characters)s characters, %(num)d segment.",
        "%(characters)s characters, %(num)d segments.",
        parts,
        characters="{characters}",
    )


@router.post("/reply")
def send(
    visit: Actor,
    thread_id: int,
    body: Annotated[str, Form(max_length=MOST_CHARACTERS)],
    key: Annotated[str, Form(pattern="^[0-9a-f]{16}$")],
    at_once: Annotated[bool, Form()] = False,
) -> Response:
    """Send it, or let it wait for the patient's hours."""
    text = body.replace("\r\n", "\n").strip()
    if not text or segments(text) > LONGEST:
        raise Unsendable(
            "Write something, of %(most)d segments at most. Nothing was sent.", most=LONGEST
        )
    line = visit.house.line
    with visit.house.database.transaction() as session:
        locked = select(Thread).where(Thread.id == thread_id).with_for_update()
        thread = session.scalar(locked)
        if thread is None:
            raise NotFound("There is no such patient.")
        leaves = by_staff.write(
            session,
            line,
            thread,
            body=text,
            key=key,
            staff_id=visit.who.staff_id,
            at_once=at_once,
            now=visit.now,
        )
    line.wake()
    said = "text_waits" if leaves > visit.now else "text_sent"
    return RedirectResponse(f"/console/patients/{thread_id}?said={said}", 303)
