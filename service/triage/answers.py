"""Codes that answer a check-in: "1" (none of the signs), "2" (some), and how people write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum


class CheckInAnswer(StrEnum):
    """What a whole-message code says: none of the listed signs, or some."""

    NONE = "none"
    SOME = "some"


_PREFIX = r"(?:(?:i )?(?:option|answer|number|reply|press|choose|opcion|respuesta|numero|el|la) )?"
_NONE = (
    r"none|nope|none of (?:these|those|them|the above|that)|ningun[oa]s?"
    r"|ningun[oa] de (?:est[oa]s|es[oa]s|ell[oa]s|las anteriores)"
)
_SOME = r"some|some of (?:these|those|them)|algun[oa]s?|algun[oa] de (?:est[oa]s|es[oa]s)"
_CODES = {
    CheckInAnswer.NONE: re.compile(rf"{_PREFIX}(?:(?:1|one|uno)(?: (?:{_NONE}))?|{_NONE})"),
    CheckInAnswer.SOME: re.compile(rf"{_PREFIX}(?:(?:2|two|dos)(?: (?:{_SOME}))?|{_SOME})"),
}
_CHOICES = {
    CheckInAnswer.NONE: re.compile(
        r"n|(?:no|nope|nah|naw|not at all|nothing|nada|para nada|ningun[oa]?)(?: (?:no|nope|sir|maam|mam"
        r"|i dont|it isnt|there isnt|none|nothing|not at all|senor|senora|nada|tengo|ningun[oa]))*"
    ),
    CheckInAnswer.SOME: re.compile(
        r"y|(?:yes|yeah|yep|yup|yea|ya|si|sip|claro|right)(?: (?:yes|si|sir|maam|mam|i do|it is"
        r"|there is|i am|both|senor|senora|tengo|las dos|ambas))*|i do|both|las dos|ambas"
    ),
}
_COURTESY = re.compile(r"\b(?:please|thanks|thank you|thx|gracias|por favor|porfa)\b")


def read_code(text: str) -> CheckInAnswer | None:
    """Read a message that is a code and nothing else; None when it says anything more.

    "1 but my foot is numb" is None: the words win over the code.
    """
    return _read(text, _CODES)


def read_choice(text: str) -> CheckInAnswer | None:
    """Read an answer to "1 for no, 2 for yes": a code, or yes and no in words and nothing else.

    We never ask for YES (carriers act on it), but who writes it means the sign.
    """
    return read_code(text) or _read(text, _CHOICES)


def _read(text: str, patterns: Mapping[CheckInAnswer, re.Pattern[str]]) -> CheckInAnswer | None:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    plain = plain.replace("'", "")
    words = " ".join(re.sub(r"[^a-z0-9]+", " ", _COURTESY.sub(" ", plain)).split())
    for answer, pattern in patterns.items():
        if pattern.fullmatch(words):
            return answer
    return None
