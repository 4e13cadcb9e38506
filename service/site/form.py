"""What the form on the public page may hold. Pure."""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from service.conversation.web_request import WebRequest
from service.phone import to_e164
from service.report_requests.address import clean_name, read_address
from service.report_requests.reading import Doubt
from service.report_requests.rules import Delivery

QUICKEST: Final = timedelta(seconds=3)
"""Nobody fills the form in faster; machines do."""

OLDEST: Final = timedelta(hours=12)

# Areas that look like US numbers and are dear or foreign: the Caribbean, 900 (NANPA).
_NOT_HERE: Final = frozenset(
    {
        "900", "242", "246", "264", "268", "284", "345", "441", "473", "649", "658", "664", "721",
        "758", "767", "784", "809", "829", "849", "868", "869", "876",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filled:
    """The fields as they were sent."""

    phone: str = ""
    how: str = Delivery.MAIL
    name: str = ""
    address: str = ""
    consent: bool = False
    tips: bool = False


def stamp(key: bytes, now: datetime) -> str:
    """When the form was given out, signed, so that its age can be told and not be made up."""
    seconds = str(int(now.timestamp()))
    return f"{seconds}.{hmac.new(key, seconds.encode(), hashlib.sha256).hexdigest()}"


def is_by_hand(key: bytes, sent: str, trap: str, now: datetime) -> bool:
    """Whether a person filled the form in: the trap is empty, the stamp ours and of the right age."""
    seconds, _, _signature = sent.partition(".")
    if trap or not (seconds.isascii() and seconds.isdecimal() and len(seconds) < 12):
        return False
    given = datetime.fromtimestamp(int(seconds), now.tzinfo)
    genuine = hmac.compare_digest(sent.encode(), stamp(key, given).encode())
    return genuine and QUICKEST <= now - given <= OLDEST


def problems(filled: Filled) -> Iterator[str]:
    """The fields that cannot be used as they are."""
    phone = to_e164(filled.phone)
    if not phone or not phone.startswith("+1") or len(phone) != 12 or phone[2:5] in _NOT_HERE:
        yield "phone"
    if filled.how == Delivery.MAIL:
        if not clean_name(filled.name):
            yield "name"
        read = read_address(filled.address)
        if {Doubt.STREET, Doubt.NO_ZIP} & read.doubts:
            yield "address"
    if not filled.consent:
        yield "consent"


def wish_of(filled: Filled, words: Mapping[str, str], language: str) -> WebRequest:
    """The wish in a form without problems, with the wording of the boxes that were ticked."""
    by_mail = filled.how == Delivery.MAIL
    read = read_address(filled.address)
    return WebRequest(
        phone=to_e164(filled.phone) or "",
        language=language,
        delivery=Delivery.MAIL if by_mail else Delivery.LINK,
        name=clean_name(filled.name) if by_mail else "",
        address=read.text if by_mail else "",
        doubtful=by_mail and bool(read.hard),
        shown_texts=words["form_consent"],
        shown_tips=words["form_consent_tips"] if filled.tips else None,
    )
