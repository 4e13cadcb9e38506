"""Which language a page is shown in."""

import re
from collections.abc import Sequence

_WISH = re.compile(r"\s*([a-z]{2,3})(?:-[a-z0-9-]+)?\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*")


def choose_language(asked: str, accepted: str, offered: Sequence[str]) -> str:
    """One of `offered`: the one asked for, else the one the browser likes best, else the first.

    `accepted` is an Accept-Language header (RFC 9110, 12.5.4); a region counts for its language
    and what cannot be read counts for nothing.
    """
    if asked in offered:
        return asked
    wishes = filter(None, map(_WISH.fullmatch, accepted.lower().split(",")))
    liked = {wish[1]: float(wish[2] or 1) for wish in reversed(list(wishes))}
    known = [language for language in reversed(liked) if language in offered and liked[language]]
    return max(known, key=liked.__getitem__, default=offered[0])
