"""From a message to what the rules are matched against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.triage.lexicon import Lexicon
from service.triage.mask import masked
from service.triage.patterns import Reading
from service.triage.phrases import Mentions, Span
from service.triage.words import MASKED_WORD, Word, split


@dataclass(frozen=True, slots=True)
class Text:
    """A message read once: its words, what they mention, and the view that patterns need."""

    original: str
    words: tuple[Word, ...]
    mentions: Mentions
    reading: Reading
    symptom: tuple[bool, ...]
    sensation: tuple[bool, ...]

    def sentence(self, span: Span) -> range:
        """The word positions of the sentence that a span stands in."""
        number = self.words[span.first].sentence
        first, last = span.first, span.last
        while first and self.words[first - 1].sentence == number:
            first -= 1
        while last < len(self.words) and self.words[last].sentence == number:
            last += 1
        return range(first, last)

    def quoted(self, span: Span) -> tuple[int, int, str]:
        """Where the span stands in the message as sent, and its words there."""
        start, end = self.words[span.first].start, self.words[span.last - 1].end
        return start, end, self.original[start:end]


_SPOKEN = frozenset({"voicemail", "call"})


def read(text: str, lexicon: Lexicon, *, language: str = "en", channel: str = "sms") -> Text:
    """Mask what is not complaint, split, correct, and find every known phrase.

    In a transcript (`channel` voicemail or call) what was misheard is put right. To a patient whose
    `language` is Spanish "he" is a verb ("he vomitado") and nobody else.
    """
    words = split(text, masked(text), lexicon.tree.knows)
    plain = [_correct(word.plain, lexicon, spoken=channel in _SPOKEN) for word in words]
    sentences = [word.sentence for word in words]
    fresh = [
        word.after_comma or i == 0 or sentences[i - 1] != word.sentence
        for i, word in enumerate(words)
    ]
    mentions = _reveal(lexicon.tree.find(plain, fresh), lexicon.hides)
    if language == "es":
        _without_he(plain, mentions)
    _computed(plain, mentions)
    covered = _covered(mentions, "small")
    barriers = _covered(mentions, "but")
    reading = Reading(
        mentions,
        sentences,
        [word.passage for word in words],
        [i in covered for i in range(len(words))],
        [i in barriers for i in range(len(words))],
    )
    symptom = _flags(mentions, lexicon.symptoms, len(words))
    sensation = _flags(mentions, lexicon.sensations, len(words))
    return Text(text, words, mentions, reading, symptom, sensation)


def _flags(mentions: Mentions, names: frozenset[str], size: int) -> tuple[bool, ...]:
    """Which words belong to a mention of any of these names."""
    flags = [False] * size
    for name in names & mentions.keys():
        for span in mentions[name]:
            flags[span.first : span.last] = [True] * (span.last - span.first)
    return tuple(flags)


def _without_he(plain: Sequence[str], mentions: Mentions) -> None:
    for name in ("they", "subject", "answer_subject"):
        mentions[name] = [s for s in mentions.get(name, ()) if plain[s.first : s.last] != ["he"]]


def _correct(word: str, lexicon: Lexicon, *, spoken: bool) -> str:
    meant = lexicon.spelling.means(word, spoken=spoken)
    if meant:
        return meant
    clipped = word.endswith("in") and word not in lexicon.tree.words
    if clipped and f"{word}g" in lexicon.tree.words:
        return f"{word}g"  # achin', draggin'
    if word in lexicon.tree.words:
        return word
    if word.endswith("s") and word[:-1] in lexicon.tree.words:
        return word[:-1]  # "foots floppy", "streams down": the apostrophe left out
    return lexicon.spelling.correct(word)


def _covered(mentions: Mentions, name: str) -> set[int]:
    return {i for span in mentions.get(name, ()) for i in range(span.first, span.last)}


def _reveal(mentions: Mentions, hides: Mapping[str, tuple[str, ...]]) -> Mentions:
    """Drop what stands inside a longer phrase that hides it.

    `denial` keeps every negation that is one, `negator` only those that stand in no wording of ours:
    in "nothing comes out" it depends on the sign whether anything is denied.
    """
    for hider, hidden in hides.items():
        for name in hidden:
            _hide(name, mentions.get(hider, ()), mentions)
    mentions["denial"] = mentions.get("negator", [])
    own = [span for name, spans in mentions.items() if name.startswith("=") for span in spans]
    _hide("negator", [*own, *mentions.get("fine", ())], mentions)
    return {name: spans for name, spans in mentions.items() if spans}


def _hide(name: str, outer: Sequence[Span], mentions: Mentions) -> None:
    if name in mentions and outer:
        mentions[name] = [
            span for span in mentions[name] if not any(_within(span, each) for each in outer)
        ]


def _within(inner: Span, outer: Span) -> bool:
    return outer.first <= inner.first and inner.last <= outer.last and inner != outer


def _computed(plain: list[str], mentions: Mentions) -> None:
    """Numbers that mean something by their size: a temperature, a year, a score."""
    for i, word in enumerate(plain):
        if not word[:1].isdigit():
            continue
        span = Span(i, i + 1)
        mentions.setdefault("number", []).append(span)
        names = _number_names(word)
        if plain[i + 1 : i + 3] == ["out", "of"] and word.startswith(("8", "9", "10")):
            names.append("top_score")
        if "year" in names and i and plain[i - 1] in {"in", "en", "of", "from"}:
            names.append("long_ago")
        for name in names:
            mentions.setdefault(name, []).append(span)


def _number_names(word: str) -> list[str]:
    names = []
    if word in {"8/10", "9/10", "10/10", "11/10", "9.5/10", "12/10", "20/10", "100/10"}:
        names.append("top_score")
    try:
        value = float(word.replace(",", "."))
    except ValueError:
        return names
    if 100.3 <= value <= 107 or 38 <= value <= 41.5:
        names.append("fever_number")
    if 100.3 <= value <= 107 and "." in word:
        names.append("fever_decimal")
    if 8 <= value <= 10:
        names.append("high_score")
    if 1940 <= value <= 2024 and value == int(value):
        names.append("year")
    return names


__all__ = ["MASKED_WORD", "Text", "read"]
