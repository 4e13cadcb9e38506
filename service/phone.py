"""Telephone numbers: reading them, and what they say of where and what a phone is."""

from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone as number_zones

COUNTRY = "US"


def to_e164(text: str) -> str | None:
    """`text` as an E.164 number, or None when it is no possible number (hidden callers, words).

    Accepts what people type ("804 555 0100") and what carriers send. Possible, not assigned: a number
    that no list knows may still be a patient's.
    """
    try:
        number = phonenumbers.parse(text, COUNTRY)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def pretty(e164: str) -> str:
    """The number as people in its country write it: "(804) 555-0100"."""
    number = phonenumbers.parse(e164, COUNTRY)
    style = phonenumbers.PhoneNumberFormat
    local = number.country_code == 1
    return phonenumbers.format_number(number, style.NATIONAL if local else style.INTERNATIONAL)


def zone_of(e164: str) -> ZoneInfo | None:
    """The time zone a number belongs to, or None when it has none or several (toll-free).

    A number that was ported or taken along tells nothing of where its owner is: an address is better.
    """
    names = number_zones.time_zones_for_number(phonenumbers.parse(e164, COUNTRY))
    known = [name for name in names if name != "Etc/Unknown"]
    return ZoneInfo(known[0]) if len(known) == 1 else None


def is_toll_free(e164: str) -> bool:
    """Whether the number is an 800, 888, ... number."""
    number = phonenumbers.parse(e164, COUNTRY)
    return phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.TOLL_FREE
