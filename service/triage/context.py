"""What the words around a sign make of it, after NegEx and ConText: denied, over, supposed,
somebody else's, long ago, or long known. Every doubt leaves the sign standing.
"""

from __future__ import annotations

from dataclasses import dataclass

from service.triage.entries import Sign
from service.triage.negation import Scope
from service.triage.phrases import Span
from service.triage.read import Text
from service.triage.rules import Level

_IT = frozenset({"it", "its", "that", "thats", "they", "theyre", "then", "now", "and", "ya", "eso"})
_OVER = "said to be over"
_KNOWN = "long known and unchanged"


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


class Around(Scope):
    """What else the sentence says of one span."""

    # over

    def over(self) -> bool:
        """Whether it is said to have passed and not to have come back."""
        if self.says("relapse"):
            return False
        for end in self.named("over_after", self.span.last, self.here.stop):
            gap = range(self.span.last, end.first)
            kept = any(self._is("denial", i) or self.text.sensation[i] for i in gap)
            if sum(not self._small(i) for i in gap) <= 5 and not kept and not self._turns(gap):
                return True
        for start in self.named("over_before", self.here.start, self.span.last):
            if start.first >= self.span.first:
                continue
            gap = range(start.last, self.span.first)
            if len(gap) <= 4 and not self.barred(gap.start, gap.stop):
                return True
        return self._answered_over()

    def _turns(self, gap: range) -> bool:
        """Whether a "but" in between leads to something else than "but it's gone now"."""
        turn = max((i for i in gap if self._is("but", i)), default=None)
        return turn is not None and any(
            self.words[i].plain not in _IT for i in range(turn + 1, gap.stop)
        )

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
