"""Consent words and permitted hours. Pure: no database, no clock."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Purpose(StrEnum):
    """What a consent is for."""

    PROGRAM = "program"
    REPORT = "report"
    EVERYTHING = "everything"  # an opt-out, or the START that takes it back


class Means(StrEnum):
    """How a consent was given or taken back."""

    TEXT = "text"
    KEY = "key"
    SPEECH = "speech"
    WEB = "web"
    STAFF = "staff"
    CARRIER = "carrier"  # the carrier refused with 21610: the patient said STOP to it


SUNDAY = 6


@dataclass(frozen=True, slots=True)
class PermittedHours:
    """When automated messages may leave, in the patient's local time.

    Default 9:00 to 20:00, Sundays from 12:00: the tightest of the US state rules (facts on the law:
    47 CFR 64.1200(c)(1) and the state windows, TX Sundays from noon, CT until 20:00).
    """

    start: time
    end: time
    sunday_start: time

    def window(self, day: datetime) -> tuple[datetime, datetime]:
        """The permitted span of the local day on which `day` (aware, local zone) falls."""
        start = self.sunday_start if day.weekday() == SUNDAY else self.start
        return (
            datetime.combine(day.date(), start, day.tzinfo),
            datetime.combine(day.date(), self.end, day.tzinfo),
        )


def zones(*names: str | None) -> tuple[ZoneInfo, ...]:
    """The distinct zones a patient may be in: of the number and of the address."""
    return tuple(ZoneInfo(name) for name in dict.fromkeys(filter(None, names)))


def permitted_until(
    moment: datetime, hours: PermittedHours, where: Collection[ZoneInfo]
) -> datetime | None:
    """When the permitted span that `moment` lies in ends, in UTC; None when it lies in none.

    With several zones the tighter wins: all must permit, and the earliest end counts. Comparisons are
    made in UTC, so a day that is 23 or 25 hours long is right to the minute.
    """
    ends = []
    for zone in where:
        start, end = hours.window(moment.astimezone(zone))
        if not start.timestamp() <= moment.timestamp() < end.timestamp():
            return None
        ends.append(end)
    return _utc(min(ends, key=datetime.timestamp))


def next_permitted(
    moment: datetime, hours: PermittedHours, where: Collection[ZoneInfo]
) -> datetime:
    """The first moment from `moment` on that every zone permits, in UTC.

    ValueError when the zones never permit at once (more than eleven hours apart).
    """
    candidates = [moment]
    for zone in where:
        local = moment.astimezone(zone)
        candidates += [hours.window(local + timedelta(days=days))[0] for days in range(9)]
    for candidate in sorted(candidates, key=datetime.timestamp):
        if candidate.timestamp() >= moment.timestamp() and permitted_until(candidate, hours, where):
            return _utc(candidate)
    raise ValueError("no moment of the week is permitted in all of the patient's time zones")


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
