"""The shape of `messages/clinic.toml`: what the clinic is, and what it lets the line do."""

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, NonNegativeInt, PositiveInt, model_validator

from service.content_models import Language, Shape, Words
from service.tongue import known_language

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
CallNumber = Annotated[str, Field(pattern=r"^\+[1-9]\d{7,14}$")]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as unknown:
        raise ValueError(f"{name!r} is no time zone (write it like America/New_York)") from unknown
    return name


class OpenHours(Shape):
    """When the front desk answers on a weekday, local time."""

    open: time
    close: time

    @model_validator(mode="after")
    def opens_before_it_closes(self) -> Self:
        """Refuse hours that end before they begin."""
        if self.open >= self.close:
            raise ValueError("opens at or after it closes")
        return self


class Packages(Shape):
    """How many printed reports leave in a week that begins on `week_starts`, local time."""

    weekly: NonNegativeInt
    week_starts: Weekday
    carry_over: bool = False


class ReportLink(Shape):
    """Where the report can be read; empty means our own /report.pdf."""

    link: str = ""


class PermittedHours(Shape):
    """When program messages may arrive, in the patient's local time."""

    start: time
    end: time
    sunday_start: time


class PreferredTimes(Shape):
    """When tips arrive, local time, for those who choose a part of the day."""

    morning: time
    evening: time


class ProgramLimits(Shape):
    """How often and when program messages are sent."""

    preferred_times: PreferredTimes
    max_per_day: PositiveInt
    max_per_week: PositiveInt
    days: tuple[Weekday, ...] = Field(min_length=1)
    on_holidays: bool
    spread_minutes: NonNegativeInt
    segment_price: Annotated[Decimal, Field(ge=0)]


class Alerts(Shape):
    """Who is told of a red flag; `ladder_minutes` after it was raised, one rung each.

    The last rung tells everyone, and comes within a quarter of an hour.
    """

    numbers: tuple[CallNumber, ...] = ()
    ladder_minutes: tuple[Annotated[int, Field(ge=0, le=15)], ...] = Field(
        (0, 3, 7, 12), min_length=1
    )
    repeat_minutes: PositiveInt = 5
    unfinished_minutes: PositiveInt = 60
    digest: time = time(7, 30)
    safety_after_opt_out: bool

    @model_validator(mode="after")
    def climbs(self) -> Self:
        """Refuse a ladder that does not begin at once or does not rise."""
        minutes = self.ladder_minutes
        if minutes[0] != 0 or list(minutes) != sorted(set(minutes)):
            raise ValueError("ladder_minutes must begin with 0 and rise")
        return self


class Due(Shape):
    """Within what time a person must have acknowledged a review item of each level."""

    emergency_minutes: PositiveInt
    urgent_minutes: PositiveInt
    review: Literal["next_business_day"]


class OnCall(Shape):
    """Whom an emergency caller can be connected to; empty means nobody."""

    number: CallNumber | Literal[""] = ""


class Calls(Shape):
    """How the telephone is answered, and how tips are given by call."""

    desk_number: CallNumber | Literal[""] = ""
    desk_seconds: Annotated[int, Field(ge=5, le=60)] = 20
    carrier_keeps_hours: NonNegativeInt = 24
    tip_attempts: PositiveInt = 3
    tip_retry_hours: PositiveInt = 3
    look_up_line_type: bool = False


class Sender(Shape):
    """What carriers take from the line's number: texts in a minute, and in a day of theirs."""

    texts_per_minute: PositiveInt = 60
    texts_per_day: PositiveInt = 1000


class Clinic(Shape):
    """`clinic.toml`: what the clinic is."""

    name: Words
    short_name: Annotated[str, Field(min_length=1, max_length=20)]
    address: Words
    phone_display: Words
    website: str
    time_zone: Annotated[str, AfterValidator(_known_zone)]
    languages: tuple[Language, ...] = Field(min_length=1)
    console_language: Annotated[str, AfterValidator(known_language)] = "en"
    hours: Mapping[Weekday, OpenHours]
    holidays: tuple[date, ...]
    packages: Packages
    report: ReportLink
    permitted_hours: PermittedHours
    program: ProgramLimits
    alerts: Alerts
    due: Due
    on_call: OnCall
    calls: Calls = Calls()
    sender: Sender = Sender()

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return ZoneInfo(self.time_zone)
