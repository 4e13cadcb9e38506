"""Who may pass: session, cross-site protection, and the headers of every console page."""

import hashlib
import hmac
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, cast
from urllib.parse import urlsplit

from fastapi import Depends, Form, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute

from service.console import shell
from service.console.house import ConsoleHouse
from service.errors import BacktalkError, Forbidden
from service.review.rules import FLAGGING
from service.staff import sign_in
from service.staff.rules import ABSOLUTE, MAY_CLOSE_FLAGS, Role
from service.staff.sign_in import SignedIn

SIGN_IN = "/console/sign-in"
ACCOUNT = "/console/account"

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; media-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # not no-referrer: with that, browsers send `Origin: null` with our own forms, and the check of
    # the origin would refuse everybody. Nothing is sent to another site either way.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class SignedOut(Forbidden):
    """There is no session, or it has ended."""


class Unproven(Forbidden):
    """Signed in by a link, on a line with real patients: a second factor has to be set up first."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A signed-in member of staff at a page."""

    house: ConsoleHouse
    who: SignedIn
    csrf: str
    now: datetime  # the patients' time


class ConsoleRoute(APIRoute):
    """A route whose answers, refusals included, are pages with the console's headers."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, wrapped."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                response = await inner(request)
            except SignedOut as error:
                response = _elsewhere(request, SIGN_IN, error)
            except Unproven as error:
                response = _elsewhere(request, ACCOUNT, error)
            except BacktalkError as error:
                response = shell.refusal(house_of(request), request.path_params, error)
            except RequestValidationError:
                unusable = BadForm("Something in that form was missing or could not be read.")
                response = shell.refusal(house_of(request), request.path_params, unusable)
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return handle


class BadForm(BacktalkError):
    """A form that this console did not make."""

    status = 400


def house_of(request: Request) -> ConsoleHouse:
    """The console's parts, which `open_console` gave to the application."""
    return cast(ConsoleHouse, request.app.state.console)


def cookie_name(house: ConsoleHouse) -> str:
    """With https the name binds the cookie to this host and to secure connections (RFC 6265bis)."""
    return "__Host-staff" if house.public_url.startswith("https:") else "staff"


def give_cookie(house: ConsoleHouse, response: Response, cookie: str) -> None:
    """Keep the browser signed in."""
    response.set_cookie(
        cookie_name(house),
        cookie,
        max_age=int(ABSOLUTE.total_seconds()),
        secure=house.public_url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )


def browser_cookie(house: ConsoleHouse) -> str:
    """The name of the cookie that marks a browser which was let in before."""
    return "__Host-browser" if house.public_url.startswith("https:") else "browser"


def mark_browser(house: ConsoleHouse, response: Response, mark: str) -> None:
    """Let this browser be known at the door for half a year."""
    response.set_cookie(
        browser_cookie(house),
        mark,
        max_age=int(timedelta(days=180).total_seconds()),
        secure=house.public_url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )


def take_cookie(house: ConsoleHouse, response: Response) -> None:
    """Let the browser forget the session and what it has kept of the pages."""
    secure = house.public_url.startswith("https:")
    response.delete_cookie(cookie_name(house), secure=secure, httponly=True, samesite="lax")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


def settling(request: Request, watching: Annotated[bool, Query()] = False) -> Visit:
    """Whoever is signed in, if only by a link; SignedOut otherwise. A page that refreshes itself is
    `watching`: that is no sign of a person, and does not keep the session alive.
    """
    house = house_of(request)
    cookie = request.cookies.get(cookie_name(house), "")
    wall = house.wall.now()
    with house.database.reading() as session:
        who = sign_in.current(session, cookie, wall)
    if who is None:
        raise SignedOut("You are signed out. Sign in again to go on.")
    if not watching and sign_in.needs_touch(who, wall):
        with house.database.transaction() as session:
            sign_in.touch(session, who, wall)
    return Visit(house, who, _csrf(house, cookie), house.clock.now())


def viewing(visit: Annotated[Visit, Depends(settling)]) -> Visit:
    """Whoever has shown a second factor; on a simulated line a link is enough. Unproven otherwise."""
    return proven(visit)


def settling_by_form(
    request: Request,
    visit: Annotated[Visit, Depends(settling)],
    csrf: Annotated[str, Form()] = "",
) -> Visit:
    """Whoever is signed in, if only by a link, and sent a form from our own page; else Forbidden."""
    same_site(request)
    if not hmac.compare_digest(csrf.encode(), visit.csrf.encode()):
        raise Forbidden("This form is out of date. Open the page again and repeat what you did.")
    return visit


def acting(visit: Annotated[Visit, Depends(settling_by_form)]) -> Visit:
    """Whoever may see patients and sent a form from our own page."""
    return proven(visit)


def proven(visit: Visit) -> Visit:
    """The visit of somebody who may see patients; Unproven otherwise."""
    if not (visit.who.proven or visit.house.trusts_links):
        raise Unproven("Set up a password and a second factor first.")
    return visit


def same_site(request: Request) -> None:
    """Forbidden unless the browser says that the form was on our own page."""
    origin = urlsplit(request.headers.get("origin", ""))
    ours = urlsplit(house_of(request).public_url)
    same_as_public = (origin.scheme, origin.netloc) == (ours.scheme, ours.netloc)
    if not (same_as_public or (origin.netloc and origin.netloc == request.headers.get("host"))):
        raise Forbidden("This came from another site and was not done.")


def admin_viewing(visit: Annotated[Visit, Depends(viewing)]) -> Visit:
    """An administrator; Forbidden for everybody else."""
    return _admin(visit)


def admin_acting(visit: Annotated[Visit, Depends(acting)]) -> Visit:
    """An administrator who sent a form from our own page."""
    return _admin(visit)


def may_close(visit: Visit, levels: Iterable[str]) -> None:
    """Forbidden when there is a flag among them and this person is no clinician."""
    if visit.who.role not in MAY_CLOSE_FLAGS and any(level in FLAGGING for level in levels):
        raise Forbidden("A clinician closes flags: hand it over to one. Nothing was changed.")


def _admin(visit: Visit) -> Visit:
    if visit.who.role is not Role.ADMIN:
        raise Forbidden("Only an administrator may do this.")
    return visit


Settler = Annotated[Visit, Depends(settling)]
SettlerByForm = Annotated[Visit, Depends(settling_by_form)]
Viewer = Annotated[Visit, Depends(viewing)]
Actor = Annotated[Visit, Depends(acting)]
AdminViewer = Annotated[Visit, Depends(admin_viewing)]
AdminActor = Annotated[Visit, Depends(admin_acting)]


def _csrf(house: ConsoleHouse, cookie: str) -> str:
    key = house.database.keyring.derive("csrf")
    return hmac.new(key, cookie.encode(), hashlib.sha256).hexdigest()


def _elsewhere(request: Request, address: str, error: Forbidden) -> Response:
    if "text/event-stream" in request.headers.get("accept", ""):
        return Response(status_code=204)  # a stream ends for good (WHATWG HTML, 9.2.2)
    if request.method == "GET":
        return RedirectResponse(address, 303)
    return shell.refusal(house_of(request), {}, error)
