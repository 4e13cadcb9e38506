"""The rota: who is on duty when, who stands behind them, and on which phones they are told."""

from dataclasses import dataclass
from datetime import date, time
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from service import history
from service.console import shell
from service.console.deeds import SAID
from service.console.guard import Actor, AdminActor, ConsoleRoute, Viewer, Visit
from service.console.warnings import warnings
from service.db import changed
from service.errors import Conflict, NotFound
from service.phone import pretty
from service.staff.accounts import people
from service.staff.models import Duty, Staff
from service.staff.phones import set_mobile, shifts
from service.staff.rota import Gap, gaps, on_duty
from service.staff.rules import Role
from service.tongue import N_, gettext

router = APIRouter(prefix="/console/rota", route_class=ConsoleRoute)

Number = Annotated[str, Form(max_length=40)]

DAYS = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"),
    N_("Sunday"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the rota as it is shown."""

    id: int
    day: str
    hours: str
    who: str
    backup: str
    now: bool


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of staff and their phone."""

    id: int
    name: str
    mobile: str
    mine: bool


@router.get("")
def show(visit: Viewer, said: str = "") -> HTMLResponse:
    """The rota, and the form that adds to it."""
    with visit.house.database.reading() as session:
        staff = [each for each in people(session) if each.disabled_at is None]
        lines = _lines(session, visit)
        empty = gaps(shifts(session), visit.now, visit.house.zone) if lines else []
        warned = warnings(session, visit)
    return shell.page(
        visit,
        "rota.html",
        lines=lines,
        gaps=[_gap_in_words(gap) for gap in empty],
        warned=warned,
        days=[gettext(day) for day in DAYS],
        staff=[_colleague(each, visit) for each in staff],
        may_edit=visit.who.role is Role.ADMIN,
        said=SAID.get(said),
    )


@router.post("/duties")
def add(
    visit: AdminActor,
    who: Annotated[int, Form()],
    starts: Annotated[time, Form()],
    ends: Annotated[time, Form()],
    backup: Annotated[str, Form()] = "",
    day: Annotated[list[int] | None, Form()] = None,
    on_date: Annotated[str, Form()] = "",
) -> Response:
    """Put somebody on duty, on some weekdays or on one date."""
    once = _date(on_date)
    if not (once or day):
        raise Conflict("Choose at least one weekday, or a date.")
    with visit.house.database.transaction() as session:
        for each in [None] if once else sorted(set(day or [])):
            duty = Duty(
                weekday=each,
                on_date=once,
                starts=starts.replace(tzinfo=None),
                ends=ends.replace(tzinfo=None),
                staff_id=_known(session, who),
                backup_id=_known(session, int(backup)) if backup.isdigit() else None,
            )
            session.add(duty)
            session.flush()
            _remember(session, visit, "put on duty", duty.id, who)
    return RedirectResponse("/console/rota?said=on_duty", 303)


@router.post("/duties/{duty_id}/remove")
def remove(visit: AdminActor, duty_id: int) -> Response:
    """Take a line off the rota."""
    with visit.house.database.transaction() as session:
        duty = session.get(Duty, duty_id)
        if duty is None or not changed(session.execute(delete(Duty).where(Duty.id == duty_id))):
            raise NotFound("This line is not on the rota any more.")
        _remember(session, visit, "taken off duty", duty_id, duty.staff_id)
    return RedirectResponse("/console/rota?said=off_duty", 303)


@router.post("/mobile")
def keep_own(visit: Actor, number: Number = "") -> Response:
    """Keep one's own mobile number."""
    return _keep(visit, visit.who.staff_id, number)


@router.post("/mobile/{staff_id}")
def keep_mobile(visit: AdminActor, staff_id: int, number: Number = "") -> Response:
    """Keep a colleague's mobile number."""
    return _keep(visit, staff_id, number)


def _keep(visit: Visit, staff_id: int, number: str) -> Response:
    keyring = visit.house.database.keyring
    with visit.house.database.transaction() as session:
        _known(session, staff_id)
        set_mobile(session, keyring, staff_id, number, by=visit.who.staff_id, now=visit.now)
    return RedirectResponse("/console/rota?said=mobile_kept", 303)


def _lines(session: Session, visit: Visit) -> list[Line]:
    """Dates first, then the week from Monday on."""
    staff = {each.id: each.name for each in people(session)}
    holding = {
        (shift.weekday, shift.on_date, shift.starts, shift.staff_id)
        for shift in on_duty(shifts(session), visit.now, visit.house.zone)
    }
    duties = session.scalars(select(Duty)).all()
    local = visit.now.astimezone(visit.house.zone).date()
    return [
        Line(
            id=duty.id,
            day=_day_in_words(duty.on_date, duty.weekday),
            hours=_hours_in_words(duty.starts, duty.ends),
            who=staff[duty.staff_id],
            backup=staff.get(duty.backup_id or 0, ""),
            now=(duty.weekday, duty.on_date, duty.starts, duty.staff_id) in holding,
        )
        for duty in sorted(duties, key=_order)
        if duty.on_date is None or (local - duty.on_date).days < 2
    ]


def _order(duty: Duty) -> tuple[int, str, int, time]:
    weekday = -1 if duty.weekday is None else duty.weekday
    return (duty.on_date is None, str(duty.on_date or ""), weekday, duty.starts)


def _day_in_words(on_date: date | None, weekday: int | None) -> str:
    return f"{on_date:%A, %B} {on_date.day}" if on_date else gettext(DAYS[weekday or 0])


def _hours_in_words(starts: time, ends: time) -> str:
    if starts == ends == time(0):
        return gettext("all day and night")
    if ends <= starts and ends != time(0):
        return gettext(
            "%(starts)s to %(ends)s the next day", starts=_clock(starts), ends=_clock(ends)
        )
    return gettext("%(starts)s to %(ends)s", starts=_clock(starts), ends=_clock(ends))


def _clock(at: time) -> str:
    if at == time(0):
        return gettext("midnight")
    return gettext("noon") if at == time(12) else f"{at:%-I:%M %p}".lower()


def _gap_in_words(gap: Gap) -> str:
    begins, ends = gap.begins, gap.ends
    return gettext(
        "%(first_day)s %(starts)s to %(last_day)s %(ends)s",
        first_day=gettext(DAYS[begins.weekday()]),
        starts=_clock(begins.time()),
        last_day=gettext(DAYS[ends.weekday()]),
        ends=_clock(ends.time()),
    )


def _colleague(staff: Staff, visit: Visit) -> Colleague:
    mobile = pretty(staff.mobile) if staff.mobile else ""
    return Colleague(staff.id, staff.name, mobile, staff.id == visit.who.staff_id)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Conflict("That is no date; write it like 2026-12-24.") from error


def _known(session: Session, staff_id: int) -> int:
    staff = session.get(Staff, staff_id)
    if staff is None or staff.disabled_at is not None:
        raise NotFound("There is no such colleague.")
    return staff.id


def _remember(session: Session, visit: Visit, action: str, duty_id: int, staff_id: int) -> None:
    history.record(
        session,
        at=visit.now,
        actor=history.staff_actor(visit.who.staff_id),
        action=action,
        subject=history.staff_actor(staff_id),
        duty=duty_id,
    )
