"""Five hundred people in six time zones, and what each of them is like."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from random import Random
from zoneinfo import ZoneInfo

AREAS = {
    "212": "America/New_York",
    "312": "America/Chicago",
    "303": "America/Denver",
    "602": "America/Phoenix",
    "213": "America/Los_Angeles",
    "808": "Pacific/Honolulu",
}
BEGIN = datetime(2027, 1, 4, tzinfo=UTC)
ENROLLING = timedelta(days=230)
YEAR = timedelta(days=365)


class Mood(StrEnum):
    """Whether tips may come to this person at this moment, as the person sees it."""

    OPEN = "open"
    OPTED_OUT = "opted out"
    PAUSED = "paused"
    FLAGGED = "flagged"
    RESTING = "resting"  # was asked whether to go on


@dataclass
class Person:
    """One patient, with the model of what may be sent to them."""

    number: str
    zones: tuple[ZoneInfo, ...]
    language: str
    enrolls: datetime
    silent: bool
    moods: set[Mood] = field(default_factory=set)
    since: list[tuple[datetime, frozenset[Mood]]] = field(default_factory=list)
    evening_from: datetime | None = None
    tips: list[tuple[datetime, str]] = field(default_factory=list)

    def turn(self, now: datetime, *, on: Mood | None = None, off: Mood | None = None) -> None:
        """Note a change of what may be sent."""
        self.moods = (self.moods | ({on} if on else set())) - ({off} if off else set())
        self.since.append((now, frozenset(self.moods)))


def people(fate: Random, count: int) -> list[Person]:
    """The cast, drawn by the seed."""
    made = []
    for index in range(count):
        area = list(AREAS)[index % len(AREAS)]
        home = ZoneInfo(AREAS[area])
        moved = fate.random() < 0.1
        other = ZoneInfo(fate.choice(list(AREAS.values())))
        made.append(
            Person(
                number=f"+1{area}55501{index // len(AREAS):02d}",
                zones=(home, other) if moved and other != home else (home,),
                language="es" if fate.random() < 0.3 else "en",
                enrolls=BEGIN + ENROLLING * fate.random(),
                silent=fate.random() < 0.15,
            )
        )
    return made
