"""What the post knows of places: ZIP codes, their towns, states and time zones (package zipcodes)."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import zipcodes

from service.wording import fold

STATES: Final = {
    "alabama": "AL", "alaska": "AK", "arizona": "AZ", "arkansas": "AR", "california": "CA",
    "colorado": "CO", "connecticut": "CT", "delaware": "DE", "district of columbia": "DC",
    "florida": "FL", "georgia": "GA", "hawaii": "HI", "idaho": "ID", "illinois": "IL",
    "indiana": "IN", "iowa": "IA", "kansas": "KS", "kentucky": "KY", "louisiana": "LA",
    "maine": "ME", "maryland": "MD", "massachusetts": "MA", "michigan": "MI", "minnesota": "MN",
    "mississippi": "MS", "missouri": "MO", "montana": "MT", "nebraska": "NE", "nevada": "NV",
    "new hampshire": "NH", "new jersey": "NJ", "new mexico": "NM", "new york": "NY",
    "north carolina": "NC", "north dakota": "ND", "ohio": "OH", "oklahoma": "OK", "oregon": "OR",
    "pennsylvania": "PA", "puerto rico": "PR", "rhode island": "RI", "south carolina": "SC",
    "south dakota": "SD", "tennessee": "TN", "texas": "TX", "utah": "UT", "vermont": "VT",
    "virginia": "VA", "washington": "WA", "west virginia": "WV", "wisconsin": "WI", "wyoming": "WY",
    "w va": "WV", "w virginia": "WV", "virgina": "VA", "virgnia": "VA", "north car": "NC",
}  # fmt: skip
_FIVE_DIGITS: Final = re.compile("[0-9]{5}")
_LONG: Final = {"saint": "st", "sainte": "ste", "mount": "mt", "fort": "ft"}


@dataclass(frozen=True, slots=True)
class Place:
    """One ZIP: the town it is written with, all towns that go with it, the state, the zone."""

    zip: str
    town: str
    towns: Mapping[str, str]  # folded name -> the name to write
    state: str
    zone: str


def state_code(words: str) -> str | None:
    """The code of a state by its name or code ("Virginia", "va", "W. Va."); None when it is none."""
    plain = fold(words)
    code = plain.replace(" ", "").upper()
    return STATES.get(plain) or (code if code in STATES.values() else None)


def town_key(name: str) -> str:
    """A town's name for comparing: "St. Stephens Church" and "Saint Stephens Church" are one."""
    return " ".join(_LONG.get(word, word) for word in fold(name).split())


@cache
def place_of(zip_code: str) -> Place | None:
    """What is known of a ZIP (five digits); None when no such ZIP exists."""
    if not _FIVE_DIGITS.fullmatch(zip_code):
        return None
    return next(map(_place, zipcodes.matching(zip_code)), None)


def zips_of_town(town: str, state: str) -> frozenset[str]:
    """The ZIPs a town of a state is written with; empty when the state has no such town."""
    return frozenset(_zips_by_town(state).get(town_key(town), ()))


def zone_of_zip(zip_code: str) -> ZoneInfo | None:
    """The time zone of a ZIP; None when no such ZIP is known, or no zone of it.

    Military post has none, and one ZIP of Alaska the name of its town in the zone's place.
    """
    place = place_of(zip_code)
    try:
        return ZoneInfo(place.zone) if place else None
    except (ValueError, ZoneInfoNotFoundError):
        return None


@cache
def _zips_by_town(state: str) -> Mapping[str, set[str]]:
    """One state at a time: the package finds it in milliseconds, and all of them fill over 80 MB."""
    found: dict[str, set[str]] = defaultdict(set)
    for place in map(_place, zipcodes.filter_by(state=state)):
        for key in place.towns:
            found[key].add(place.zip)
    return dict(found)


def _place(row: Mapping[str, Any]) -> Place:
    town = row["city"].title()
    towns = {town_key(name): town for name in row["unacceptable_cities"]}
    towns |= {town_key(name): name.title() for name in [*row["acceptable_cities"], row["city"]]}
    return Place(row["zip_code"], town, towns, row["state"], row["timezone"])
