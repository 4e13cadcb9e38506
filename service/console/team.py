"""Who has an account: administrators invite, change roles, give new links and close accounts."""

from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from service import history
from service.console import shell
from service.console.deeds import SAID
from service.console.guard import AdminActor, AdminViewer, ConsoleRoute, Visit
from service.errors import Conflict
from service.staff import accounts
from service.staff.models import Staff
from service.staff.rules import Role
from service.staff.sign_in import link_to, make_link

router = APIRouter(prefix="/console/staff", route_class=ConsoleRoute)

Given = Annotated[str, Form(min_length=1, max_length=200)]


@router.get("")
def show(visit: AdminViewer, said: str = "") -> HTMLResponse:
    """Everybody, those who left included."""
    return _page(visit, said=SAID.get(said, ""))


@router.post("")
def invite(visit: AdminActor, name: Given, email: Given, role: Annotated[Role, Form()]) -> Response:
    """Open an account and show its link, once."""
    house, wall = visit.house, visit.house.wall.now()
    with house.database.transaction() as session:
        keyring, actor = house.database.keyring, _actor(visit)
        person = accounts.add(
            session, keyring, name=name, email=email, role=role, now=wall, actor=actor
        )
        token = make_link(session, person.id, wall)
    return _page(visit, link=link_to(house.public_url, token), whose=name)


@router.post("/{staff_id}/link")
def link_anew(visit: AdminActor, staff_id: int) -> Response:
    """Forget password, codes and passkeys of an account, open it if it was closed, and show a link."""
    wall = visit.house.wall.now()
    with visit.house.database.transaction() as session:
        person = _other(visit, session.get(Staff, staff_id))
        token = accounts.open_again(session, staff_id, wall, _actor(visit))
        name = person.name
    return _page(visit, link=link_to(visit.house.public_url, token), whose=name)


@router.post("/{staff_id}/role")
def change_role(visit: AdminActor, staff_id: int, role: Annotated[Role, Form()]) -> Response:
    """Let somebody do more, or less."""
    with visit.house.database.transaction() as session:
        _other(visit, session.get(Staff, staff_id))
        accounts.change_role(session, staff_id, role, visit.house.wall.now(), _actor(visit))
    return _back("role_changed")


@router.post("/{staff_id}/disable")
def disable(visit: AdminActor, staff_id: int) -> Response:
    """Close an account; whoever is signed in with it is out at once."""
    with visit.house.database.transaction() as session:
        _other(visit, session.get(Staff, staff_id))
        accounts.disable(session, staff_id, visit.house.wall.now(), _actor(visit))
    return _back("disabled")


def _other(visit: Visit, staff: Staff | None) -> Staff:
    """Somebody else: an administrator who shuts themselves out may be the last one."""
    if staff is None:
        raise Conflict("There is no such account.")
    if staff.id == visit.who.staff_id:
        raise Conflict("This is your own account: ask another administrator.")
    return staff


def _page(visit: Visit, *, said: str = "", link: str = "", whose: str = "") -> HTMLResponse:
    with visit.house.database.reading() as session:
        people = accounts.people(session)
        seen = accounts.last_seen(session)
    return shell.page(
        visit, "team.html", people=people, seen=seen, said=said, link=link, whose=whose
    )


def _actor(visit: Visit) -> str:
    return history.staff_actor(visit.who.staff_id)


def _back(said: str) -> Response:
    return RedirectResponse(f"/console/staff?said={said}", 303)
