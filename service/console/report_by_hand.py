"""What staff write for a patient: where a package goes, and a report for one more person on a phone."""

from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from service import history
from service.console.guard import Actor, ConsoleRoute, Visit
from service.errors import Conflict, NotFound
from service.patients.find import person_named
from service.patients.models import Thread
from service.report_requests.change import correct
from service.report_requests.models import ReportRequest
from service.report_requests.request import Wish, has_open, request_report
from service.report_requests.rules import State

router = APIRouter(prefix="/console", route_class=ConsoleRoute)

Name = Annotated[str, Form(min_length=1, max_length=60)]
Address = Annotated[str, Form(min_length=1, max_length=300)]
MOST_LINES = 4
"""Below the name; what stands on a label."""


@router.post("/reports/{request_id}/address")
def change(visit: Actor, request_id: int, name: Name, address: Address) -> Response:
    """Put name and address right; what came back goes out again, and keeps its place in the line."""
    recipient, lines = _on_the_envelope(name, address)
    with visit.house.database.transaction() as session:
        request = session.get(ReportRequest, request_id)
        if request is None:
            raise NotFound("There is no such request.")
        if request.state == State.RETURNED:
            _lock(session, request.thread_id)
            _send(session, visit, request.thread_id, request.patient_id, recipient, lines)
            return _back("sent_again")
        actor = history.staff_actor(visit.who.staff_id)
        where = {"recipient": recipient, "address": lines}
        if not correct(session, request_id, **where, now=visit.now, actor=actor):
            raise Conflict("It is mailed already, or was dropped before.")
    return _back("address_changed")


@router.post("/patients/{thread_id}/report")
def send(visit: Actor, thread_id: int, name: Name, address: Address) -> Response:
    """Put a report into the line for somebody on this phone: staff vouch for it, so no limit applies."""
    recipient, lines = _on_the_envelope(name, address)
    with visit.house.database.transaction() as session:
        _lock(session, thread_id)
        patient_id = person_named(session, thread_id, recipient, visit.now).id
        _send(session, visit, thread_id, patient_id, recipient, lines)
    return _back("by_hand")


def _lock(session: Session, thread_id: int) -> None:
    """The thread first, as everywhere, so that a second click waits and is refused."""
    found = session.scalar(select(Thread.id).where(Thread.id == thread_id).with_for_update())
    if found is None:
        raise NotFound("There is no such patient.")


def _send(
    session: Session, visit: Visit, thread_id: int, patient_id: int, recipient: str, address: str
) -> None:
    if has_open(session, patient_id):
        raise Conflict("This person has a request open already. Change that one.")
    wish = Wish(thread_id, patient_id, recipient, address, by_staff=visit.who.staff_id)
    request_report(session, wish, visit.house.line.content.clinic, visit.now)


def _on_the_envelope(name: str, address: str) -> tuple[str, str]:
    """Name and address without empty lines. Conflict when nothing is left or it fits on no label."""
    lines = [" ".join(line.split()) for line in address.splitlines() if line.strip()]
    recipient = " ".join(name.split())
    if not recipient or not 1 <= len(lines) <= MOST_LINES:
        raise Conflict("Write a name, and an address of %(most)d lines at most.", most=MOST_LINES)
    return recipient, "\n".join(lines)


def _back(said: str) -> Response:
    return RedirectResponse(f"/console/reports?said={said}", 303)
