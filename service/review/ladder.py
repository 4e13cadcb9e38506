"""The ladder: who is told next while nobody has acknowledged. Pure: no database, no clock.

Anchor for the pace: nurse triage lines answer emergent calls within 5 minutes and urgent ones within 15,
so that the last rung (everyone) is reached within 15 (`[alerts] ladder_minutes`).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from service.content_clinic import Alerts
from service.review.rules import State
from service.triage.rules import Level


class Rung(StrEnum):
    """Whom a step of the ladder tells."""

    ON_DUTY = "on_duty"
    AGAIN = "again"
    BACKUP = "backup"
    EVERYONE = "everyone"


ORDER = (Rung.ON_DUTY, Rung.AGAIN, Rung.BACKUP, Rung.EVERYONE)

MIDNIGHT = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Standing:
    """One item on the ladder as it stands."""

    rung: int  # the next to climb
    due: datetime  # since when
    state: State
    claimed_at: datetime | None
    rests_until: datetime | None


@dataclass(frozen=True, slots=True)
class Tell:
    """Somebody is told now; the next rung is due at `next_due`."""

    rung: Rung
    next_rung: int
    next_due: datetime


@dataclass(frozen=True, slots=True)
class Rest:
    """Somebody is at it: nobody is told until then, and then from the first rung."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Over:
    """It is closed."""


def climb(standing: Standing, alerts: Alerts, now: datetime) -> Tell | Rest | Over:
    """What is due of one item. What nobody finishes within `unfinished_minutes` is told of again."""
    if standing.state is State.CLOSED:
        return Over()
    until = resting_until(standing, alerts)
    if until is not None and now < until:
        return Rest(until)
    last = len(alerts.ladder_minutes) - 1
    place = min(standing.rung, last)
    if place < last:  # rungs that were missed while the worker stood still are caught up with
        pause = alerts.ladder_minutes[place + 1] - alerts.ladder_minutes[place]
        next_due = standing.due + timedelta(minutes=pause)
    else:
        next_due = next_round(now, timedelta(minutes=alerts.repeat_minutes))
    return Tell(rung_at(place, last), place + 1, next_due)


def next_round(now: datetime, every: timedelta) -> datetime:
    """When what stands on the last rung is told again: all of it at once, in one text to a phone."""
    since = now - MIDNIGHT
    return MIDNIGHT + every * (since // every + 1)


def resting_until(standing: Standing, alerts: Alerts) -> datetime | None:
    """Until when an item is left alone: a time that was agreed, or an hour after it was claimed."""
    if standing.rests_until is not None:
        return standing.rests_until
    if standing.state is State.CLAIMED and standing.claimed_at is not None:
        return standing.claimed_at + timedelta(minutes=alerts.unfinished_minutes)
    return None


def rung_at(place: int, last: int) -> Rung:
    """Whom the rung at `place` tells; the last one tells everyone."""
    return Rung.EVERYONE if place >= last else ORDER[min(place, len(ORDER) - 2)]


def rings(level: Level, rung: Rung) -> bool:
    """Whether the phone rings as well: for an emergency at once, for the rest from the second rung on."""
    return level is Level.EMERGENCY or rung is not Rung.ON_DUTY
