"""The shapes of the files in `messages/`: what keys they have and what a value may be."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveInt,
    model_validator,
)

from service.tongue import known_language
from service.wording import fold

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Intent = Literal[
    "opt_out", "start", "help", "report", "mail", "link", "tips", "agree", "decline", "pause",
    "resume", "slower", "morning", "evening", "more", "call_me", "none", "confirm", "change",
    "english", "spanish", "thanks",
]  # fmt: skip
Language = Literal["en", "es"]
CallNumber = Annotated[str, Field(pattern=r"^\+[1-9]\d{7,14}$")]
Words = Annotated[str, Field(min_length=1)]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as unknown:
        raise ValueError(f"{name!r} is no time zone (write it like America/New_York)") from unknown
    return name


class Shape(BaseModel):
    """A table of a TOML file: unknown keys are refused, values cannot be changed."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


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

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return ZoneInfo(self.time_zone)


Phrases = Annotated[frozenset[str], AfterValidator(lambda phrases: frozenset(map(fold, phrases)))]


_CLAUSE_END = re.compile(r"[,.;:!?\n]")


class Pair(Shape):
    """Two wordings that mean something together: `then` begins at most `within` words after `first`."""

    first: Phrases
    then: Phrases
    within: PositiveInt

    def stands_in(self, said: str) -> bool:
        """Whether both stand in the folded text, in this order and near each other."""
        words = said.split()
        ends = [end for start, end in _places(words, self.first)]
        starts = [start for start, end in _places(words, self.then)]
        return any(0 <= start - end < self.within for end in ends for start in starts)


def _places(words: Sequence[str], phrases: frozenset[str]) -> list[tuple[int, int]]:
    longest = max(phrase.count(" ") + 1 for phrase in phrases)
    spans = ((at, at + length) for at in range(len(words)) for length in range(1, longest + 1))
    return [span for span in spans if " ".join(words[slice(*span)]) in phrases]


class Hears(Shape):
    """The words acted on in one language, folded.

    `whole`: the message is nothing else, courtesies aside. `contains`: the words stand somewhere in
    it, or both of a pair do, and none of `unless` does. `alone`: the words stand between two commas
    or stops, and nothing else does. `tells`: common words by which the language is recognised.
    """

    whole: Mapping[Intent, Phrases]
    contains: Mapping[Intent, Phrases] = {}
    unless: Mapping[Intent, Phrases] = {}
    pairs: Mapping[Intent, tuple[Pair, ...]] = {}
    alone: Mapping[Intent, Phrases] = {}
    courtesies: Phrases = frozenset()
    tells: Phrases = frozenset()

    def intents(self, text: str) -> frozenset[Intent]:
        """Everything that `text` asks for; "1" means several things, the dialog knows which."""
        said = fold(text)
        bare = self._bare(said)
        exact = {i for i, phrases in self.whole.items() if said in phrases or bare in phrases}
        within = {intent for intent in self.contains if self._within(said, intent)}
        clauses = {self._bare(fold(clause)) for clause in _CLAUSE_END.split(text)}
        alone = {intent for intent, phrases in self.alone.items() if clauses & phrases}
        return frozenset(exact | within | alone)

    def _within(self, said: str, intent: Intent) -> bool:
        if _holds(said, self.unless.get(intent, frozenset())):
            return False
        pairs = self.pairs.get(intent, ())
        return _holds(said, self.contains[intent]) or any(pair.stands_in(said) for pair in pairs)

    def _bare(self, said: str) -> str:
        return " ".join(word for word in said.split() if word not in self.courtesies)


def _holds(said: str, phrases: frozenset[str]) -> bool:
    padded = f" {said} "
    return any(f" {phrase} " in padded for phrase in phrases)


class Reply(Shape):
    """One thing the line writes; longer than two segments only where marked."""

    text: Words
    max_segments: PositiveInt = 2
    note: str = ""


class Step(Shape):
    """One step of the program, `day` days after the enrollment."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    day: NonNegativeInt
    text: Words
    more: Words
    spoken: Words
    check_in: Words | None = None
    max_segments: PositiveInt = 2


class Program(Shape):
    """`program.toml`: the tips in the order they are sent; `footer` ends every one of them."""

    version: Words
    footer: Words
    steps: tuple[Step, ...] = Field(alias="step", min_length=1)

    def message(self, step: Step) -> str:
        """What is sent for `step`: the tip, its check-in, the footer, a line each."""
        return "\n".join(part for part in (step.text, step.check_in, self.footer) if part)


class FaqEntry(Shape):
    """A question patients ask, in several wordings, and what the line answers."""

    asks: tuple[str, ...] = Field(min_length=1)
    answer: Words
    max_segments: PositiveInt = 2


class Spoken(Shape):
    """One thing the line says on the telephone."""

    text: Words
    note: str = ""


class SiteWords(Shape):
    """What the public page says in one language, filled in; the two notices are Markdown."""

    words: Mapping[str, str]
    terms: str
    privacy: str
