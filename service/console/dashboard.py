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
from service.tongue import N_, Words, gettext, ngettext
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
    title = (
        gettext("Emergencies: minutes until seen and until rung")
        if level is Level.EMERGENCY
        else gettext("Urgent flags: minutes until seen and until rung")
    )
    series = {
        gettext("Acknowledged"): [each.seen for each in speeds],
        gettext("Rung back"): [each.rung for each in speeds],
    }
    tells = f"{_in_time(speeds)} {_target(target)}"
    labels = [charts.week_label(each.week) for each in speeds]
    drawn = charts.lines(title, tells, labels, series, target)
    return Picture(
        key=level,
        title=title,
        tells=tells,
        chart=drawn if any(each.flags for each in speeds) else None,
        heads=[gettext(head) for head in SPEED_HEADS],
        rows=[
            (day(each.week), each.flags, _or_dash(each.seen), _or_dash(each.rung), each.in_time,
             each.unseen)
            for each in reversed(speeds)
        ],
    )  # fmt: skip


SPEED_HEADS = (
    N_("Week of"), N_("Flags"), N_("Seen, min"), N_("Rung, min"), N_("In time"), N_("Not seen"),
)  # fmt: skip


def _target(minutes: int) -> str:
    return ngettext(
        "The target is %(num)d minute. Medians of each week.",
        "The target is %(num)d minutes. Medians of each week.",
        minutes,
    )


def _in_time(speeds: Sequence[Speed]) -> str:
    flags = sum(each.flags for each in speeds)
    if not flags:
        return gettext("There were none in the last twelve weeks.")
    in_time = sum(each.in_time for each in speeds)
    return gettext(
        "%(in_time)d of %(flags)d were acknowledged in time in the last twelve weeks.",
        in_time=in_time,
        flags=flags,
    )


def _signs(session: Session, visit: Visit) -> Picture:
    signs = [(words.sign(sign), count) for sign, count in figures.by_sign(session, visit.now)]
    tells = gettext(
        "Messages of the last twelve weeks that were flagged. One message can hold several signs."
    )
    title, heads = gettext("Flags by sign"), (gettext("Sign"), gettext("Messages"))
    series = {heads[1]: [count for _, count in signs]}
    drawn = charts.lying_bars(title, tells, [name for name, _ in signs], series)
    return Picture("signs", title, tells, drawn if signs else None, heads, signs)


def _reports(session: Session, visit: Visit) -> Picture:
    weeks = numbers.read(session, visit.house.line.content.clinic, visit.now)
    return Picture(
        key="reports",
        title=numbers.title(),
        tells=numbers.tells(),
        chart=numbers.draw(weeks) if any(each.requested or each.mailed for each in weeks) else None,
        heads=(gettext("Week of"), *numbers.KINDS.values()),
        rows=[
            (day(each.starts), each.requested, each.mailed, each.returned, each.waiting)
            for each in reversed(weeks)
        ],
    )


def _program(session: Session, visit: Visit) -> Picture:
    steps = funnel(session, visit.house.line.content.program("en"), visit.now)
    return Picture(
        key="program",
        title=gettext(STEPS_TITLE),
        tells=gettext(STEPS_TELL),
        chart=draw_steps(steps) if any(step.sent for step in steps) else None,
        heads=(gettext("Tip"), *STEPS.values()),
        rows=[(step.number, *(getattr(step, key) for key in STEPS)) for step in steps],
    )


STEPS_TITLE = N_("What each tip does")
STEPS_TELL = N_(
    "The last twelve months: to how many each tip was sent, and how many got it, answered it, were "
    "flagged or opted out within a week."
)
STEPS: Words[str] = Words(
    {
        "sent": N_("Sent"),
        "delivered": N_("Delivered"),
        "answered": N_("Answered"),
        "flagged": N_("Flagged"),
        "left": N_("Opted out"),
    }
)


STEPS_HUES = ("grey", "teal", "ink", "amber", "red")


def draw_steps(steps: Sequence[Told]) -> Chart:
    """The picture of the program's funnel, here and on the page of the tips."""
    series = {name: [getattr(step, key) for step in steps] for key, name in STEPS.items()}
    labels = [gettext("Tip %(number)d", number=step.number) for step in steps]
    title, tells = gettext(STEPS_TITLE), gettext(STEPS_TELL)
    return charts.lying_bars(title, tells, labels, series, hues=STEPS_HUES)


def _delivery(session: Session, visit: Visit) -> Picture:
    kinds = figures.delivered(session, visit.now)
    title = gettext("Delivery")
    tells = gettext("Texts and calls of the last thirty days, by what they were for.")
    series = {
        gettext("Arrived"): [each.arrived for each in kinds],
        gettext("On the way"): [each.on_the_way for each in kinds],
        gettext("Did not arrive"): [each.failed for each in kinds],
    }
    labels = [words.MESSAGES[each.kind] for each in kinds]
    return Picture(
        key="delivery",
        title=title,
        tells=tells,
        chart=charts.lying_bars(title, tells, labels, series, stacked=True) if kinds else None,
        heads=(gettext("Kind"), *series),
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
