"""What a patient may ask of the clinic: all that is held on their number, and that it be erased."""

import json
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from service import history
from service.console import shell
from service.console.guard import AdminActor, AdminViewer, ConsoleRoute
from service.console.people import people_of
from service.errors import Conflict, NotFound
from service.patients.models import Thread
from service.rights.erase import erase
from service.rights.export import export

router = APIRouter(prefix="/console/patients/{thread_id}", route_class=ConsoleRoute)


@router.post("/export")
def give(visit: AdminActor, thread_id: int) -> Response:
    """Everything that is held, as a file for whoever asked."""
    with visit.house.database.transaction() as session:
        held = export(session, _thread(session, thread_id), visit.now, _actor(visit))
    name = f'attachment; filename="patient-{thread_id}.json"'
    text = json.dumps(held, indent=2, ensure_ascii=False)
    return Response(text, media_type="application/json", headers={"Content-Disposition": name})


@router.get("/erase")
def ask(visit: AdminViewer, thread_id: int) -> HTMLResponse:
    """What erasing does, before it is done."""
    with visit.house.database.reading() as session:
        thread = _thread(session, thread_id)
        person = people_of(session, [thread], visit.now)[thread_id]
    return shell.page(visit, "erase.html", person=person)


@router.post("/erase")
def do(visit: AdminActor, thread_id: int, sure: Annotated[bool, Form()] = False) -> Response:
    """Erase it for good."""
    if not sure:
        raise Conflict("Tick the box to say that you are sure. Nothing was erased.")
    clinic = visit.house.line.content.clinic
    with visit.house.database.transaction() as session:
        erase(session, _thread(session, thread_id), clinic, visit.now, _actor(visit))
    return RedirectResponse(f"/console/patients/{thread_id}?said=erased", 303)


def _thread(session: Session, thread_id: int) -> Thread:
    found = session.scalar(select(Thread).where(Thread.id == thread_id))
    if found is None:
        raise NotFound("There is no such patient.")
    return found


def _actor(visit: AdminViewer) -> str:
    return history.staff_actor(visit.who.staff_id)
