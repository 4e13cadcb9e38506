"""Your account: password, codes from an app, passkeys. Whoever came by a link begins here."""

from typing import Annotated

import segno
from fastapi import APIRouter, Form, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup
from sqlalchemy.orm import Session

from service import history
from service.console import shell
from service.console.deeds import SAID
from service.console.guard import ACCOUNT, ConsoleRoute, Settler, SettlerByForm, Visit
from service.console.sign_in import site_of
from service.errors import Conflict, Forbidden
from service.staff import codes, passkeys, sign_in
from service.staff import password as passwords
from service.staff.models import Staff
from service.staff.password import SHORTEST, WeakPassword
from service.tongue import gettext, in_words

router = APIRouter(prefix=ACCOUNT, route_class=ConsoleRoute)

Secret = Annotated[str, Form(max_length=500)]


class WrongPassword(Forbidden):
    """The present password, asked for again before what signs one in is changed, was wrong."""


@router.get("")
def show(visit: Settler, said: str = "") -> HTMLResponse:
    """What signs you in, and what is still missing."""
    return _page(visit, said=SAID.get(said, ""))


@router.post("/password")
def set_password(visit: SettlerByForm, new: Secret, current: Secret = "") -> Response:
    """Choose a password, or another one."""
    staff = _again(visit, current)
    try:
        kept = passwords.hashed(new, [staff.name, staff.email, visit.house.clinic, "backtalk"])
    except WeakPassword as error:
        return _page(visit, trouble=in_words(error), status=error.status)
    with visit.house.database.transaction() as session:
        session.get_one(Staff, staff.id).password = kept
        _settled(session, visit, "password set")
    return _back("password_set")


@router.post("/codes")
def begin_codes(visit: SettlerByForm, current: Secret = "") -> Response:
    """Show a new secret for an app; the old one works until a code of the new one was seen."""
    staff = _again(visit, current)
    with visit.house.database.transaction() as session:
        codes.begin(session, staff.id)
    return _back("codes_begun")


@router.post("/codes/confirm")
def confirm_codes(visit: SettlerByForm, code: Secret) -> Response:
    """Take the secret into use, and show the recovery codes once."""
    with visit.house.database.transaction() as session:
        staff = session.get_one(Staff, visit.who.staff_id)
        recovery = codes.confirm(session, staff, code, visit.house.wall.now())
        if recovery is not None:
            _settled(session, visit, "codes set up")
    if recovery is None:
        trouble = gettext("That code is not right. Is the phone's clock right?")
        return _page(visit, trouble=trouble, status=400)
    return _page(visit, recovery=recovery, said=SAID["codes_set"])


@router.post("/codes/renew")
def renew_recovery(visit: SettlerByForm, current: Secret = "") -> Response:
    """Ten new recovery codes; the old ones stop working."""
    staff = _again(visit, current)
    with visit.house.database.transaction() as session:
        recovery = codes.new_recovery_codes(session, staff.id)
        _remember(session, visit, "recovery codes renewed")
    return _page(visit, recovery=recovery)


@router.post("/passkeys/options")
def ask_to_register(visit: SettlerByForm, current: Secret = "") -> Response:
    """What the browser needs to make a passkey."""
    staff = _again(visit, current)
    site, now = site_of(visit.house), visit.house.wall.now()
    with visit.house.database.reading() as session:
        options = passkeys.to_register(session, site, staff, now)
    return Response(options, media_type="application/json")


@router.post("/passkeys")
def register(
    visit: SettlerByForm, answer: Annotated[str, Form(max_length=8000)], name: Secret = ""
) -> Response:
    """Keep the new passkey."""
    site, now = site_of(visit.house), visit.house.wall.now()
    with visit.house.database.transaction() as session:
        staff = session.get_one(Staff, visit.who.staff_id)
        passkeys.register(session, site, staff, answer, name[:60], now)
        _settled(session, visit, "passkey added")
    return _back("passkey_added")


@router.post("/passkeys/{passkey_id}/remove")
def remove(visit: SettlerByForm, passkey_id: int, current: Secret = "") -> Response:
    """Let a passkey work no more. The last way in stays."""
    staff = _again(visit, current)
    with visit.house.database.transaction() as session:
        kept = session.get_one(Staff, staff.id)
        others = [each for each in passkeys.passkeys_of(session, staff.id) if each.id != passkey_id]
        if not others and not (kept.password and kept.totp_secret):
            raise Conflict("This is your only way in: set up a password and codes first.")
        passkeys.forget(session, staff.id, passkey_id)
        _settled(session, visit, "passkey removed")
    return _back("passkey_removed")


def _again(visit: Visit, current: str) -> Staff:
    """The account, once its present password was given again; a link's session is new enough."""
    with visit.house.database.reading() as session:
        staff = session.get_one(Staff, visit.who.staff_id)
    asked = visit.who.proven and staff.password is not None
    if asked and not passwords.matches(staff.password, current):
        raise WrongPassword("Your present password was not right, so nothing was changed.")
    return staff


def _settled(session: Session, visit: Visit, action: str) -> None:
    """What signs them in has changed: other sessions end; this one is proven once enough is set up."""
    wall = visit.house.wall.now()
    session.flush()
    staff = session.get_one(Staff, visit.who.staff_id)
    enough = staff.password is not None and staff.totp_secret is not None
    if enough or passkeys.passkeys_of(session, staff.id):
        sign_in.prove(session, visit.who, wall)
    else:
        sign_in.end_others(session, visit.who, wall)
    _remember(session, visit, action)


def _remember(session: Session, visit: Visit, action: str) -> None:
    actor = history.staff_actor(visit.who.staff_id)
    history.record(session, at=visit.house.wall.now(), actor=actor, action=action, subject=actor)


def _page(
    visit: Visit,
    *,
    said: str = "",
    trouble: str = "",
    recovery: list[str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    house = visit.house
    with house.database.reading() as session:
        staff = session.get_one(Staff, visit.who.staff_id)
        own = passkeys.passkeys_of(session, staff.id)
        left = codes.recovery_codes_left(session, staff.id)
        proven = sign_in.is_proven(session, visit.who)
    pending = staff.totp_pending
    return shell.page(
        visit,
        "account.html",
        status=status,
        staff=staff,
        ready=proven or house.trusts_links,
        asks=visit.who.proven and staff.password is not None,
        shortest=SHORTEST,
        picture=_picture(pending, staff.email, house.clinic) if pending else None,
        passkeys=own,
        can_have_passkeys=site_of(house).usable,
        recovery=recovery,
        recovery_left=left,
        said=said,
        trouble=trouble,
    )


def _picture(secret: str, email: str, clinic: str) -> Markup:
    """The QR picture an app reads, as SVG: segno makes it of squares alone."""
    drawn = segno.make(codes.address_of(secret, email, clinic), error="m")
    svg = drawn.svg_inline(
        scale=5, border=4, dark="#000000", light="#ffffff", title=gettext("QR code")
    )
    return Markup(svg)  # noqa: S704


def _back(said: str) -> Response:
    return RedirectResponse(f"{ACCOUNT}?said={said}", 303)
