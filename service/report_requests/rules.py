"""How a report reaches a patient, and how a request moves. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import repeat
from typing import get_args

from service.content_clinic import Clinic, Weekday

WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


class Delivery(StrEnum):
    """By mail, a few packages a week, or by link."""

    LINK = "link"
    MAIL = "mail"


class State(StrEnum):
    """A request's way to the doorstep."""

    REQUESTED = "requested"  # half told: a person completes it
    CONFIRMED = "confirmed"  # held: a person looks before it joins the line
    RESERVED = "reserved"
    WAITING = "waiting"
    PACKED = "packed"
    MAILED = "mailed"
    RETURNED = "returned"
    CANCELLED = "cancelled"


OPEN = (State.REQUESTED, State.CONFIRMED, State.RESERVED, State.WAITING, State.PACKED)
"""States in which a package is still to be mailed: one such request a patient."""

TAKING = (State.RESERVED, State.PACKED, State.MAILED, State.RETURNED)
"""States in which one of a week's packages is used."""


class Hold(StrEnum):
    """Why a person must look before a request joins the line."""

    ADDRESS = "address_in_doubt"
    MANY_ADDRESSES = "many_addresses_from_one_number"
    MANY_NUMBERS = "many_numbers_to_one_address"
    CAME_BACK = "same_address_as_one_that_came_back"


class Returned(StrEnum):
    """Why a package came back, in the words of the post (USPS endorsements, DMM 507, exhibit 1.4.1)."""

    NO_SUCH_NUMBER = "no_such_number"
    INSUFFICIENT_ADDRESS = "insufficient_address"
    ATTEMPTED_NOT_KNOWN = "attempted_not_known"
    MOVED = "moved_left_no_address"
    NO_MAIL_RECEPTACLE = "no_mail_receptacle"
    UNCLAIMED = "unclaimed"
    REFUSED = "refused"
    OTHER = "other"


class Outcome(StrEnum):
    """What a request came to."""

    BY_LINK = "by_link"
    RESERVED = "reserved"
    WAITING = "waiting"
    LISTED = "listed"  # in line, but the clinic mails none at the moment: no week to tell
    HELD = "held"
    ALREADY = "already"
    MAILED_BEFORE = "mailed_before"
    HOUSEHOLD = "household"


@dataclass(frozen=True, slots=True)
class Promise:
    """What the patient is to be told: the outcome, the week promised (its first day), the place in
    line, the day on which one was mailed.
    """

    outcome: Outcome
    week: date | None = None
    place: int | None = None
    mailed: date | None = None


def local_day(now: datetime, clinic: Clinic) -> date:
    """The clinic's local date."""
    return now.astimezone(clinic.zone).date()


def first_day(today: date, starts: Weekday) -> date:
    """The first day of the package week that `today` lies in."""
    return today - timedelta(days=(today.weekday() - WEEKDAYS.index(starts)) % 7)


def following(week: date, starts: Weekday) -> date:
    """The first day of the next package week; after a change of `starts` one week is shorter."""
    return first_day(week + timedelta(days=7), starts)


def weeks_to_give(week: date, free: int, weekly: int, starts: Weekday) -> Iterator[date]:
    """The week of each package still to be given out, from `week` on; ends when none are ever left."""
    yield from repeat(week, max(0, free))
    while weekly:
        week = following(week, starts)
        yield from repeat(week, weekly)


def allot(
    line: Iterable[int], week: date, free: int, weekly: int, starts: Weekday
) -> dict[int, date | None]:
    """The week promised to each request of `line` (first come first served); None: no week in sight."""
    given = weeks_to_give(week, free, weekly, starts)
    return {request: next(given, None) for request in line}


def left_over(capacity: int, taken: int, *, carry_over: bool) -> int:
    """How many of a week's packages are added to the next week."""
    return max(0, capacity - taken) if carry_over else 0


MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "es": [
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
        "octubre", "noviembre", "diciembre",
    ],
}  # fmt: skip


def day_in_words(day: date, language: str) -> str:
    """A day as it is texted: "Dec 7", "7 de diciembre"."""
    month = MONTHS[language][day.month - 1]
    return f"{month} {day.day}" if language == "en" else f"{day.day} de {month}"
