"""At which minute a program message is due. Pure: no database, no clock.

A slot is the patient's preferred time of day in their own zone, moved into the hours that every zone
of theirs permits, plus an offset within the spread that is the patient's own and stays: tips to many
people do not leave, and are not answered, all at once.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from service.content_clinic import Clinic, Weekday
from service.drip.rules import NORMAL, PartOfDay
from service.patients.rules import PermittedHours, next_permitted, permitted_until

WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)

LONGEST_WAIT = 60
"""Days looked ahead for one on which the clinic wants tips to go out."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """When the clinic wants tips to go out, from clinic.toml."""

    hours: PermittedHours
    times: dict[PartOfDay, time]
    weekdays: frozenset[int]
    closed: frozenset[date]
    spread: timedelta

    def wants(self, day: date) -> bool:
        """Whether tips go out on this local day."""
        return day.weekday() in self.weekdays and day not in self.closed


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How one patient gets tips. `where` holds their zones, the one they live in last."""

    where: tuple[ZoneInfo, ...]
    part: PartOfDay
    pace: int
    offset: timedelta

    @property
    def home(self) -> ZoneInfo:
        """The zone whose days and hours the patient lives by."""
        return self.where[-1]


def calendar_of(clinic: Clinic) -> Calendar:
    """The calendar that clinic.toml sets."""
    program, permitted = clinic.program, clinic.permitted_hours
    return Calendar(
        hours=PermittedHours(permitted.start, permitted.end, permitted.sunday_start),
        times={
            PartOfDay.MORNING: program.preferred_times.morning,
            PartOfDay.EVENING: program.preferred_times.evening,
        },
        weekdays=frozenset(WEEKDAYS.index(day) for day in program.days),
        closed=frozenset(() if program.on_holidays else clinic.holidays),
        spread=timedelta(minutes=program.spread_minutes),
    )


def offset_of(enrollment_id: int, spread: timedelta) -> timedelta:
    """The enrollment's own place within the spread: looks random, never changes."""
    digest = hashlib.sha256(f"enrollment {enrollment_id}".encode()).digest()
    seconds = int(spread.total_seconds())
    return timedelta(seconds=int.from_bytes(digest[:8]) % seconds if seconds else 0)


def slot(moment: datetime, rhythm: Rhythm, calendar: Calendar) -> datetime:
    """The patient's first slot from `moment` on, in UTC."""
    return _slot_from(moment.astimezone(rhythm.home).date(), moment, rhythm, calendar)


def slot_after(moment: datetime, gap: timedelta, rhythm: Rhythm, calendar: Calendar) -> datetime:
    """The first slot so many whole days, at the patient's pace, after the local day of `moment`."""
    day = moment.astimezone(rhythm.home).date() + gap * max(NORMAL, rhythm.pace)
    return _slot_from(day, moment, rhythm, calendar)


def first_slot(now: datetime, rhythm: Rhythm, calendar: Calendar) -> datetime:
    """At once if the hours permit, as an answer to the patient's own wish; else their next slot."""
    permitted = permitted_until(now, calendar.hours, rhythm.where)
    return now if permitted else slot(now, rhythm, calendar)


def _slot_from(first: date, not_before: datetime, rhythm: Rhythm, calendar: Calendar) -> datetime:
    days = [first + timedelta(days=later) for later in range(LONGEST_WAIT)]
    for day in filter(calendar.wants, days):
        found = _slot_on(day, rhythm, calendar)
        if found is not None and found >= not_before:
            return found
    return next_permitted(not_before, calendar.hours, rhythm.where)  # never a wanted day: any


def _slot_on(day: date, rhythm: Rhythm, calendar: Calendar) -> datetime | None:
    """The slot of one local day, in UTC; None when that day has no permitted time left for it.

    Where the hours never permit an evening (the number's zone is hours ahead), the morning is used.
    """
    for part in dict.fromkeys((rhythm.part, PartOfDay.MORNING)):
        preferred = datetime.combine(day, calendar.times[part], rhythm.home)
        start = next_permitted(preferred.astimezone(UTC), calendar.hours, rhythm.where)
        spread = start + rhythm.offset
        if not permitted_until(spread, calendar.hours, rhythm.where):
            spread = start
        if spread.astimezone(rhythm.home).date() == day:
            return spread
    return None
