"""Is a message without a sign clearly fine, so that nobody needs to read it?"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from service.triage.answers import CheckInAnswer, read_code
from service.triage.context import Around
from service.triage.mask import is_tapback
from service.triage.phrases import Span
from service.triage.read import MASKED_WORD, Text

_WELL = ("automatic", "fine", "acknowledge", "denied_object", "laugh", "all_no")
_LAUGHING = frozenset("😂🤣😆😅😹😄😁😝😜🤪")
_FILLING = (*_WELL, "plain_talk", "small", "negator", "passes", "oneself", "they")
_SAD = frozenset("😭😢😥😰😨😱🤕🤒🤢🤮😫😩😖😣😞😔☹🙁😟🆘👎💔🚑😵🥵🥶😡🤬😠😓😿")
_MOST_UNKNOWN = 0.25  # share of words of no known kind in a message that is still clearly fine
_MOST_SMALL_TALK = 0.5  # the same in a long message that plainly says all is well
_LONG = 20
_FEW = 1
_CLOSE = 5


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
    pictures = any(unicodedata.category(c) == "So" and c != "\ufffd" for c in shown)
    return None if pictures else "no words"


class _Judge:
    """Weighs one message that has no sign in it."""

    def __init__(self, text: Text, denied: Iterable[Span]) -> None:
        self.text = text
        self.laughs = bool(self._named("laugh")) or any(c in _LAUGHING for c in text.original)
        self.denied = {i for span in denied for i in range(span.first, span.last)}

    def objection(self) -> str | None:
        """The first reason for a person to read the message."""
        automatic = {i for s in self._named("automatic") for i in range(s.first, s.last)}
        if any(word.asked and i not in automatic for i, word in enumerate(self.text.words)):
            return "asks something"
        return self._not_well() or self._concern() or self._contrast() or self._unexplained()

    def _concern(self) -> str | None:
        for span in self.text.mentions.get("concern", ()):
            if self._excused(span):
                continue
            return f"mentions “{self.text.quoted(span)[2]}”"
        for span in self.text.mentions.get("body", ()):
            if not self.laughs and not self._well(span) and not self._excused(span):
                return f"mentions “{self.text.quoted(span)[2]}”"
        return None

    def _not_well(self) -> str | None:
        """ "Ain't a bit better": what is denied is that all is well."""
        for doubt in self._named("not_negator"):
            if doubt in self._named("fine"):
                continue
            return f"says “{self.text.quoted(doubt)[2]}”"
        for well in self._named("fine"):
            for no in self._named("negator"):
                gap = range(no.last, well.first)
                close = no.first < well.first and len(gap) <= _CLOSE
                if close and well.first in self.text.sentence(no) and self._joins(gap):
                    return "says it is not well"
        return None

    def _joins(self, gap: range) -> bool:
        """Whether the words between only lead on: "ain't a bit", "not feeling all that"."""
        fresh = any(self.text.words[i].after_comma for i in (*gap, gap.stop))
        answers = {s.first for s in self._named("answer_subject")}  # "no I'm good"
        if gap.start in answers:
            return False
        return not fresh and all(self.text.reading.small[i] for i in gap)

    def _well(self, span: Span) -> bool:
        """Whether the sentence says close by that this part is fine."""
        here = self.text.sentence(span)
        near = range(max(here.start, span.first - _CLOSE), min(here.stop, span.last + _CLOSE))
        return any(s.first in near for s in self._named("fine"))

    def _excused(self, span: Span) -> bool:
        """Whether the mention is denied, masked by a kinder phrase, or over."""
        if set(range(span.first, span.last)) <= self.denied:
            return True
        around = Around(self.text, span)
        return self._negation(span) or around.denied() or around.over()

    def _negation(self, span: Span) -> bool:
        """Whether the mention is itself a denial of signs: "no", "not any of those"."""
        named = (*self._named("denied_object"), *self._named("all_no"), *self._named("negator"))
        return any(s.overlaps(span) for s in named)

    def _contrast(self) -> str | None:
        if self.laughs:
            return None
        for span in self.text.mentions.get("but", ()):
            if any(span.first - 4 <= no.first < span.first for no in self._named("negator")):
                continue  # "nothing asleep but the dog"
            rest = range(span.last, self.text.sentence(span).stop)
            if any(not self._explained(i) for i in rest):
                return "says “but”"
        return None

    def _explained(self, i: int) -> bool:
        word = self.text.words[i].plain
        if i in self.denied or word == MASKED_WORD:
            return True
        if i == 0 and read_code(word) is CheckInAnswer.NONE:
            return True
        if self.text.symptom[i] and self._well(Span(i, i + 1)):
            return True
        return any(s.first <= i < s.last for name in _FILLING for s in self._named(name))

    def _named(self, name: str) -> list[Span]:
        return self.text.mentions.get(name, [])

    def _unexplained(self) -> str | None:
        well = self.laughs or self._named("fine") or self._answers_no() or self._denies_all()
        polite = self._named("acknowledge") or self._named("automatic")
        if not (well or polite or self.denied):
            return "says nothing that is clearly fine"
        unknown = [i for i in range(len(self.text.words)) if not self._explained(i)]
        for negator in self._named("negator"):
            if not self.laughs and sum(i in self.text.sentence(negator) for i in unknown) > _FEW:
                return "says no to something not understood"
        size = len(self.text.words)
        share = _MOST_SMALL_TALK if (well and size >= _LONG) or self.laughs else _MOST_UNKNOWN
        few = _FEW if well else 0
        return "not understood" if len(unknown) > max(few, share * size) else None

    def _denies_all(self) -> bool:
        """Whether it says "not any of those", of whatever was asked."""
        return any(
            no.first <= thing.first and thing.first in self.text.sentence(no)
            for no in self._named("negator")
            for thing in self._named("denied_object")
        )

    def _answers_no(self) -> bool:
        """Whether a "no" or "nothing" opens a statement, as an answer does."""
        words = self.text.words
        return any(
            no.first == self.text.sentence(no).start
            or words[no.first].after_comma
            or any(s.last == no.first for s in self._named("acknowledge"))
            for no in self._named("all_no")
        )
