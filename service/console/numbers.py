"""Reports by the week: asked for, mailed, come back, and how long the line is."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.console import shell
from service.console.guard import ConsoleRoute, Viewer
from service.content_models import Clinic
from service.report_requests.models import ReportRequest
from service.report_requests.rules import Delivery, State, first_day, local_day

router = APIRouter(prefix="/console/reports", route_class=ConsoleRoute)

WEEKS = 12
KINDS = {"requested": "Asked for", "mailed": "Mailed", "returned": "Came back"}


@dataclass(frozen=True, slots=True)
class Week:
    """One week's numbers."""

    starts: date
    requested: int
    mailed: int
    returned: int
    waiting: int  # of those who asked this week, how many are still in line


@router.get("/numbers")
def show(visit: Viewer) -> HTMLResponse:
    """The picture, and the same as a table."""
    with visit.house.database.reading() as session:
        weeks = read(session, visit.house.line.content.clinic, visit.now)
        waiting = session.scalar(select(func.count()).where(ReportRequest.state == State.WAITING))
    most = max([1, *(max(week.requested, week.mailed, week.returned) for week in weeks)])
    return shell.page(
        visit, "numbers.html", weeks=weeks, most=most, waiting=waiting or 0, kinds=KINDS
    )


def read(session: Session, clinic: Clinic, now: datetime) -> list[Week]:
    """The last twelve weeks, oldest first; weeks begin as the packages' do."""
    starts = clinic.packages.week_starts
    this = first_day(local_day(now, clinic), starts)
    first = this - timedelta(weeks=WEEKS - 1)
    counted = {kind: Counter[date]() for kind in ("requested", "mailed", "returned", "waiting")}
    rows = select(
        ReportRequest.state,
        ReportRequest.requested_at,
        ReportRequest.mailed_at,
        ReportRequest.returned_at,
    ).where(ReportRequest.delivery == Delivery.MAIL)
    recent = rows.where(ReportRequest.requested_at > now - timedelta(weeks=WEEKS + 40))
    for state, requested, mailed, returned in session.execute(recent):
        for kind, at in (("requested", requested), ("mailed", mailed), ("returned", returned)):
            if at is not None:
                counted[kind][first_day(local_day(at, clinic), starts)] += 1
        if state == State.WAITING:
            counted["waiting"][first_day(local_day(requested, clinic), starts)] += 1
    days = [first + timedelta(weeks=place) for place in range(WEEKS)]
    return [
        Week(day, *(counted[kind][day] for kind in ("requested", "mailed", "returned", "waiting")))
        for day in days
    ]
