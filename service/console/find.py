"""Find a patient by telephone number, by the number on their page, or by name.

What is looked for is posted, so that it stands in no address. Numbers are found by their keyed index. Names
are encrypted with a nonce each and have no index, so all are read and compared: the newest twenty thousand,
which takes half a second.
"""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from service import history
from service.console import shell
from service.console.guard import Actor, ConsoleRoute, Visit
from service.console.people import people_of
from service.patients.find import thread_of
from service.patients.models import Patient, Thread
from service.phone import to_e164
from service.wording import fold

router = APIRouter(prefix="/console", route_class=ConsoleRoute)

NEWEST = 20_000
MOST = 50


@router.post("/find")
def find(visit: Actor, words: Annotated[str, Form(max_length=200)] = "") -> Response:
    """The patient's page when there is one that fits, else a list."""
    with visit.house.database.transaction() as session:
        ids = _found(session, visit, words.strip())
        threads = session.scalars(select(Thread).where(Thread.id.in_(ids))).all()
        people = people_of(session, threads, visit.now)
        actor = history.staff_actor(visit.who.staff_id)
        history.record(
            session,
            at=visit.now,
            actor=actor,
            action="searched",
            subject="patients",
            found=len(ids),
        )
    if len(ids) == 1:
        return RedirectResponse(f"/console/patients/{ids[0]}", 303)
    found = [people[each] for each in ids if each in people]
    return shell.page(visit, "find.html", found=found, words_given=words, most=MOST)


def _found(session: Session, visit: Visit, given: str) -> Sequence[int]:
    number = to_e164(given)
    if number and (thread := thread_of(session, visit.house.database.keyring, number)):
        return [thread.id]
    if given.isdecimal() and len(given) < 10:
        return session.scalars(select(Thread.id).where(Thread.id == int(given))).all()
    return _called(session, fold(given).split())


def _called(session: Session, wanted: Sequence[str]) -> Sequence[int]:
    """Threads of people in whose name every word stands, as the beginning of one of its own."""
    if not wanted:
        return []
    newest = select(Patient.thread_id, Patient.name).where(Patient.name.is_not(None))
    found: dict[int, None] = {}
    for thread_id, name in session.execute(newest.order_by(Patient.id.desc()).limit(NEWEST)):
        own = fold(name or "").split()
        if all(any(part.startswith(word) for part in own) for word in wanted):
            found[thread_id] = None
            if len(found) == MOST:
                break
    return list(found)
