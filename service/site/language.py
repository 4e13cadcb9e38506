"""Which language a page is shown in."""

import re
from collections.abc import Sequence
from operator import itemgetter

_WISH = re.compile(r"\s*([a-z]{2,3})(?:-[a-z0-9-]+)?\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*")


def choose_language(asked: str, accepted: str, offered: Sequence[str]) -> str:
    """One of `offered`: the one asked for, else the one the browser likes best, else the first.

    `accepted` is an Accept-Language header (RFC 9110, 12.5.4); a region counts for its language
    and what cannot be read counts for nothing.
    """
    if asked in offered:
        return asked
    wishes = filter(None, map(_WISH.fullmatch, accepted.lower().split(",")))
    liked = [(float(wish[2] or 1), wish[1]) for wish in wishes]
    known = [(liking, language) for liking, language in liked if liking and language in offered]
    return max(known, key=itemgetter(0), default=(0, offered[0]))[1]
