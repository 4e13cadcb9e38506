"""The one question: how soon must a person look at this message?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service.triage.clear import why_not_clear
from service.triage.combine import combined, reply_for
from service.triage.context import Standing, standing
from service.triage.lexicon import Lexicon, Rule
from service.triage.patterns import find
from service.triage.phrases import Span
from service.triage.read import Text, read
from service.triage.rules import UNREAD, Assessment, Finding, Level


@dataclass(frozen=True, slots=True)
class Seen:
    """A sign's wording in the text, and what its context makes of it."""

    sign: str
    wording: str
    span: Span
    standing: Standing


def assess(
    text: str, lexicon: Lexicon, *, language: str = "en", channel: str = "sms"
) -> Assessment:
    """Assess a patient's words; pure, and never raises whatever the text.

    Both languages are always looked for, since people mix them; `language` and `channel` say how
    the words came, and only help to read them. What is not clearly fine is
    at least `review`.
    """
    reading = read(text, lexicon, language=language, channel=channel)
    seen = list(look(reading, lexicon))
    found = _findings(seen, reading)
    here = [f for f in found if f.sign in {s.sign for s in seen if s.standing.counts}]
    found += combined(here, lexicon.combinations)
    level = Level.highest(f.level for f in found)
    if level is Level.CLEAR:
        reason = why_not_clear(reading, (s.span for s in seen if s.standing.harmless))
        if reason:
            level = Level.REVIEW
            found = [Finding(UNREAD, level, text.strip(), 0, len(text), reason)]
    reply = reply_for(found, level, lexicon.signs, lexicon.combinations)
    ordered = sorted(found, key=lambda f: (-f.level.rank, f.start))
    return Assessment(level, tuple(ordered), lexicon.version, reply)


def look(text: Text, lexicon: Lexicon) -> Iterator[Seen]:
    """Every wording of every sign in the text, denied ones too, without its false friends."""
    found = list(_sightings(text, lexicon))
    spoken = frozenset(i for rule, span in found for i in _denials_of(rule, span, text))
    for rule, span in found:
        weighed = standing(lexicon.signs[rule.sign], span, text, spoken)
        yield Seen(rule.sign, rule.pattern.source, span, weighed)


def _denials_of(rule: Rule, span: Span, text: Text) -> Iterator[int]:
    """Where a wording has a negative word of its own: "nothing comes out" denies nothing."""
    for no in text.mentions.get("denial", ()):
        within = span.first <= no.first < span.last
        if within and text.words[no.first].plain in rule.pattern.words:
            yield no.first


def _sightings(text: Text, lexicon: Lexicon) -> Iterator[tuple[Rule, Span]]:
    rules = list(lexicon.candidates(text.mentions))
    friends: dict[str, list[Span]] = {}
    for rule in rules:
        if rule.false_friend:
            friends.setdefault(rule.sign, []).extend(find(rule.pattern, text.reading))
    for rule in rules:
        if not rule.false_friend:
            for span in find(rule.pattern, text.reading):
                if not any(span.overlaps(friend) for friend in friends.get(rule.sign, ())):
                    yield rule, span


def _findings(seen: list[Seen], text: Text) -> list[Finding]:
    """The highest finding of each sign; among equals the shortest words, then the first."""
    best: dict[str, Finding] = {}
    for sight in sorted(seen, key=lambda s: (s.span.last - s.span.first, s.span.first)):
        level = sight.standing.level
        if (
            level is None
            or sight.standing.harmless
            or (sight.sign in best and best[sight.sign].level.at_least(level))
        ):
            continue
        start, end, words = text.quoted(sight.span)
        why = f"{sight.wording}; {sight.standing.why}" if sight.standing.why else sight.wording
        best[sight.sign] = Finding(sight.sign, level, words, start, end, why)
    return list(best.values())
