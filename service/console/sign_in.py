"""Sign in by a one-time link, and sign out.

The token stands in the link's fragment, which browsers never send: it is in no log, and a mail
program that looks at links in advance cannot use it up. The page puts it into its form; without
JavaScript the link is pasted there.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from service.console import guard, shell
from service.console.guard import Actor, ConsoleRoute, house_of
from service.console.house import ConsoleHouse
from service.staff import sign_in
from service.staff.rules import ABSOLUTE, IDLE

router = APIRouter(prefix="/console", route_class=ConsoleRoute)


@router.get("/sign-in")
def show(request: Request) -> HTMLResponse:
    """The page a link leads to, and where everybody without a session ends up."""
    return _door(house_of(request))


@router.post("/sign-in")
def enter(request: Request, link: Annotated[str, Form()] = "") -> Response:
    """Spend the link. It may be given whole, as it was sent, or as its last part."""
    guard.same_site(request)
    house = house_of(request)
    token = link.strip().rpartition("#")[2]
    with house.database.transaction() as session:
        cookie = sign_in.use_link(session, token, house.wall.now())
    if cookie is None:
        return _door(house, spent=True)
    response = RedirectResponse("/console", 303)
    guard.give_cookie(house, response, cookie)
    return response


@router.post("/sign-out")
def leave(visit: Actor, everywhere: Annotated[bool, Form()] = False) -> Response:
    """End this session, or all of this person's."""
    house, wall = visit.house, visit.house.wall.now()
    with house.database.transaction() as session:
        if everywhere:
            sign_in.sign_out_everywhere(session, visit.who.staff_id, wall)
        else:
            sign_in.sign_out(session, visit.who, wall)
    response = RedirectResponse(guard.SIGN_IN, 303)
    guard.take_cookie(house, response)
    return response


def _door(house: ConsoleHouse, *, spent: bool = False) -> HTMLResponse:
    status = 403 if spent else 200
    return shell.public_page(
        house, "sign_in.html", status, spent=spent, idle=IDLE, absolute=ABSOLUTE
    )
