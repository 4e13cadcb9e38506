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
from service.content_clinic import Clinic
from service.report_requests.models import ReportRequest
from service.report_requests.rules import Delivery, State, first_day, local_day
from service.tongue import N_, Words, gettext, ngettext

router = APIRouter(prefix="/console/reports", route_class=ConsoleRoute)

WEEKS = 12
KINDS: Words[str] = Words(
    {
        "requested": N_("Asked for"),
        "mailed": N_("Mailed"),
        "returned": N_("Came back"),
        "waiting": N_("Waiting"),
    }
)


@dataclass(frozen=True, slots=True)
class Week:
    """One week's numbers."""

    starts: date
    requested: int
    mailed: int
    returned: int
    waiting: int  # in line at its end, for a package of a later week


@router.get("/numbers")
def show(visit: Viewer) -> HTMLResponse:
    """The picture, and the same as a table."""
    with visit.house.database.reading() as session:
        weeks = read(session, visit.house.line.content.clinic, visit.now)
        waiting = session.scalar(select(func.count()).where(ReportRequest.state == State.WAITING))
    return shell.page(
        visit, "numbers.html", weeks=weeks, chart=draw(weeks), waiting=waiting or 0, kinds=KINDS
    )


def title() -> str:
    """What the picture shows."""
    return gettext("Reports asked for, mailed, come back and waiting")


def tells() -> str:
    """Of what time it is."""
    return ngettext(
        "By the week, the last %(num)d week; waiting are those whose package leaves in a later week.",
        "By the week, the last %(num)d weeks; waiting are those whose package leaves in a later week.",
        WEEKS,
    )


def draw(weeks: Sequence[Week]) -> Chart:
    """The picture of the weeks, here and among the figures."""
    labels = [week_label(week.starts) for week in weeks]
    series = {name: [getattr(week, kind) for week in weeks] for kind, name in KINDS.items()}
    return bars(title(), tells(), labels, series)


def read(session: Session, clinic: Clinic, now: datetime) -> list[Week]:
    """The last twelve weeks, oldest first; weeks begin as the packages' do."""
    starts = clinic.packages.week_starts

    def week_of(at: datetime) -> date:
        return first_day(local_day(at, clinic), starts)

    this = week_of(now)
    days = [this - timedelta(weeks=back) for back in reversed(range(WEEKS))]
    counted = {kind: Counter[date]() for kind in KINDS}
    what = (
        ReportRequest.state,
        ReportRequest.requested_at,
        ReportRequest.mailed_at,
        ReportRequest.returned_at,
        ReportRequest.confirmed_at,
        ReportRequest.in_line_at,
        ReportRequest.week,
    )
    recent = select(*what).where(
        ReportRequest.delivery == Delivery.MAIL,
        ReportRequest.requested_at > now - timedelta(weeks=WEEKS + 40),
    )
    for request in session.execute(recent):
        for kind in ("requested", "mailed", "returned"):
            if at := getattr(request, f"{kind}_at"):
                counted[kind][week_of(at)] += 1
        if request.in_line_at and request.state not in (State.CONFIRMED, State.CANCELLED):
            since = max(request.in_line_at, request.confirmed_at or request.in_line_at)
            joined, leaves = week_of(since), request.week or date.max
            counted["waiting"].update(day for day in days if joined <= day < leaves)
    return [Week(day, **{kind: counted[kind][day] for kind in KINDS}) for day in days]
