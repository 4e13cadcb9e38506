"""Reports by mail: this week's packages, the line behind them, and the deeds of the front desk."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from service import history
from service.console import shell
from service.console.deeds import SAID
from service.console.guard import Actor, ConsoleRoute, Viewer, Visit
from service.errors import Conflict
from service.report_requests import fulfil
from service.report_requests.change import cancel as drop
from service.report_requests.change import release as let_in
from service.report_requests.models import PackageLedger, ReportRequest
from service.report_requests.packages import read_ledger
from service.report_requests.rules import Delivery, Returned, State, local_day

router = APIRouter(prefix="/console/reports", route_class=ConsoleRoute)

Ids = Annotated[list[int], Form(default_factory=list)]
MAILED_SHOWN = 40
MERGED_SHOWN = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Desk:
    """What stands on the page."""

    week: PackageLedger
    due: Sequence[ReportRequest]
    line: Sequence[ReportRequest]
    look: Sequence[ReportRequest]  # held for a person, half told, or merged with a household's
    mailed: Sequence[ReportRequest]
    again: Collection[int | None]  # what came back and is on its way again
    undoable: State | None
    languages: Mapping[int, str]  # of the report in each package of `due`, by the thread


@router.get("")
def show(visit: Viewer, said: str = "", dropped: int | None = None) -> HTMLResponse:
    """This week's list; `dropped` can be put back. Who looked at the addresses is remembered."""
    with visit.house.database.transaction() as session:
        desk = _read(session, visit)
        _remember_looking(session, visit)
    return shell.page(
        visit,
        "reports.html",
        desk=desk,
        said=SAID.get(said),
        dropped=dropped,
        Returned=Returned,
    )


@router.post("/packed")
def pack(visit: Actor, request: Ids) -> Response:
    """The chosen ones are packed."""
    return _done(visit, request, fulfil.mark_packed, "packed")


@router.post("/mailed")
def mail(visit: Actor, request: Ids) -> Response:
    """The chosen ones are mailed; each patient is told when this can no longer be undone."""
    return _done(visit, request, fulfil.mark_mailed, "mailed")


@router.post("/undo")
def undo(visit: Actor) -> Response:
    """Take the last step back."""
    with visit.house.database.transaction() as session:
        if not fulfil.undo(session, visit.who.staff_id, visit.house.line.content.clinic, visit.now):
            raise Conflict("It is too late to undo that: patients have been told.")
    return _back("undone")


@router.post("/{request_id}/returned")
def take_back(visit: Actor, request_id: int, reason: Annotated[Returned, Form()]) -> Response:
    """The post brought it back."""
    with visit.house.database.transaction() as session:
        if not fulfil.mark_returned(session, request_id, reason, visit.who.staff_id, visit.now):
            raise Conflict("Only what is mailed can come back.")
    return _back("returned")


@router.post("/{request_id}/tracking")
def track(
    visit: Actor, request_id: int, tracking: Annotated[str, Form(max_length=40)] = ""
) -> Response:
    """Keep the tracking number."""
    with visit.house.database.transaction() as session:
        if not fulfil.track(session, request_id, tracking.strip(), visit.who.staff_id, visit.now):
            raise Conflict("This package is not on its way.")
    return _back("tracked")


@router.post("/{request_id}/release")
def release(visit: Actor, request_id: int) -> Response:
    """A person has looked: it joins the line."""
    with visit.house.database.transaction() as session:
        if not let_in(
            session, request_id, visit.who.staff_id, visit.house.line.content.clinic, visit.now
        ):
            raise Conflict("It has no address yet, or this patient has another request open.")
    return _back("let_in")


@router.post("/{request_id}/cancel")
def cancel(visit: Actor, request_id: int) -> Response:
    """Drop it; its package goes to the next in line."""
    actor = history.staff_actor(visit.who.staff_id)
    with visit.house.database.transaction() as session:
        if not drop(session, request_id, actor, visit.house.line.content.clinic, visit.now):
            raise Conflict("It is mailed already, or was dropped before.")
        request = session.get_one(ReportRequest, request_id)
        may_return = request.in_line_at is not None and request.hold is None
    return _back(f"dropped&dropped={request_id}" if may_return else "dropped")


def _read(session: Session, visit: Visit) -> Desk:
    def of(*states: State) -> Sequence[ReportRequest]:
        wanted = select(ReportRequest).where(
            ReportRequest.delivery == Delivery.MAIL, ReportRequest.state.in_(states)
        )
        return session.scalars(wanted.order_by(ReportRequest.in_line_at, ReportRequest.id)).all()

    mailed = sorted(of(State.MAILED, State.RETURNED), key=_left, reverse=True)
    step = fulfil.undoable(session, visit.now)
    merged = [
        each
        for each in of(State.CANCELLED)
        if each.in_line_at is None and each.requested_at > visit.now - MERGED_SHOWN
    ]
    due = fulfil.this_weeks(session)
    return Desk(
        week=read_ledger(session, visit.house.line.content.clinic, visit.now),
        due=due,
        line=of(State.WAITING),
        look=[*of(State.CONFIRMED, State.REQUESTED), *merged],
        mailed=mailed[:MAILED_SHOWN],
        again=session.scalars(_sent_again()).all(),
        undoable=step[0] if step else None,
        languages=fulfil.languages(session, due),
    )


def _sent_again() -> Select[int | None]:
    """What came back and has a request of its own again, for a better address."""
    return select(ReportRequest.again_for).where(
        ReportRequest.again_for.is_not(None), ReportRequest.state != State.CANCELLED
    )


def _left(request: ReportRequest) -> datetime:
    return request.mailed_at or request.requested_at


def _done(
    visit: Visit,
    ids: Sequence[int],
    deed: Callable[[Session, Sequence[int], int, datetime], list[int]],
    said: str,
) -> Response:
    with visit.house.database.transaction() as session:
        if not deed(session, ids, visit.who.staff_id, visit.now):
            raise Conflict(
                "Nothing was chosen, or somebody else was faster. Look at the list again."
            )
    return _back(said)


def _remember_looking(session: Session, visit: Visit) -> None:
    actor = history.staff_actor(visit.who.staff_id)
    day = local_day(visit.now, visit.house.line.content.clinic).isoformat()
    history.record(session, at=visit.now, actor=actor, action="opened", subject=f"reports:{day}")


def _back(said: str) -> Response:
    return RedirectResponse(f"/console/reports?said={said}", 303)
