"""Misspellings: any one slip in a word that matters or is long, two letters swapped or one doubled in
any word of the lexicon. Such slips seldom make another real word; those that do are listed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from rapidfuzz.distance import OSA

_SHORTEST = 5
_LONG = 9  # so many letters leave few real words one slip away


class Corrector:
    """Knows the words worth recognising and every way to drop a letter from them."""

    def __init__(
        self,
        words: Iterable[str],
        means: Mapping[str, str],
        look_alikes: Collection[str],
        lexicon: Iterable[str] = (),
        heard: Mapping[str, str] | None = None,
    ) -> None:
        self._means = dict(means)
        self._heard = dict(heard or {}) | self._means
        self._look_alikes = frozenset(look_alikes)
        self._by_rest: dict[str, list[str]] = {}
        every = sorted(w for w in lexicon if len(w) >= _SHORTEST and w.isalpha())
        worth = {w for w in words if len(w) >= _SHORTEST and w.isalpha()}
        for word in sorted({*worth, *(w for w in every if len(w) >= _LONG)}):
            for rest in _shortened(word):
                self._by_rest.setdefault(rest, []).append(word)
        self._slips = {slip: word for word in every for slip in _slips(word)}

    def means(self, word: str, *, spoken: bool = False) -> str | None:
        """The fixed reading of a word that is always meant otherwise, such as "nothin"; of a transcript
        also of what was misheard.
        """
        return (self._heard if spoken else self._means).get(word)

    def correct(self, word: str) -> str:
        """The known word meant, or the word itself. The first letter is taken to be right."""
        if len(word) < _SHORTEST - 1 or word in self._look_alikes or not word.isalpha():
            return word
        if word in self._slips:
            return self._slips[word]
        near = {
            known
            for rest in _shortened(word)
            for known in self._by_rest.get(rest, ())
            if known[0] == word[0] and OSA.distance(word, known, score_cutoff=1) <= 1
        }
        return min(near, key=lambda known: (abs(len(known) - len(word)), known)) if near else word


def _slips(word: str) -> Iterator[str]:
    """Two neighbours swapped, or a letter doubled; the first letter is taken to be right."""
    for i in range(1, len(word)):
        yield word[:i] + word[i] + word[i:]
        if i < len(word) - 1 and word[i] != word[i + 1]:
            yield word[:i] + word[i + 1] + word[i] + word[i + 2 :]


def _shortened(word: str) -> set[str]:
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}
