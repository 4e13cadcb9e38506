"""The console as the web application mounts it."""

from importlib.resources import files

from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import Response
from starlette.routing import BaseRoute

from service import tongue
from service.console import (
    account,
    call_back,
    dashboard,
    find,
    handing,
    item,
    labels,
    live,
    numbers,
    past,
    patient,
    program,
    queue,
    recording,
    reply,
    report_by_hand,
    reports,
    reports_table,
    rights,
    rota,
    sign_in,
    team,
    tips,
)
from service.console.guard import ConsoleRoute, viewing
from service.console.house import ConsoleHouse
from service.errors import NotFound

__all__ = ["ROUTES", "ConsoleHouse", "open_console"]

_STATIC = {
    "console.css": "text/css",
    "program.css": "text/css",
    "charts.css": "text/css",
    "rota.css": "text/css",
    "console.js": "text/javascript",
    "passkey.js": "text/javascript",
    "keys.js": "text/javascript",
    "reply.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}

_rest = APIRouter(prefix="/console", route_class=ConsoleRoute)


@_rest.get("/static/{name}")
def give_file(name: str) -> Response:
    """The style sheet, the script and the icon."""
    if name not in _STATIC:
        raise NotFound("There is no such file.")
    data = files(__package__).joinpath("static", name).read_bytes()
    return Response(data, media_type=_STATIC[name], headers={"Cache-Control": "no-cache"})


@_rest.get("/{anything:path}", dependencies=[Depends(viewing)])
def nothing_here(anything: str) -> Response:
    """A page that does not exist, for those who are signed in."""
    raise NotFound("There is no such page.")


ROUTES: tuple[BaseRoute, ...] = tuple(
    route
    for pages in (
        sign_in,
        account,
        team,
        past,
        queue,
        live,
        find,
        patient,
        reply,
        call_back,
        handing,
        rights,
        item,
        program,
        tips,
        rota,
        dashboard,
        numbers,
        labels,
        reports_table,
        reports,
        report_by_hand,
        recording,
    )
    for route in pages.router.routes
) + tuple(_rest.routes)
"""Everything under /console. All but signing in and the style sheet asks who you are."""


def open_console(app: FastAPI, house: ConsoleHouse) -> None:
    """Serve the console in `app`. Its routes are added as they are: including them builds each anew."""
    tongue.speak(house.line.content.clinic.console_language)
    app.state.console = house
    app.state.lookout = live.Lookout(house)
    app.router.routes.extend(ROUTES)
