"""Find every known phrase in one pass, and say by which names it is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

_SHORTEST_STEM = 3


class Span(NamedTuple):
    """Words `first` up to but not including `last`."""

    first: int
    last: int

    def overlaps(self, other: Span) -> bool:
        """Whether the two share a word."""
        return self.first < other.last and other.first < self.last

    def join(self, other: Span) -> Span:
        """The smallest span that holds both."""
        return Span(min(self.first, other.first), max(self.last, other.last))


Mentions = dict[str, list[Span]]


@dataclass(slots=True)
class _Node:
    next: dict[str, _Node] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)


class PhraseTree:
    """All phrases of the lexicon. A word ending in `*` stands for every word that begins so."""

    def __init__(self) -> None:
        self._root = _Node()
        self.words: set[str] = set()
        self.stems: set[str] = set()

    def add(self, phrase: Sequence[str], name: str) -> None:
        """Know `phrase` by `name`."""
        node = self._root
        for word in phrase:
            (self.stems if word.endswith("*") else self.words).add(word)
            node = node.next.setdefault(word, _Node())
        if name not in node.names:
            node.names.append(name)

    def knows(self, word: str) -> bool:
        """Whether any phrase contains this word."""
        return word in self.words or any(key in self.stems for key in _stems(word))

    def find(self, words: Sequence[str], fresh: Sequence[bool]) -> Mentions:
        """Every phrase in `words`, by name; no phrase runs on into a word that starts afresh."""
        keys = [(word, *(s for s in _stems(word) if s in self.stems)) for word in words]
        mentions: Mentions = {}
        for first in range(len(words)):
            nodes = [self._root]
            for last in range(first, len(words)):
                if last > first and fresh[last]:
                    break
                nodes = [n.next[k] for n in nodes for k in keys[last] if k in n.next]
                if not nodes:
                    break
                for node in nodes:
                    for name in node.names:
                        mentions.setdefault(name, []).append(Span(first, last + 1))
        return mentions


def _stems(word: str) -> list[str]:
    return [f"{word[:n]}*" for n in range(_SHORTEST_STEM, len(word) + 1)]
