"""Measures and folds of plain text: what a text costs, and how two wordings are compared."""

import re
import unicodedata
from functools import cache

from gsm0338 import Codec

_GSM7 = Codec()
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_APOSTROPHES = dict.fromkeys(map(ord, "'\u2019\u2018\u02bc`\u00b4"))


def fold(text: str) -> str:
    """`text` without case, accents and punctuation, its words one space apart.

    "Don't STOP!" and "dont stop" fold alike, so do "Sí, señor" and "si senor".
    """
    plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES))
    plain = unicodedata.normalize("NFKD", plain.casefold())
    kept = (
        " " if not mark.isalnum() else mark for mark in plain if not unicodedata.combining(mark)
    )
    return " ".join("".join(kept).split())


@cache
def segments(text: str) -> int:
    """How many parts the carrier bills `text` as; an empty text is one.

    GSM-7 holds 160 characters alone and 153 a part; one character outside that alphabet makes
    the whole text UCS-2: 70 alone, 67 a part (Twilio, "SMS character limit"). The characters
    ``^{}\\[~]|€`` count twice.
    """
    try:
        units, alone, part = len(_GSM7.encode(text)[0]), 160, 153
    except UnicodeEncodeError:
        units, alone, part = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if units <= alone else -(-units // part)


@cache
def alphabet() -> tuple[str, str]:
    """The characters of GSM-7 that count once, and those that count twice: for a counter in a browser."""
    marks = [chr(code) for code in range(0x20, 0x20AD)]
    sizes = {mark: _size(mark) for mark in marks}
    once, twice = ("".join(mark for mark in marks if sizes[mark] == size) for size in (1, 2))
    return once + "\n\r", twice


def _size(mark: str) -> int:
    try:
        return len(_GSM7.encode(mark)[0])
    except UnicodeEncodeError:
        return 0


def placeholders(text: str) -> frozenset[str]:
    """The names that stand in braces in `text`."""
    return frozenset(_PLACEHOLDER.findall(text))


def fill(text: str, values: dict[str, str]) -> str:
    """`text` with each ``{name}`` replaced from `values`; a value is never read as a template.

    Raises KeyError for a name without a value.
    """
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)


def stray_braces(text: str) -> bool:
    """Whether braces remain that no placeholder explains."""
    return bool({"{", "}"} & set(_PLACEHOLDER.sub("", text)))
