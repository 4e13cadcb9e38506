"""The dashboard: pictures of how the line and the clinic do, each with its table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from service.console import charts, figures, numbers, shell, words
from service.console.charts import Chart
from service.console.figures import Speed
from service.console.funnel import Told, funnel
from service.console.guard import ConsoleRoute, Viewer, Visit
from service.triage.rules import Level

router = APIRouter(prefix="/console/figures", route_class=ConsoleRoute)

Row = Sequence[str | int | float]


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture with its heading, what is to be seen in it, and its table."""

    key: str
    title: str
    tells: str
    chart: Chart | None  # None while there is nothing to draw
    heads: Sequence[str]
    rows: Sequence[Row]


@router.get("")
def show(visit: Viewer) -> HTMLResponse:
    """All pictures."""
    with visit.house.database.reading() as session:
        pictures = [
            _speed(session, visit, Level.EMERGENCY),
            _speed(session, visit, Level.URGENT),
            _signs(session, visit),
            _reports(session, visit),
            _program(session, visit),
            _delivery(session, visit),
        ]
    return shell.page(visit, "dashboard.html", pictures=pictures)


def _speed(session: Session, visit: Visit, level: Level) -> Picture:
    due = visit.house.line.content.clinic.due
    target = due.emergency_minutes if level is Level.EMERGENCY else due.urgent_minutes
    speeds = figures.speeds(session, level, timedelta(minutes=target), visit.now, visit.house.zone)
    name = "Emergencies" if level is Level.EMERGENCY else "Urgent flags"
    title = f"{name}: minutes until seen and until rung"
    series = {
        "Acknowledged": [each.seen for each in speeds],
        "Rung back": [each.rung for each in speeds],
    }
    tells = f"{_in_time(speeds)} The target is {target} minutes. Medians of each week."
    labels = [charts.week_label(each.week) for each in speeds]
    drawn = charts.lines(title, tells, labels, series, target)
    return Picture(
        key=level,
        title=title,
        tells=tells,
        chart=drawn if any(each.flags for each in speeds) else None,
        heads=("Week of", "Flags", "Seen, min", "Rung, min", "In time", "Not seen"),
        rows=[
            (day(each.week), each.flags, _or_dash(each.seen), _or_dash(each.rung), each.in_time,
             each.unseen)
            for each in reversed(speeds)
        ],
    )  # fmt: skip


def _in_time(speeds: Sequence[Speed]) -> str:
    flags = sum(each.flags for each in speeds)
    if not flags:
        return "There were none in the last twelve weeks."
    in_time = sum(each.in_time for each in speeds)
    return f"{in_time} of {flags} were acknowledged in time in the last twelve weeks."


def _signs(session: Session, visit: Visit) -> Picture:
    signs = [(words.sign(sign), count) for sign, count in figures.by_sign(session, visit.now)]
    tells = (
        "Messages of the last twelve weeks that were flagged. One message can hold several signs."
    )
    title = "Flags by sign"
    drawn = charts.lying_bars(
        title, tells, [name for name, _ in signs], {"Messages": [count for _, count in signs]}
    )
    return Picture("signs", title, tells, drawn if signs else None, ("Sign", "Messages"), signs)


def _reports(session: Session, visit: Visit) -> Picture:
    weeks = numbers.read(session, visit.house.line.content.clinic, visit.now)
    return Picture(
        key="reports",
        title=numbers.TITLE,
        tells=numbers.TELLS,
        chart=numbers.draw(weeks) if any(each.requested or each.mailed for each in weeks) else None,
        heads=("Week of", *numbers.KINDS.values()),
        rows=[
            (day(each.starts), each.requested, each.mailed, each.returned, each.waiting)
            for each in reversed(weeks)
        ],
    )


def _program(session: Session, visit: Visit) -> Picture:
    steps = funnel(session, visit.house.line.content.program("en"), visit.now)
    return Picture(
        key="program",
        title=STEPS_TITLE,
        tells=STEPS_TELL,
        chart=draw_steps(steps) if any(step.sent for step in steps) else None,
        heads=("Tip", *(name for name, _ in STEPS)),
        rows=[(step.number, *(getattr(step, key) for _, key in STEPS)) for step in steps],
    )


STEPS_TITLE = "What each tip does"
STEPS_TELL = (
    "The last twelve months: to how many each tip was sent, and how many got it, answered it, were "
    "flagged or opted out within a week."
)
STEPS = (
    ("Sent", "sent"),
    ("Delivered", "delivered"),
    ("Answered", "answered"),
    ("Flagged", "flagged"),
    ("Opted out", "left"),
)


STEPS_HUES = ("grey", "teal", "ink", "amber", "red")


def draw_steps(steps: Sequence[Told]) -> Chart:
    """The picture of the program's funnel, here and on the page of the tips."""
    series = {name: [getattr(step, key) for step in steps] for name, key in STEPS}
    labels = [f"Tip {step.number}" for step in steps]
    return charts.lying_bars(STEPS_TITLE, STEPS_TELL, labels, series, hues=STEPS_HUES)


def _delivery(session: Session, visit: Visit) -> Picture:
    kinds = figures.delivered(session, visit.now)
    title, tells = "Delivery", "Texts and calls of the last thirty days, by what they were for."
    series = {
        "Arrived": [each.arrived for each in kinds],
        "On the way": [each.on_the_way for each in kinds],
        "Did not arrive": [each.failed for each in kinds],
    }
    labels = [words.MESSAGES[each.kind] for each in kinds]
    return Picture(
        key="delivery",
        title=title,
        tells=tells,
        chart=charts.lying_bars(title, tells, labels, series, stacked=True) if kinds else None,
        heads=("Kind", *series),
        rows=[
            (label, each.arrived, each.on_the_way, each.failed)
            for label, each in zip(labels, kinds, strict=True)
        ],
    )


def day(at: date) -> str:
    """A day as it stands under a picture: "Nov 30"."""
    return f"{at:%b} {at.day}"


def _or_dash(value: float | None) -> str | float:
    return "–" if value is None else value
