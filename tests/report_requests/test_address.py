"""Addresses as they are texted and spoken: read right, or doubted; never silently wrong.

`addresses.tsv`: what was heard, the name and the address in it (lines by " / "), the doubt that must be
raised ("" for none). All people and house numbers are invented.
"""

import csv
from pathlib import Path

import pytest

from service.report_requests.address import read_address, with_zip
from service.report_requests.places import place_of, town_key, zips_of_town, zone_of_zip
from service.report_requests.street import household_key

ROWS = list(
    csv.DictReader(
        (Path(__file__).parent / "addresses.tsv").open(encoding="utf-8"),
        delimiter="\t",
        quoting=csv.QUOTE_NONE,
    )
)


def is_right(row: dict[str, str]) -> bool:
    read = read_address(row["heard"].replace("\\n", "\n"))
    doubts = {doubt.value for doubt in read.hard}
    if row["doubt"]:
        return row["doubt"] in doubts
    return not doubts and _same(row, read.recipient, read.text)


def is_silently_wrong(row: dict[str, str]) -> bool:
    """Sure of something else than what was meant."""
    read = read_address(row["heard"].replace("\\n", "\n"))
    if read.hard:
        return False
    return bool(row["doubt"]) or not _same(row, read.recipient, read.text)


def _same(row: dict[str, str], recipient: str | None, text: str) -> bool:
    wanted = row["address"].replace(" / ", "\n").replace(", Lot", "\nLot").replace(", PO", "\nPO")
    town, read_town = wanted.split("\n")[-1], text.split("\n")[-1]
    return (
        household_key(wanted) == household_key(text)
        and town.casefold() == read_town.casefold()
        and row["name"].casefold() == (recipient or "").casefold()
    )


def test_there_are_two_hundred_and_nineteen_of_twenty_are_right() -> None:
    wrong = [row["heard"] for row in ROWS if not is_right(row)]
    assert len(ROWS) >= 200
    assert len(wrong) <= len(ROWS) * 0.05, wrong


def test_none_is_silently_wrong() -> None:
    assert [row["heard"] for row in ROWS if is_silently_wrong(row)] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("14 Oak Lane\nWarsaw, VA 22572", "14 OAK LN.\nWarsaw, Virginia 22572-0012"),
        ("16 N Church Street Apt 4\nKilmarnock, VA 22482", "16 North Church St #4\nX, VA 22482"),
        ("PO Box 12\nLottsburg, VA 22511", "P.O. Box 12\nLottsburg, VA 22511"),
    ],
)
def test_a_household_is_one_however_it_is_written(one: str, other: str) -> None:
    assert household_key(one) == household_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("14 Oak Lane\nWarsaw, VA 22572", "14 Oak Road\nWarsaw, VA 22572"),
        ("16 Church St Apt 4\nKilmarnock, VA 22482", "16 Church St Apt 5\nKilmarnock, VA 22482"),
        ("14 Oak Lane\nWarsaw, VA 22572", "14 Oak Lane\nKilmarnock, VA 22482"),
    ],
)
def test_two_households_stay_two(one: str, other: str) -> None:
    assert household_key(one) != household_key(other)


def test_a_missing_zip_is_put_in_its_place() -> None:
    read = with_zip(read_address("14 Oak Lane, Warsaw VA"), "22572")
    assert (read.text, read.doubts) == ("14 Oak Lane\nWarsaw, VA 22572", frozenset())


def test_a_zip_tells_town_and_zone() -> None:
    place = place_of("22482")
    assert place is not None
    assert (place.town, place.state) == ("Kilmarnock", "VA")
    assert str(zone_of_zip("22482")) == "America/New_York"
    assert place_of("99999") is None
    assert place_of("") is None


def test_a_town_that_the_post_writes_otherwise_is_known_by_its_zip() -> None:
    place = place_of("22572")
    assert place is not None
    assert place.towns[town_key("Foneswood")] == "Foneswood"
    assert place.towns[town_key("Nomini Grove")] == "Warsaw"


def test_a_town_has_the_zips_of_its_own_state() -> None:
    assert "28801" in zips_of_town("Asheville", "NC")
    assert zips_of_town("Asheville", "VA") == frozenset()


@pytest.mark.parametrize(
    ("zip_code", "town"), [("09021", "Apo"), ("99634", "Napakiak")], ids=["military", "misspelled"]
)
def test_a_zip_without_a_zone_is_a_place_all_the_same(zip_code: str, town: str) -> None:
    place = place_of(zip_code)
    assert place is not None
    assert place.town == town
    assert zone_of_zip(zip_code) is None
