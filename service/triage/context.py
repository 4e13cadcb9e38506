"""What the words around a sign make of it, after NegEx and ConText: denied, over, supposed,
somebody else's, long ago, or long known. Every doubt leaves the sign standing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service.triage.entries import Sign
from service.triage.phrases import Span
from service.triage.read import Text
from service.triage.rules import Level

_FELT = ("numb", "weak", "pain", "fever", "sharp")  # signs that one feels
_REACH = 12  # words a denial may stand before what it denies
_OVER = "said to be over"
_KNOWN = "long known and unchanged"
_UNKNOWN = 1  # words of no known kind it may pass over


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of a sign in its context: None when it is denied."""

    level: Level | None
    why: str = ""

    @property
    def harmless(self) -> bool:
        """Whether nothing is left that a person would have to read."""
        return self.level in {None, Level.CLEAR}

    @property
    def counts(self) -> bool:
        """Whether the sign is the patient's own and may combine with others, even if it passed."""
        return self.level is not None and self.why in {"", _OVER, _KNOWN}


def standing(sign: Sign, span: Span, text: Text, spoken: frozenset[int] = frozenset()) -> Standing:
    """Weigh one sign where it stands. A negation that a wording asks for, here or in another sign,
    denies nothing: `spoken` has the places of such words.
    """
    around = Around(text, span, spoken)
    if sign.negatable and around.denied():
        return Standing(None, "denied")
    if around.over():
        return Standing(Level.capped(sign.level, sign.resolved), _OVER)
    if around.supposed():
        return Standing(Level.capped(sign.level, sign.supposed), "supposed or asked in general")
    if not sign.own and around.someone_else(sign.level):
        return Standing(Level.capped(sign.level, Level.REVIEW), "about someone else")
    if around.long_ago(event=sign.event):
        return Standing(Level.capped(sign.level, sign.past), "long ago")
    if sign.known and around.unchanged():
        return Standing(Level.capped(sign.level, sign.known), _KNOWN)
    return Standing(sign.level)


def _inside(inner: Span, outer: Span) -> bool:
    return outer.first <= inner.first and inner.last <= outer.last and inner != outer


class Around:
    """The sentence around one span."""

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

    # denied

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

    # over

    def over(self) -> bool:
        """Whether it is said to have passed and not to have come back."""
        if self.says("relapse"):
            return False
        for end in self.named("over_after", self.span.last, self.here.stop):
            gap = range(self.span.last, end.first)
            kept = any(self._is("denial", i) or self.text.sensation[i] for i in gap)
            if len(gap) <= 5 and not kept and not self.barred(gap.start, gap.stop):
                return True
        for start in self.named("over_before", self.here.start, self.span.last):
            if start.first >= self.span.first:
                continue
            gap = range(start.last, self.span.first)
            if len(gap) <= 4 and not self.barred(gap.start, gap.stop):
                return True
        return self._answered_over()

    def _answered_over(self) -> bool:
        """ "The numbness I told you about? Completely gone." """
        if not self.words[self.span.first].asked:
            return False
        opening = range(self.here.stop, self.here.stop + 2)
        return any(end.first in opening for end in self.mentions.get("over_after", ()))

    # supposed

    def supposed(self) -> bool:
        """Whether it is a "what if" or a question about people in general."""
        if self.says("asks_now"):
            return False
        for start in self.named("supposing", self.here.start, self.span.last):
            if start.first > self.span.first:
                continue
            gap = range(start.last, max(start.last, self.span.first))
            anew = any(self._starts_anew(i, -1) for i in gap if i > start.last)
            if len(gap) <= 8 and not anew and not self.barred(gap.start, gap.stop):
                return True
        return self._asks() and self.says("general_question") and not self.says("oneself")

    def _asks(self) -> bool:
        first = self.here.start
        return self.words[first].asked or self._is("opens_question", first)

    # someone else

    def someone_else(self, level: Level) -> bool:
        """Whether the sign is another's, and no relative is asking for the patient now."""
        owner = self._owner()
        if owner is None:
            return False
        if self.mentions.get("proxy"):
            return False
        if self.says("their_past") and not self._told_as_now():
            return True
        named = self.mentions.get("someone", ())
        # nobody named before: "he" and "she" are then of the household
        unnamed = all(s.first > self.span.first for s in named)
        household = unnamed or bool(self.mentions.get("household"))
        urgent_now = self.says("present", "acute")
        if household:
            return not (level is Level.EMERGENCY or urgent_now)
        return not (level is Level.EMERGENCY and self.says("acute"))

    def _owner(self) -> Span | None:
        """The nearest other person named before the sign's end, unless oneself is nearer."""
        last = self.span.last
        agents = [s.first for s in self.named("agent", self.here.start, self.here.stop)]
        others = [
            s
            for name in ("household", "someone", "they")
            for s in self.named(name, self.here.start, last)
            if s.last not in agents and s.last + 1 not in agents
        ]
        if not others:
            return None
        nearest = max(others, key=lambda s: s.last)
        ours = [
            s
            for s in self.named("oneself", self.here.start, last)
            if not any(o.first in {s.first, s.last} or o.first <= s.first < o.last for o in others)
        ]
        own = max((s.last for s in ours), default=-1)
        return nearest if nearest.last > own else None

    # long ago, long known

    def long_ago(self, *, event: bool) -> bool:
        """Whether it happened years back and is not said to be still there."""
        if not event and (self.says("present") or self._present_verb()):
            return False
        for when in self.named("long_ago", self.here.start, self.here.stop):
            first, last = min(when.last, self.span.last), max(when.first, self.span.first)
            if last - first <= 12 and not self.barred(first, last):
                return True
        return False

    def _present_verb(self) -> bool:
        first = max(self.here.start, self.span.first - 3)
        return next(self.named("present_verb", first, self.span.last + 1), None) is not None

    def _told_as_now(self) -> bool:
        first = max(self.here.start, self.span.first - 3)
        return next(self.named("present_verb", first, self.span.last), None) is not None

    def unchanged(self) -> bool:
        """Whether the message says it has long been so, and nothing in it is new or worse."""
        if self.mentions.get("changed"):
            return False
        for same in self.mentions.get("unchanged", ()):
            first, last = min(same.last, self.span.last), max(same.first, self.span.first)
            if not self.barred(first, last):
                return True
        return False
