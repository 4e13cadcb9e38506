"""What the simulated carrier keeps: texts, calls, and the phones they go to."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

API_VERSION = "2010-04-01"


class Kind(StrEnum):
    """What a phone is. A landline can neither get nor send texts."""

    MOBILE = "mobile"
    LANDLINE = "landline"


@dataclass
class Phone:
    """A phone in somebody's hand. `opted_out` is the carrier's own block list, set by STOP."""

    number: str
    name: str
    kind: Kind = Kind.MOBILE
    lang: str = "en"
    opted_out: bool = False


@dataclass
class Message:
    """One text, either way, as the carrier knows it; times are aware and in UTC."""

    sid: str
    direction: str  # inbound | outbound-api | outbound-reply
    sender: str
    to: str
    body: str
    status: str
    created: datetime
    updated: datetime
    sent: datetime | None = None
    media: tuple[str, ...] = ()  # media sids
    service_sid: str | None = None
    receipt_url: str = ""
    expires: datetime | None = None
    error_code: int | None = None
    heard: bool | None = None  # inbound: whether the line answered its webhook; None until it did

    by_carrier: bool = False  # the carrier's own words, which no line sent

    @property
    def inbound(self) -> bool:
        return self.direction == "inbound"


@dataclass
class Call:
    """One call, either way; times are aware and in UTC."""

    sid: str
    sender: str
    to: str
    created: datetime
    updated: datetime
    status: str = "queued"
    receipt_url: str = ""
    receipt_events: tuple[str, ...] = ("completed",)
    ended: datetime | None = None
    direction: str = "outbound-api"  # or inbound


@dataclass(frozen=True)
class Recording:
    """A voice that was recorded, as it came."""

    sid: str
    call_sid: str
    audio: bytes = field(repr=False)
    seconds: int
    source: str
    created: datetime


@dataclass(frozen=True)
class Refusal:
    """A text the carrier would not take, so that the phone page can show that it was tried."""

    to: str
    code: int
    reason: str
    at: datetime
    key: str = field(default_factory=lambda: secrets.token_hex(8))


def new_sid(prefix: str) -> str:
    """A fresh identifier in Twilio's form: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)
