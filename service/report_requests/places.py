"""What the post knows of places: ZIP codes, their towns, states and time zones (package zipcodes)."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

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


def place_of(zip_code: str) -> Place | None:
    """What is known of a ZIP; None when no such ZIP exists."""
    return _atlas()[0].get(zip_code)


def zips_of_town(town: str, state: str) -> frozenset[str]:
    """The ZIPs a town of a state is written with; empty when the state has no such town."""
    return frozenset(_atlas()[1].get((state, town_key(town)), ()))


@cache
def zone_of_zip(zip_code: str) -> ZoneInfo | None:
    """The time zone of a ZIP, or None when no such ZIP is known."""
    place = place_of(zip_code)
    return ZoneInfo(place.zone) if place else None


@cache
def _atlas() -> tuple[dict[str, Place], dict[tuple[str, str], set[str]]]:
    places: dict[str, Place] = {}
    by_town: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in zipcodes.list_all():
        town, other = row["city"].title(), row["acceptable_cities"]
        towns = {town_key(name): name.title() for name in [*other, row["city"]]}
        towns |= {town_key(name): town for name in row["unacceptable_cities"]} | towns
        places[row["zip_code"]] = Place(row["zip_code"], town, towns, row["state"], row["timezone"])
        for key in towns:
            by_town[row["state"], key].add(row["zip_code"])
    return places, dict(by_town)
