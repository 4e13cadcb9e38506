"""Read a name and a postal address out of what a patient wrote. Pure."""

import re
from dataclasses import dataclass
from functools import cache
from zoneinfo import ZoneInfo

import usaddress
import zipcodes

ZIP = re.compile(r"\b(\d{5})(?:-\d{4})?\b(?!.*\b\d{5}\b)", re.S)
LEAD_IN = re.compile(
    r"^\s*(?:(?:my|the|our|mailing|home)\s+)*(?:name\s+is|name's|address\s+is|address:|it's|its|"
    r"it is|i am|i'm|this is|me llamo|mi nombre es|soy|mi direccion es|mi dirección es|es)\s+",
    re.I,
)
STREET_PARTS = ("AddressNumber", "USPSBoxID", "USPSBoxGroupID", "StreetName")


@dataclass(frozen=True, slots=True)
class Address:
    """What was read: who it is for, if that stood there too, the address as written, its ZIP."""

    recipient: str | None
    text: str
    zip: str | None


def clean_name(text: str) -> str:
    """A name without "my name is" before it; at most 60 characters, on one line."""
    return " ".join(LEAD_IN.sub("", text).split()).strip(" .,")[:60]


def read_address(text: str) -> Address:
    """Split a recipient off an address, as far as that is sure, and find the ZIP.

    The parser is a statistical one (usaddress): its city and state are not trusted, only whether a
    name stands before the street. The patient confirms what was read.
    """
    line = " ".join(LEAD_IN.sub("", text).replace("\n", ", ").split()).strip(" .,")
    found = ZIP.search(line)
    recipient = _recipient(line)
    street = line[len(recipient) :].strip(" .,") if recipient else line
    return Address(recipient, street[:200], found.group(1) if found else None)


def looks_like_address(text: str) -> bool:
    """Whether a street or box is named, so that more than a name was given."""
    return any(label in STREET_PARTS for _, label in usaddress.parse(text)) and bool(
        re.search(r"\d", text)
    )


def _recipient(line: str) -> str | None:
    words = []
    for word, label in usaddress.parse(line):
        if label != "Recipient":
            break
        words.append(word)
    if not words:
        return None
    end = line.index(words[-1]) + len(words[-1])
    return line[:end].strip(" .,") or None


@cache
def zone_of_zip(zip_code: str) -> ZoneInfo | None:
    """The time zone of a ZIP, or None when no such ZIP is known."""
    known = zipcodes.matching(zip_code)
    return ZoneInfo(known[0]["timezone"]) if known else None
