"""The whole program: every text with its length and price, what each does, and an invitation to it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from service.console import shell
from service.console.dashboard import draw_steps
from service.console.deeds import SAID
from service.console.funnel import funnel, makes_people_leave
from service.console.guard import Actor, ConsoleRoute, Viewer
from service.console.program import Told
from service.content import Content, segments
from service.conversation import by_staff
from service.errors import Conflict
from service.patients.find import lock_thread
from service.phone import to_e164

router = APIRouter(prefix="/console/tips", route_class=ConsoleRoute)

Spoken = Literal["en", "es"]


@dataclass(frozen=True, slots=True)
class Text:
    """One text of the program as it goes out."""

    number: int
    day: int
    body: str
    segments: int
    cost: Decimal


@router.get("")
def show(visit: Viewer, lang: Spoken = "en", said: str = "") -> HTMLResponse:
    """The program in one language, and the figures of each step in all."""
    content = visit.house.line.content
    with visit.house.database.reading() as session:
        figures = funnel(session, content.program(lang), visit.now)
    texts = texts_of(content, lang)
    return shell.page(
        visit,
        "tips.html",
        texts=texts,
        lang=lang,
        total=sum((text.cost for text in texts), Decimal()),
        segments=sum(text.segments for text in texts),
        figures=figures,
        chart=draw_steps(figures) if any(each.sent for each in figures) else None,
        leaving=makes_people_leave(figures),
        said=SAID.get(said),
    )


def texts_of(content: Content, language: str) -> list[Text]:
    """The texts of the program with what each costs to send."""
    program, price = content.program(language), content.clinic.program.segment_price
    return [
        Text(number, step.day, body, parts := segments(body), parts * price)
        for number, step in enumerate(program.steps, 1)
        for body in [program.message(step)]
    ]


@router.post("/invite")
def invite(
    visit: Actor,
    number: Annotated[str, Form(max_length=40)],
    lang: Annotated[Spoken, Form()],
    told: Annotated[Told, Form()],
) -> Response:
    """Ask somebody by text whether they agree to the tips: staff have typed the number."""
    phone = to_e164(number)
    if phone is None:
        raise Conflict("That is no telephone number we can text.")
    house = visit.house
    with house.database.transaction() as session:
        thread, is_new = lock_thread(
            session,
            house.database.keyring,
            phone,
            language=lang,
            zone=house.zone.key,
            now=visit.now,
        )
        if is_new:
            thread.language = lang
        staff_id = visit.who.staff_id
        by_staff.invite(session, house.line, thread, staff_id=staff_id, said=told, now=visit.now)
        thread_id = thread.id
    return RedirectResponse(f"/console/patients/{thread_id}/program?said=invited", 303)
