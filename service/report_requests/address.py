"""Read a name and a postal address out of what a patient wrote, in any order. Pure.

The statistical parser (usaddress) is not trusted with towns and states: those are read against the
post's own list of ZIPs, and only what is left is given to it to be judged as a street. What does not
fit together is named as a doubt, to be asked about or looked at; nothing is refused.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final
from zoneinfo import ZoneInfo

from rapidfuzz import fuzz

from service.report_requests.places import (
    STATES,
    Place,
    place_of,
    state_code,
    town_key,
    zips_of_town,
    zone_of_zip,
)
from service.report_requests.reading import Address, Doubt
from service.report_requests.spoken import plain
from service.report_requests.street import SUFFIXES, starts_at, streetlike, tidy_name, tidy_street

__all__ = ["Address", "Doubt", "clean_name", "looks_like_address", "read_address"]

ZIP: Final = re.compile(r"(?<![\d#-])(\d{5})(?:-?(\d{4}))?(?![\d-])")
_SHORT_ZIP: Final = re.compile(r"\b(\d{3,4}|\d{6,8})$")
_STATE: Final = re.compile(
    r"(?<![a-z'])(" + "|".join(sorted([*STATES, *STATES.values()], key=len, reverse=True))
    .replace(" ", r"\.?\s+") + r"|w\.? ?va|v\.a)(?![a-z'])\.?", re.I,
)  # fmt: skip
_NO_NAME: Final = re.compile(r"\b(?:my|is|add?ress?|mi|es|casa|house|phone|the|send)\b", re.I)
_ALSO_STREETS: Final = ("CT", "FL")  # court, floor
_ALIKE: Final = 86  # of 100: how alike a misspelt town must be to one of its ZIP


@dataclass(slots=True)
class _Parts:
    """The text, taken apart bit by bit."""

    rest: str
    zip: str | None = None
    state: str | None = None
    town: str | None = None
    tail: str = ""  # what stood behind the ZIP or the state: a name, if anything


def clean_name(text: str) -> str:
    """A name without "my name is" before it; at most 60 characters, on one line."""
    return tidy_name(plain(text))[:60]


def looks_like_address(text: str) -> bool:
    """Whether a street or box is named, so that more than a name was given."""
    return starts_at(plain(text)) is not None


def read_address(text: str) -> Address:
    """Read what can be read; `doubts` says what is missing or does not fit together."""
    parts = _Parts(plain(text))
    _take_zip(parts)
    place = place_of(parts.zip) if parts.zip else None
    _take_state(parts, place)
    doubts = set(_take_town(parts, place))
    parts.rest = re.sub(r",?\s+(?:in|en|near)$", "", parts.rest.rstrip(" ,"), flags=re.I)
    if parts.zip is None:
        doubts.add(Doubt.NO_ZIP)
    elif place is None:
        doubts.add(Doubt.ZIP_UNKNOWN)
    elif parts.state not in (None, place.state):
        doubts.add(Doubt.STATE_DIFFERS)
    recipient, street, sure = _name_and_street(parts)
    if _NO_NAME.search(recipient) or (place and town_key(recipient) in place.towns):
        recipient = ""
    town = parts.town or (place.town if place else None)
    state = parts.state or (place.state if place else None)
    if not sure or not streetlike(street):
        doubts.add(Doubt.STREET)
    return Address(
        recipient=tidy_name(recipient)[:60] or None,
        street=tidy_street(street)[:120],
        town=town,
        state=state,
        zip=parts.zip,
        doubts=frozenset(doubts),
    )


def with_zip(read: Address, zip_code: str) -> Address:
    """The same address under another ZIP: town and state follow the ZIP where they were not said."""
    moved = read_address(f"{read.street}, {read.town or ''}, {read.state or ''} {zip_code}")
    return replace(moved, recipient=read.recipient)


def trusting_zip(read: Address) -> Address:
    """The same address with the town and state of its ZIP, once the patient has insisted on that."""
    place = place_of(read.zip or "")
    if place is None:
        return read
    differs = {Doubt.TOWN_DIFFERS, Doubt.STATE_DIFFERS}
    return replace(read, town=place.town, state=place.state, doubts=read.doubts - differs)


def zone_of_address(address: str) -> ZoneInfo | None:
    """The time zone of an address as it stands on an envelope; None when its ZIP tells none."""
    found = ZIP.findall(address)
    return zone_of_zip(found[-1][0]) if found else None


def _take_zip(parts: _Parts) -> None:
    """The ZIP: behind a state, else the last number of five figures that is no house number."""
    found = [each for each in ZIP.finditer(parts.rest) if not _is_house_number(each, parts.rest)]
    behind = [each for each in found if _ends_in_state(parts.rest[: each.start()])]
    if chosen := (behind or found)[-1:]:
        zip_code = chosen[0]
        before, after = parts.rest[: zip_code.start()], parts.rest[zip_code.end() :]
        parts.zip, parts.tail = zip_code[1], after.strip(" ,.-")
        parts.rest = before.strip(" ,.-")
        if starts_at(parts.tail) is not None or not before.strip(" ,"):
            parts.rest, parts.tail = f"{parts.tail}, {parts.rest}".strip(" ,"), ""
    elif (short := _SHORT_ZIP.search(parts.rest)) and _ends_in_state(parts.rest[: short.start()]):
        parts.rest = parts.rest[: short.start()].strip(" ,.")


def _is_house_number(number: re.Match[str], text: str) -> bool:
    """Five figures at the head of a street: "10250 Northumberland Highway"."""
    if number[2] or _ends_in_state(text[: number.start()]):
        return False
    behind = text[number.end() :]
    if not re.match(r"\s+[A-Za-z]", behind):
        return bool(re.search(r"\b(?:box|bx)\s*#?\s*$", text[: number.start()], re.I))
    place = place_of(number[1])
    words = re.findall(r"[\w'.-]+", behind)
    names_town = place and any(town_key(" ".join(words[:n])) in place.towns for n in (1, 2, 3, 4))
    return not names_town and any(fold_word(word) in SUFFIXES for word in words[1:6])


def fold_word(word: str) -> str:
    """A word without case and dots."""
    return word.casefold().strip(".,")


def _ends_in_state(text: str) -> bool:
    found = list(_STATE.finditer(text))
    if not found:
        return False
    last = found[-1]
    return not text[last.end() :].strip(" ,.") and bool(text[: last.start()].strip())


def _take_state(parts: _Parts, place: Place | None) -> None:
    """The state: at the end, or behind a town of it; what follows is a name."""
    for found in reversed(list(_STATE.finditer(parts.rest))):
        code = state_code(found[1])
        before, after = (
            parts.rest[: found.start()].rstrip(" ,."),
            parts.rest[found.end() :].strip(" ,."),
        )
        if code is None or not before:
            continue
        named = any(zips_of_town(words, code) for _, words in _endings(before))
        if after and (
            not named or (starts_at(after) is not None and starts_at(before) is not None)
        ):
            continue
        if not named and (code in _ALSO_STREETS or after):
            continue
        if (
            not named
            and place
            and code != place.state
            and found[1].islower()
            and len(found[1]) == 2
            and found[1] in ("in", "or", "me", "la", "de", "hi", "ok")
        ):
            continue
        parts.state, parts.rest = code, before
        if after and starts_at(after) is not None:
            parts.rest = f"{after}, {before}"
        elif after:
            parts.tail = f"{parts.tail} {after}".strip()
        return


def _endings(text: str) -> Iterator[tuple[str, str]]:
    """The text split before its last four, three, two words and one: what is before, and the words."""
    words = list(re.finditer(r"[^\s,]+", text))
    for count in (4, 3, 2, 1):
        if len(words) >= count:
            start = words[-count].start()
            yield text[:start].rstrip(" ,"), " ".join(word[0] for word in words[-count:])


def _take_town(parts: _Parts, place: Place | None) -> Iterable[Doubt]:
    """The town at the end of what is left, by the ZIP's list, else by the state's, else by its place."""
    if place:
        for before, words in _endings(parts.rest):
            if name := place.towns.get(town_key(words)):
                parts.rest, parts.town = before, name
                return ()
        if misspelt := _misspelt(parts.rest, place):
            parts.rest, parts.town = misspelt
            return ()
    state = parts.state or (place.state if place else "VA")
    for before, words in _endings(parts.rest):
        if zips_of_town(words, state) and streetlike(_without_name(before)):
            parts.rest, parts.town = before, words.title()
            return (Doubt.TOWN_DIFFERS,) if place else ()
    return _unlisted_town(parts)


def _without_name(text: str) -> str:
    """The street in what stands before a town: behind the last comma, else from its number on."""
    behind = text.rpartition(",")[2].strip() or text
    start = starts_at(behind)
    return behind[start:] if start else behind


def _misspelt(text: str, place: Place) -> tuple[str, str] | None:
    for before, words in _endings(text):
        for key, name in place.towns.items():
            if (
                len(key) > 4
                and before
                and fold_word(words.split()[-1]) not in SUFFIXES
                and fuzz.ratio(town_key(words), key) >= _ALIKE
            ):
                return before, name
    return None


def _unlisted_town(parts: _Parts) -> Iterable[Doubt]:
    """A name behind the last comma, or behind the word for the street: a hamlet, or a misspelling."""
    before, comma, last = parts.rest.rpartition(",")
    last_word = fold_word(last.split()[-1]) if last.split() else ""
    if (
        comma
        and last.strip()
        and not re.search(r"\d", last)
        and last_word not in SUFFIXES
        and starts_at(before) is not None
        and starts_at(last) is None
    ):
        parts.rest, parts.town = before, last.strip().title()
        return (Doubt.TOWN_UNKNOWN,)
    return ()


def _name_and_street(parts: _Parts) -> tuple[str, str, bool]:
    """The name, the street, and whether they are told apart for sure."""
    start = starts_at(parts.rest)
    if start is None:
        return parts.tail or "", parts.rest, False
    name, street = parts.rest[:start].strip(" ,"), parts.rest[start:].strip(" ,")
    pieces = [piece.strip() for piece in street.split(",") if piece.strip()]
    names = [piece for piece in pieces[1:] if _is_name(piece)]
    if not name and not parts.tail and len(names) == 1:
        name, pieces = names[0], [piece for piece in pieces if piece != names[0]]
    tail = re.sub(r"^(?:for|attn:?|attention|name)\s+", "", parts.tail, flags=re.I)
    if name and tail:
        return name, ", ".join([*pieces, tail]), False
    sure = not re.search(r"\d", name or tail) and len((name or tail).split()) <= 7
    sure = sure and not any(_is_name(piece) for piece in pieces[1:])
    return re.sub(r"\s+(?:at|on)$", "", name or tail), ", ".join(pieces), sure


def _is_name(piece: str) -> bool:
    words = piece.split()
    return 2 <= len(words) <= 4 and not re.search(r"\d|#", piece) and not any(
        fold_word(word) in SUFFIXES for word in words
    )  # fmt: skip
