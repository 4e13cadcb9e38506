"""What triage can say of a message: levels, findings, and the assessment made of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How soon a person must look, from nobody to now."""

    CLEAR = "clear"
    REVIEW = "review"
    URGENT = "urgent"
    EMERGENCY = "emergency"

    @property
    def rank(self) -> int:
        """0 for clear up to 3 for emergency, for ordering."""
        return _RANKS[self]

    def at_least(self, other: Level) -> bool:
        """Whether this level is `other` or higher."""
        return self.rank >= other.rank

    @classmethod
    def highest(cls, levels: Iterable[Level]) -> Level:
        """The highest of the levels; clear when there are none."""
        return max(levels, key=lambda level: level.rank, default=cls.CLEAR)

    @classmethod
    def capped(cls, level: Level, most: Level) -> Level:
        """The level, or `most` where that is lower."""
        return min(level, most, key=lambda each: each.rank)


UNREAD = "unread"
"""The sign of a finding that only says: no symptom was found, but nothing is clearly fine either."""

_RANKS = {level: rank for rank, level in enumerate(Level)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One sign found. `start` and `end` are character offsets in the message as it was sent."""

    sign: str
    level: Level
    words: str
    start: int
    end: int
    rule: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """The level of a message, why, by which lexicon version, and which safety reply it calls for."""

    level: Level
    findings: tuple[Finding, ...]
    version: str
    reply: str | None
