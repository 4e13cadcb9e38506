"""Is a message without a sign clearly fine, so that nobody needs to read it?"""

from __future__ import annotations

from collections.abc import Iterable

from service.triage.answers import CheckInAnswer, read_code
from service.triage.context import Around
from service.triage.mask import is_tapback
from service.triage.phrases import Span
from service.triage.read import MASKED_WORD, Text

_WELL = ("fine", "acknowledge", "denied_object", "laugh")
_FILLING = (*_WELL, "small", "negator", "passes", "oneself", "they")
_SAD = frozenset("😭😢😥😰😨😱🤕🤒🤢🤮😫😩😖😣😞😔☹🙁😟🆘👎💔🚑😵🥵🥶😡🤬😠😓😿")
_MOST_UNKNOWN = 0.34  # share of words of no known kind in a message that is still clearly fine
_MOST_SMALL_TALK = 0.62  # the same, when somebody plainly says that all is well
_FEW = 2


def why_not_clear(text: Text, denied: Iterable[Span]) -> str | None:
    """Why a person must read it, or None when it is clearly fine."""
    if is_tapback(text.original):
        return None
    if not text.words:
        return _wordless(text.original)
    code = read_code(text.original)
    if code:
        return None if code is CheckInAnswer.NONE else "answers that there are signs"
    return _Judge(text, denied).objection()


def _wordless(original: str) -> str | None:
    shown = [c for c in original if not c.isspace()]
    if not shown:
        return "empty: perhaps a picture"
    if any(c in _SAD for c in shown):
        return "a sad or worried picture"
    return None if any(ord(c) > 0x2000 and not c.isalnum() for c in shown) else "no words"


class _Judge:
    """Weighs one message that has no sign in it."""

    def __init__(self, text: Text, denied: Iterable[Span]) -> None:
        self.text = text
        self.denied = {i for span in denied for i in range(span.first, span.last)}

    def objection(self) -> str | None:
        """The first reason for a person to read the message."""
        if any(word.asked for word in self.text.words):
            return "asks something"
        return self._concern() or self._contrast() or self._unexplained()

    def _concern(self) -> str | None:
        for span in self.text.mentions.get("concern", ()):
            if self._excused(span):
                continue
            return f"mentions “{self.text.quoted(span)[2]}”"
        for span in self.text.mentions.get("body", ()):
            if not self._excused(span) and not Around(self.text, span).says("fine"):
                return f"mentions “{self.text.quoted(span)[2]}”"
        return None

    def _excused(self, span: Span) -> bool:
        """Whether the mention is denied, masked by a kinder phrase, or over."""
        if set(range(span.first, span.last)) <= self.denied:
            return True
        around = Around(self.text, span)
        return self._negation(span) or around.denied() or around.over()

    def _negation(self, span: Span) -> bool:
        """Whether the mention is itself a denial of signs: "no", "not any of those"."""
        inside = [s for s in self.text.mentions.get("denied_object", ()) if s.overlaps(span)]
        return bool(inside) or any(s == span for s in self.text.mentions.get("negator", ()))

    def _contrast(self) -> str | None:
        if self._named("laugh"):
            return None
        for span in self.text.mentions.get("but", ()):
            if any(span.first - 4 <= no.first < span.first for no in self._named("negator")):
                continue  # "nothing asleep but the dog"
            rest = range(span.last, self.text.sentence(span).stop)
            if any(not self._explained(i) for i in rest):
                return "says “but”"
        return None

    def _explained(self, i: int) -> bool:
        if i in self.denied or self.text.words[i].plain == MASKED_WORD:
            return True
        return any(s.first <= i < s.last for name in _FILLING for s in self._named(name))

    def _named(self, name: str) -> list[Span]:
        return self.text.mentions.get(name, [])

    def _unexplained(self) -> str | None:
        well = any(self._named(name) for name in ("fine", "denied_object", "laugh"))
        if not (well or self._named("acknowledge") or self.denied):
            return "says nothing that is clearly fine"
        unknown = sum(not self._explained(i) for i in range(len(self.text.words)))
        share = _MOST_SMALL_TALK if well else _MOST_UNKNOWN
        if unknown > _FEW and unknown > share * len(self.text.words):
            return "not understood"
        if unknown and not well and len(self.text.words) <= _FEW:
            return "not understood"
        return None
