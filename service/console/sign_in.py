"""Sign in by password and code, by passkey, or by a one-time link; and sign out.

A link's token stands in its fragment, which browsers never send: it is in no log, and a mail program that
looks at links in advance cannot use it up. The page puts it into its form; without JavaScript the link is
pasted there.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from service.console import guard, shell
from service.console.guard import ConsoleRoute, SettlerByForm, house_of
from service.console.house import ConsoleHouse
from service.staff import door, passkeys, sign_in
from service.staff.passkeys import BadPasskey, Site
from service.staff.rules import ABSOLUTE, IDLE
from service.staff.throttle import TooManyTries
from service.tongue import N_, gettext, in_words

router = APIRouter(prefix="/console", route_class=ConsoleRoute)

SPENT = N_("This link no longer works: it was used before, or it is more than a day old.")
WRONG = N_("The e-mail address, the password or the code is not right.")

Given = Annotated[str, Form(max_length=500)]


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
    return _door(house, 403, gettext(SPENT), by_link=True) if cookie is None else _in(house, cookie)


@router.post("/sign-in/password")
def enter_by_password(
    request: Request, email: Given = "", password: Given = "", code: Given = ""
) -> Response:
    """Check the password and the code."""
    guard.same_site(request)
    house = house_of(request)
    attempt = door.Attempt(
        email=email,
        password=password,
        code=code,
        address=request.client.host if request.client else "",
        browser=request.cookies.get(guard.browser_cookie(house), ""),
    )
    try:
        let_in = door.enter(
            house.database, attempt, house.wall.now(), code_needed=not house.trusts_links
        )
    except TooManyTries as error:
        return _door(house, error.status, in_words(error))
    if let_in is None:
        return _door(house, 403, gettext(WRONG))
    response = _in(house, let_in.cookie)
    guard.mark_browser(house, response, let_in.browser)
    return response


@router.post("/sign-in/passkey/options")
def ask_for_passkey(request: Request) -> Response:
    """What the browser needs to use a passkey."""
    guard.same_site(request)
    house = house_of(request)
    options = passkeys.to_sign_in(site_of(house), house.wall.now())
    return Response(options, media_type="application/json")


@router.post("/sign-in/passkey")
def enter_by_passkey(request: Request, answer: Annotated[str, Form(max_length=8000)]) -> Response:
    """Check what the passkey answered."""
    guard.same_site(request)
    house, now = house_of(request), house_of(request).wall.now()
    try:
        with house.database.transaction() as session:
            staff_id = passkeys.use(session, site_of(house), answer, now)
            cookie = sign_in.open_session(session, staff_id, now, proven=True, how="passkey")
    except BadPasskey as error:
        return _door(house, error.status, in_words(error))
    return _in(house, cookie)


@router.post("/sign-out")
def leave(visit: SettlerByForm, everywhere: Annotated[bool, Form()] = False) -> Response:
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


def site_of(house: ConsoleHouse) -> Site:
    """Where passkeys of this console are bound to."""
    return Site.at(house.public_url, house.clinic, house.database.keyring.derive("passkeys"))


def _in(house: ConsoleHouse, cookie: str) -> Response:
    response = RedirectResponse("/console", 303)
    guard.give_cookie(house, response, cookie)
    return response


def _door(
    house: ConsoleHouse, status: int = 200, trouble: str = "", *, by_link: bool = False
) -> HTMLResponse:
    return shell.public_page(
        house,
        "sign_in.html",
        status,
        trouble=trouble,
        by_link=by_link,
        idle=IDLE,
        absolute=ABSOLUTE,
        passkeys=site_of(house).usable,
    )
