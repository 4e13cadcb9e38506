"""Reports by the week: asked for, mailed, come back, and how long the line is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.console import shell
from service.console.charts import Chart, bars, week_label
from service.console.guard import ConsoleRoute, Viewer
from service.content_models import Clinic
from service.report_requests.models import ReportRequest
from service.report_requests.rules import Delivery, State, first_day, local_day

router = APIRouter(prefix="/console/reports", route_class=ConsoleRoute)

WEEKS = 12
TITLE = "Reports asked for, mailed and come back"
TELLS = f"By the week, the last {WEEKS} weeks."
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
    return shell.page(
        visit, "numbers.html", weeks=weeks, chart=draw(weeks), waiting=waiting or 0, kinds=KINDS
    )


def draw(weeks: Sequence[Week]) -> Chart:
    """The picture of the weeks, here and among the figures."""
    labels = [week_label(week.starts) for week in weeks]
    series = {name: [getattr(week, kind) for week in weeks] for kind, name in KINDS.items()}
    return bars(TITLE, TELLS, labels, series)


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
