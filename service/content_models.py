"""The shapes of what patients read and hear in `messages/`: what keys there are, what a value may be."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveInt,
)

from service.wording import fold

Intent = Literal[
    "opt_out", "start", "help", "report", "mail", "link", "tips", "agree", "decline", "pause",
    "resume", "slower", "morning", "evening", "more", "call_me", "none", "confirm", "change",
    "english", "spanish", "thanks",
]  # fmt: skip
Language = Literal["en", "es"]
Words = Annotated[str, Field(min_length=1)]


class Shape(BaseModel):
    """A table of a TOML file: unknown keys are refused, values cannot be changed."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


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
