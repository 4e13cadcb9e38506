"""The small language in which the lexicon says how a sign is worded.

numb toes            these words, in this order; small words may stand between
[numb] [leg]         a word of one vocabulary, then one of another
(quit|stopped)       one of these
A ~ B                up to three other words between; `~~` up to eight
A & B                either order, near each other; `&&` anywhere in the sentence
A unless B           not when B stands in the same sentence
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.triage.phrases import Mentions, Span

_ELEMENT = re.compile(r"\[([a-z_|0-9]+)\]|\(([^()]+)\)|(~~?)|([^\s\[\]()~&]+)")
_WORD = re.compile(r"\w+")
_GAPS = {"": 0, "~": 3, "~~": 8}
_NEAR = {"&": 5, "&&": 25, "&&&": 10_000}
_FURTHEST = 30  # words, small ones too, that a chain can reach over
_NEIGHBOURS = 6  # mentions on each side worth trying for `&`
_SENTENCE = 25  # nearer than this stays within one sentence
_MOST_WORDS = 6  # small words allowed on top of a gap


class BadPattern(ValueError):
    """A pattern that cannot be read."""


@dataclass(frozen=True, slots=True)
class Element:
    """One place in a pattern: any of these names, after at most `gap` other words."""

    names: tuple[str, ...]
    gap: int


Chain = tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Chains that must stand near each other, and chains that must be absent."""

    source: str
    chains: tuple[Chain, ...]
    near: int
    unless: tuple[Chain, ...] = ()
    words: frozenset[str] = frozenset()  # every word written in it

    def names(self) -> Iterator[str]:
        """Every name the pattern asks for."""
        for chain in (*self.chains, *self.unless):
            for element in chain:
                yield from element.names


@dataclass(frozen=True, slots=True)
class Reading:
    """What a pattern is matched against."""

    mentions: Mentions
    sentences: Sequence[int]
    passages: Sequence[int]
    small: Sequence[bool]
    barriers: Sequence[bool]

    def distance(self, first: Span, second: Span, *, far: bool = False) -> int | None:
        """Words of weight between two spans; None across a full stop or, unless `far`, a "but"
        or too many small words.
        """
        left, right = (first, second) if first.last <= second.first else (second, first)
        if self.passages[left.first] != self.passages[right.last - 1]:
            return None
        between = range(left.last, right.first)
        heavy = sum(not self.small[i] for i in between)
        if far:
            return heavy
        if any(self.barriers[i] for i in between):
            return None
        return heavy if len(between) - heavy <= heavy + _MOST_WORDS else None


def literal(words: str) -> str:
    """The name by which a pattern's own words are known in the phrase tree."""
    return "=" + words


def parse(source: str, learn: Callable[[str], str]) -> Pattern:
    """Read a pattern; `learn` is told every literal phrase and answers its name."""
    wanted, _, unwanted = source.partition(" unless ")
    near = max((_NEAR[sign] for sign in re.findall(r"&+", wanted) if sign in _NEAR), default=0)
    chains = tuple(_chain(part, learn) for part in re.split(r"&+", wanted))
    unless = tuple(_chain(part, learn) for part in unwanted.split("&")) if unwanted else ()
    return Pattern(source, chains, near, unless, frozenset(_WORD.findall(wanted)))


def _chain(part: str, learn: Callable[[str], str]) -> Chain:
    elements: list[Element] = []
    words: list[str] = []
    gap = ""

    def close() -> None:
        nonlocal gap
        if words:
            elements.append(Element((learn(" ".join(words)),), _GAPS[gap]))
            words.clear()
            gap = ""

    position = 0
    for found in _ELEMENT.finditer(part):
        if part[position : found.start()].strip():
            raise BadPattern(f"cannot read {part[position : found.start()].strip()!r}")
        position = found.end()
        vocabulary, choices, dots, word = found.groups()
        if word:
            words.append(word)
            continue
        close()
        if dots:
            gap = dots
            continue
        if choices and not all(choice.strip() for choice in choices.split("|")):
            raise BadPattern(f"empty choice in ({choices})")
        names = vocabulary.split("|") if vocabulary else map(learn, choices.split("|"))
        elements.append(Element(tuple(names), _GAPS[gap]))
        gap = ""
    close()
    if not elements or part[position:].strip():
        raise BadPattern(f"cannot read {part!r}")
    return tuple(elements)


_Group = tuple[Span, tuple[Span, ...]]
"""Everything from the first to the last word of some chains, and the chains themselves."""


def find(pattern: Pattern, reading: Reading) -> Iterator[Span]:
    """Every place where the pattern holds."""
    groups: list[_Group] = [(span, (span,)) for span in _chain_spans(pattern.chains[0], reading)]
    for chain in pattern.chains[1:]:
        others = sorted(_chain_spans(chain, reading)) if groups else []
        groups = [g for group in groups for g in _nearest(group, others, pattern.near, reading)]
    for span, _ in groups:
        if not pattern.unless or not _spoiled(pattern, span, reading):
            yield span


def _nearest(
    group: _Group, others: Sequence[Span], near: int, reading: Reading
) -> Iterator[_Group]:
    """The group with the closest of the others added, if one is near enough."""
    whole, parts = group
    place = bisect_left(others, whole)
    reach = len(others) if near >= _SENTENCE else _NEIGHBOURS
    about = others[max(0, place - reach) : place + reach]
    for other in sorted(about, key=lambda each: abs(each.first - whole.first)):
        if any(part.overlaps(other) for part in parts):
            continue
        if _near_enough(whole, other, near, reading):
            yield whole.join(other), (*parts, other)
            return


def _near_enough(whole: Span, other: Span, near: int, reading: Reading) -> bool:
    if near > _SENTENCE or whole.overlaps(other):
        return True
    distance = reading.distance(whole, other, far=near == _SENTENCE)
    return distance is not None and distance <= near


def _spoiled(pattern: Pattern, span: Span, reading: Reading) -> bool:
    sentence = reading.sentences[span.first]
    return any(
        reading.sentences[other.first] == sentence
        for chain in pattern.unless
        for other in _chain_spans(chain, reading)
    )


def _chain_spans(chain: Chain, reading: Reading) -> Iterator[Span]:
    for start in _mentions(chain[0], reading.mentions):
        yield from _follow(start, chain[1:], reading)


def _follow(span: Span, rest: Chain, reading: Reading) -> Iterator[Span]:
    if not rest:
        yield span
        return
    steps = _mentions(rest[0], reading.mentions)
    for step in steps[bisect_left(steps, Span(span.last, 0)) :]:
        if step.first - span.last > _FURTHEST:
            break
        distance = reading.distance(span, step)
        if distance is not None and distance <= rest[0].gap:
            yield from _follow(span.join(step), rest[1:], reading)


def _mentions(element: Element, mentions: Mapping[str, list[Span]]) -> list[Span]:
    if len(element.names) == 1:
        return mentions.get(element.names[0], [])
    return sorted({span for name in element.names for span in mentions.get(name, ())})
