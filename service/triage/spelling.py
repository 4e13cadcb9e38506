"""Misspellings of the words that matter, one slip away from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from rapidfuzz.distance import OSA

_SHORTEST = 5


class Corrector:
    """Knows the words worth recognising and every way to drop a letter from them."""

    def __init__(
        self, words: Iterable[str], means: Mapping[str, str], look_alikes: Collection[str]
    ) -> None:
        self._means = dict(means)
        self._look_alikes = frozenset(look_alikes)
        self._by_rest: dict[str, list[str]] = {}
        for word in sorted(w for w in words if len(w) >= _SHORTEST and w.isalpha()):
            for rest in _shortened(word):
                self._by_rest.setdefault(rest, []).append(word)

    def means(self, word: str) -> str | None:
        """The fixed reading of a word that is always meant otherwise, such as "nothin"."""
        return self._means.get(word)

    def correct(self, word: str) -> str:
        """The known word meant, or the word itself. The first letter is taken to be right."""
        if len(word) < _SHORTEST - 1 or word in self._look_alikes or not word.isalpha():
            return word
        near = {
            known
            for rest in _shortened(word)
            for known in self._by_rest.get(rest, ())
            if known[0] == word[0] and OSA.distance(word, known, score_cutoff=1) <= 1
        }
        return min(near, key=lambda known: (abs(len(known) - len(word)), known)) if near else word


def _shortened(word: str) -> set[str]:
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}
