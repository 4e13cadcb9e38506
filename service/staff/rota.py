"""Who is on duty. Pure: the entries and the clinic's local time are arguments."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Shift:
    """One line of the rota, in the clinic's local time; `on_date` replaces the weekday's lines.

    One that ends at or before it starts lasts until the next morning.
    """

    staff_id: int
    backup_id: int | None
    starts: time
    ends: time
    weekday: int | None = None  # 0 is Monday
    on_date: date | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody is on duty from `begins` on until `ends`, local times."""

    begins: datetime
    ends: datetime


def on_duty(shifts: Sequence[Shift], moment: datetime, zone: ZoneInfo) -> list[Shift]:
    """The lines that hold at `moment`, told by the clinic's clock on the wall."""
    local = moment.astimezone(zone).replace(tzinfo=None)
    days = (local.date(), local.date() - timedelta(days=1))
    return [
        shift
        for day in days
        for shift, (begins, ends) in _spans(shifts, day)
        if begins <= local < ends
    ]


def gaps(shifts: Sequence[Shift], moment: datetime, zone: ZoneInfo, days: int = 7) -> list[Gap]:
    """When nobody is on duty between `moment` and so many days later."""
    local = moment.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)
    end = local + timedelta(days=days)
    first = local.date() - timedelta(days=1)
    spans = sorted(
        span
        for count in range(days + 2)
        for _, span in _spans(shifts, first + timedelta(days=count))
    )
    found, free_from = list[Gap](), local
    for begins, ends in [*spans, (end, end)]:
        if begins > free_from:
            found.append(Gap(free_from, min(begins, end)))
        free_from = max(free_from, ends)
        if free_from >= end:
            break
    return found


def _spans(shifts: Iterable[Shift], day: date) -> Iterator[tuple[Shift, tuple[datetime, datetime]]]:
    """The lines that begin on `day`, each with its beginning and end."""
    every = list(shifts)
    dated = [shift for shift in every if shift.on_date == day]
    for shift in dated or [each for each in every if each.weekday == day.weekday()]:
        begins = datetime.combine(day, shift.starts)
        ends = datetime.combine(day, shift.ends)
        yield shift, (begins, ends if ends > begins else ends + timedelta(days=1))
