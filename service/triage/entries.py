"""The shape of `red_flags.toml`: what a clinician may write, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field

from service.triage.rules import Level

REPLIES = {
    "safety_suicide": Level.EMERGENCY,
    "safety_cauda_equina": Level.EMERGENCY,
    "safety_spine_trauma": Level.EMERGENCY,
    "safety_emergency": Level.EMERGENCY,
    "safety_urgent": Level.URGENT,
    "safety_review": Level.REVIEW,
}
"""Each safety reply with the level it belongs to; where several apply, the first is sent."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Approval(_Entry):
    """Who signed the list off; empty until a licensed clinician has."""

    clinician: str = ""
    date: str = ""


class Vocabulary(_Entry):
    """Words for one thing, in both languages. What `hides` names is not seen inside a phrase of ours."""

    about: str
    en: tuple[str, ...] = ()
    es: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    part: bool = Field(False, description="names a thing or place; no sensation")

    def phrases(self) -> Iterable[str]:
        """Every phrase of both languages."""
        return (*self.en, *self.es)


class Sign(_Entry):
    """One red flag: its level, its wordings, and what becomes of it when it is old or over."""

    name: str
    level: Level
    source: str
    reply: str
    when: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    es: tuple[str, ...] = ()
    false_friends: tuple[str, ...] = ()
    known: Level | None = Field(None, description="when long-standing and unchanged")
    resolved: Level = Level.REVIEW
    past: Level = Level.REVIEW
    supposed: Level = Level.REVIEW
    negatable: bool = True
    own: bool = Field(False, description="always said of oneself, whoever else is named")
    event: bool = Field(False, description="happened at a moment, such as a fall")

    def wordings(self) -> Iterable[str]:
        """Every pattern of the sign, whichever language."""
        return (*self.when, *self.en, *self.es)


class Combination(_Entry):
    """Signs that together mean more than each alone."""

    name: str
    signs: tuple[str, ...] = Field(min_length=2)
    level: Level
    reply: str
    source: str


class Spelling(_Entry):
    """Fixed corrections, words worth correcting to, and real words that are no misspelling.

    `heard` are words that a transcript of speech puts for others: "thai" for "thigh".
    """

    words: tuple[str, ...] = ()
    means: dict[str, str] = {}
    heard: dict[str, str] = {}
    look_alikes: tuple[str, ...] = ()


class RedFlags(_Entry):
    """The whole file."""

    version: str = Field(min_length=1)
    approval: Approval = Approval()
    vocabulary: dict[str, Vocabulary]
    context: dict[str, Vocabulary]
    signs: dict[str, Sign]
    combinations: tuple[Combination, ...] = ()
    spelling: Spelling = Spelling()
