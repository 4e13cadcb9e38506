"""The phone page: a few phones side by side, and a clock that can be moved.

Only for a line without a real account: nothing here asks who you are.
"""

from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader
from pydantic import BaseModel, Field, StringConstraints

from service.clock import MovableClock
from service.phone import pretty, to_e164, zone_of
from service.simulator.carrier import Carrier
from service.simulator.orders import LONGEST_BODY
from service.simulator.page_calls import add_calls
from service.simulator.records import Kind, Phone
from service.simulator.refused import Refused
from service.simulator.snapshot import snapshot

NextDue = Callable[[], datetime | None]

_STATIC = {
    "phone.css": "text/css",
    "phone.js": "text/javascript",
    "thread.js": "text/javascript",
    "call.js": "text/javascript",
    "phone.svg": "image/svg+xml",
    "picture.png": "image/png",
}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
}


class Text(BaseModel):
    """A text somebody sends to the line; empty only when there is a picture."""

    sender: str = Field(alias="from")
    body: str = Field("", max_length=LONGEST_BODY)
    picture: bool = False


class NewPhone(BaseModel):
    """A phone to be put on the page."""

    number: str = Field(max_length=32)
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    kind: Kind = Kind.MOBILE
    lang: Literal["en", "es"] = "en"


class Move(BaseModel):
    """How far to move the clock: by hours, or to what is due next when none are given."""

    hours: float | None = Field(None, gt=0, le=24 * 31)


class PageRoute(APIRoute):
    """A route that answers what cannot be understood in a sentence, and never with what was written."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                raise HTTPException(422, "That cannot be used as it is.") from error

        return answer


def create_page(
    carrier: Carrier,
    clock: MovableClock,
    next_due: NextDue,
    clinic_name: str,
    moved: Callable[[], None],
) -> APIRouter:
    """/phone, its files, and the JSON it lives on."""
    router = APIRouter(prefix="/phone", include_in_schema=False, route_class=PageRoute)
    _add_files(router, carrier, clinic_name)
    _add_phones(router, carrier)
    add_calls(router, carrier)
    _add_clock(router, carrier, clock, next_due, moved)
    return router


def _add_files(router: APIRouter, carrier: Carrier, clinic_name: str) -> None:
    pages = Environment(loader=PackageLoader(__package__, "."), autoescape=True)
    zone = zone_of(carrier.line_number)
    html = pages.get_template("phone.html").render(
        clinic=clinic_name,
        initials="".join(word[0] for word in clinic_name.split()[:2]).upper(),
        line=pretty(carrier.line_number),
        zone=zone.key if zone else "UTC",
    )

    @router.get("")
    async def show_page() -> HTMLResponse:
        return HTMLResponse(html, headers=_HEADERS)

    @router.get("/static/{name}")
    async def give_file(name: str) -> Response:
        if name not in _STATIC:
            raise HTTPException(404)
        data = files(__package__).joinpath(name).read_bytes()
        return Response(data, media_type=_STATIC[name], headers={"Cache-Control": "no-cache"})


def _add_phones(router: APIRouter, carrier: Carrier) -> None:
    @router.post("/api/texts", status_code=201)
    async def send_text(text: Text) -> dict[str, Any]:
        if text.sender not in carrier.ledger.phones:
            raise HTTPException(404, "There is no such phone on this page.")
        if not (text.body.strip() or text.picture):
            raise HTTPException(422, "There is nothing to send.")
        try:
            message = carrier.text_line(text.sender, text.body, text.picture)
        except Refused as refused:
            raise HTTPException(409, "A landline cannot send texts.") from refused
        return {"sid": message.sid}

    @router.post("/api/phones", status_code=201)
    async def add_phone(new: NewPhone) -> dict[str, Any]:
        number = to_e164(new.number)
        if number is None or number == carrier.line_number:
            raise HTTPException(422, "That is not a number a phone could have.")
        carrier.add_phone(Phone(number, new.name, new.kind, new.lang))
        return {"number": number}


def _add_clock(
    router: APIRouter,
    carrier: Carrier,
    clock: MovableClock,
    next_due: NextDue,
    moved: Callable[[], None],
) -> None:
    @router.get("/api/state")
    async def tell_state(response: Response, since: int = -1) -> dict[str, Any]:
        """The time, what is due next, and the phones if there is news after version `since`."""
        response.headers["Cache-Control"] = "no-store"
        due = await run_in_threadpool(next_due)
        version = carrier.ledger.version
        return {
            "version": version,
            "now": clock.now(),
            "nextDue": due,
            "phones": snapshot(carrier) if version != since else None,
        }

    @router.post("/api/clock")
    async def move_clock(move: Move) -> dict[str, Any]:
        if move.hours is not None:
            clock.advance(timedelta(hours=move.hours))
        else:
            due = await run_in_threadpool(next_due)
            if due is None:
                raise HTTPException(409, "Nothing is due.")
            clock.advance_to(due)
        await run_in_threadpool(moved)
        return {"now": clock.now()}
