"""The staff's own phones, and who of them is to be told of what is pressing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service import history
from service.crypto import Keyring
from service.errors import BacktalkError, Conflict
from service.phone import to_e164
from service.staff.models import Duty, Staff
from service.staff.rota import Shift, on_duty

PLACE = "staff.mobile"


class BadNumber(BacktalkError):
    """What was given is no telephone number."""

    status = 400


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone to be told; without `staff_id` it is one of `[alerts] numbers`."""

    number: str  # E.164
    staff_id: int | None = None


@dataclass(frozen=True, slots=True)
class Roster:
    """Whose phones are told now, in the order of the ladder."""

    on_duty: tuple[Phone, ...]
    backup: tuple[Phone, ...]
    everyone: tuple[Phone, ...]


_MOBILES = select(Staff.id, Staff.mobile).where(
    Staff.disabled_at.is_(None), Staff.mobile.is_not(None)
)
_DUTIES = select(Duty)


def roster(session: Session, numbers: Sequence[str], now: datetime, zone: ZoneInfo) -> Roster:
    """Who is on duty, their backup, and everyone; `numbers` are on duty when the rota names nobody."""
    rows = session.execute(_MOBILES)
    mobiles = {staff_id: Phone(mobile, staff_id) for staff_id, mobile in rows if mobile}
    fallback = [Phone(number) for number in numbers]
    holding = on_duty(shifts(session), now, zone)
    first = _phones(mobiles, [shift.staff_id for shift in holding])
    return Roster(
        on_duty=first or tuple(fallback),
        backup=_phones(mobiles, [shift.backup_id for shift in holding]),
        everyone=_once([*mobiles.values(), *fallback]),
    )


def shifts(session: Session) -> list[Shift]:
    """The whole rota."""
    return [
        Shift(duty.staff_id, duty.backup_id, duty.starts, duty.ends, duty.weekday, duty.on_date)
        for duty in session.scalars(_DUTIES)
    ]


def set_mobile(
    session: Session, keyring: Keyring, staff_id: int, number: str, *, by: int, now: datetime
) -> None:
    """Keep a member of staff's mobile number; an empty one takes it away.

    BadNumber when it is none, Conflict when a colleague has it.
    """
    mobile = to_e164(number) if number.strip() else None
    if number.strip() and mobile is None:
        raise BadNumber("That is no telephone number; write it like (804) 555-0142.")
    index = keyring.index(mobile, PLACE) if mobile else None
    try:
        with session.begin_nested():
            session.execute(
                update(Staff).where(Staff.id == staff_id).values(mobile=mobile, mobile_index=index)
            )
    except IntegrityError as error:
        raise Conflict("A colleague has this number already.") from error
    history.record(
        session,
        at=now,
        actor=history.staff_actor(by),
        action="mobile changed" if mobile else "mobile removed",
        subject=history.staff_actor(staff_id),
    )


def _phones(mobiles: dict[int, Phone], ids: Iterable[int | None]) -> tuple[Phone, ...]:
    return _once(mobiles[each] for each in ids if each in mobiles)


def _once(phones: Iterable[Phone]) -> tuple[Phone, ...]:
    return tuple({phone.number: phone for phone in reversed(list(phones))}.values())[::-1]
