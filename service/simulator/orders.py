"""What the line asks the carrier to do, and the checks Twilio makes before it takes an order."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from service.phone import to_e164
from service.simulator.refused import Refused

LONGEST_BODY = 1600
LONGEST_VALIDITY = 36_000  # seconds; also the default. Source: www.twilio.com/docs/api/errors/21624
_E164 = re.compile(r"\+[1-9]\d{6,14}")


@dataclass(frozen=True)
class TextOrder:
    """A text to be sent. Empty fields were not given; `validity` is in seconds, as it was written."""

    to: str
    body: str
    sender: str = ""
    service_sid: str = ""
    media_urls: tuple[str, ...] = ()
    receipt_url: str = ""
    validity: str = str(LONGEST_VALIDITY)


@dataclass(frozen=True)
class CallOrder:
    """A call to be placed, with what it shall say given as an address or as TwiML."""

    to: str
    sender: str
    url: str = ""
    twiml: str = ""
    receipt_url: str = ""
    receipt_events: tuple[str, ...] = ("completed",)


def check_text(order: TextOrder, line_number: str, service_sid: str | None) -> None:
    """Refused when an order cannot be taken from this account, whoever it is for."""
    if not order.to:
        raise Refused(21604)
    if not (order.sender or order.service_sid):
        raise Refused(21603)
    if not (order.body or order.media_urls):
        raise Refused(21619)
    if len(order.body) > LONGEST_BODY:
        raise Refused(21617)
    if not _dialable(order.to):
        raise Refused(21211)
    if order.service_sid and order.service_sid != service_sid:
        raise Refused(21701)
    if order.sender and order.sender != line_number:
        raise Refused(21606)
    if order.to == line_number:
        raise Refused(21266)
    if not (order.validity.isdecimal() and 1 <= int(order.validity) <= LONGEST_VALIDITY):
        raise Refused(21624)
    _check_receipt_url(order.receipt_url)


def check_call(order: CallOrder, line_number: str) -> None:
    """Refused when a call cannot be placed."""
    if not order.to:
        raise Refused(21201)
    if not order.sender:
        raise Refused(21213)
    if not (order.url or order.twiml):
        raise Refused(21205)
    if not _dialable(order.to):
        raise Refused(21217)
    if order.sender != line_number:
        raise Refused(21210)
    _check_receipt_url(order.receipt_url)


def _dialable(number: str) -> bool:
    return _E164.fullmatch(number) is not None and to_e164(number) is not None


def _check_receipt_url(url: str) -> None:
    parts = urlsplit(url)
    if url and not (parts.scheme in ("http", "https") and parts.hostname):
        raise Refused(21609)
