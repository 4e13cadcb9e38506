"""Does a negation govern a sign? The words around one span, and how far a denial among them reaches."""

from __future__ import annotations

from collections.abc import Iterator

from service.triage.phrases import Span
from service.triage.read import Text

_FELT = ("numb", "weak", "pain", "fever", "sharp")  # signs that one feels
_REACH = 12  # words a denial may stand before what it denies
_UNKNOWN = 1  # words of no known kind it may pass over


def _inside(inner: Span, outer: Span) -> bool:
    return outer.first <= inner.first and inner.last <= outer.last and inner != outer


class Scope:
    """The sentence around one span, and what is denied in it."""

    def __init__(self, text: Text, span: Span, spoken: frozenset[int] = frozenset()) -> None:
        self.text, self.span, self.spoken = text, span, spoken
        self.words, self.mentions = text.words, text.mentions
        self.here = text.sentence(span)

    def named(self, name: str, first: int, last: int) -> Iterator[Span]:
        """Mentions of a context word that lie wholly in a stretch."""
        for span in self.mentions.get(name, ()):
            if first <= span.first and span.last <= last:
                yield span

    def says(self, *names: str) -> bool:
        """Whether the sentence has any of these context words outside the span's first word."""
        return any(
            next(self.named(name, self.here.start, self.here.stop), None) is not None
            for name in names
        )

    def barred(self, first: int, last: int) -> bool:
        """Whether a "but" stands between."""
        return any(self.text.reading.barriers[i] for i in range(first, last))

    def denied(self) -> bool:
        """Whether a negation governs the span: before it, within it, or as its answer."""
        if any(s.overlaps(self.span) for s in self.mentions.get("feels_no", ())):
            return True
        if any(_inside(self.span, s) for s in self.mentions.get("fine", ())):
            return True  # "no me duele"
        if any(map(self._feels_none, self.named("cantfeel", self.here.start, self.span.last))):
            return True
        if any(map(self._denies_within, self._denials(self.span.first, self.span.last))):
            return True
        if self._is("itself_negative", self.span.first):
            return False  # "ain't had no feeling" is no denial
        return self._denied_before() or self._answered_no()

    def _feels_none(self, cannot: Span) -> bool:
        """ "No siento fiebre", "I don't feel weak": a sign is what is not felt."""
        felt = next((i for i in range(cannot.last, self.here.stop) if not self._small(i)), -1)
        concerned = cannot.overlaps(self.span) or self.span.first <= felt < self.span.last
        return concerned and any(self._is(name, felt) for name in _FELT)

    def _small(self, i: int) -> bool:
        return self.text.reading.small[i]

    def _denials(self, first: int, last: int) -> Iterator[Span]:
        return (no for no in self.named("denial", first, last) if no.first not in self.spoken)

    def _denies_within(self, negator: Span) -> bool:
        """ "My foot is not numb": the denial stands inside, right before what is felt."""
        rest = range(negator.last, self.span.last)
        return any(self.text.sensation[i] for i in rest) and self._carries(rest)

    def _denied_before(self) -> bool:
        first = max(self.here.start, self.span.first - _REACH)
        for negator in self._denials(first, self.span.first):
            between = range(negator.last, self.span.first)
            if any(self._is("ends", i) for i in between):
                continue  # "never quits hurting"
            reached = range(between.start, between.stop + 1)  # the sign's first word too
            if not self.barred(between.start, between.stop) and self._carries(reached):
                return True
        return False

    def _carries(self, reached: range) -> bool:
        """Whether a denial reaches over these words: small ones, other signs, a list."""
        unknown = 0
        for i in reached:
            if self._starts_anew(i, reached.start):
                return False
            if not self._transparent(i):
                unknown += 1
                if unknown > _UNKNOWN:
                    return False
        return True

    def _starts_anew(self, i: int, first: int) -> bool:
        joined = i > self.here.start and self._is("and", i - 1)
        if self.words[i].after_comma or joined:
            return self._is("subject", i)
        if i == first:
            return self._is("answer_subject", i)
        return self._runs_on(i, first)

    def _runs_on(self, i: int, first: int) -> bool:
        """A new statement without a comma: "no fever my foot is numb", "not weak just numb"."""
        if self._is("answer_subject", i):
            return not self._is("leads_in", i - 1)
        if self._is("turn", i):
            return any(self.text.sensation[first:i])
        told = any(self.named("present_verb", self.span.first, self.span.last))
        before = max((j for j in range(first, i) if not self._small(j)), default=i - 1)
        return i == self.span.first and told and self.text.sensation[before]

    def _transparent(self, i: int) -> bool:
        return self.text.reading.small[i] or self._is("passes", i) or self.text.symptom[i]

    def _is(self, name: str, i: int) -> bool:
        return any(s.first <= i < s.last for s in self.mentions.get(name, ()))

    def _answered_no(self) -> bool:
        """ "Numbness: none", "Bathroom, no." """
        for answer in self.named("said_no", self.span.last, self.here.stop):
            skipped = range(self.span.last, answer.first)
            ends = answer.last == self.here.stop or self.words[answer.last].after_comma
            closed = ends or self._is("but", answer.last) or self._is("and", answer.last)
            plain = all(
                (self.text.reading.small[i] or self._is("but", i)) and not self._is("oneself", i)
                for i in skipped
            )
            if closed and plain and len(skipped) <= 2:
                return True
        return False
