"""The protocol between the outbox and whoever carries its messages."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from service.outbox.rules import State


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One text, or call, ready to be handed over. `token` is opaque and comes back in receipts.

    What a call says is asked for by the carrier when somebody picks up: `body` is not handed over.
    """

    to: str
    body: str
    token: str
    validity: timedelta
    by_call: bool = False
    spoken_at: str = "tip"  # the last part of the route that says what a call is about


@dataclass(frozen=True, slots=True)
class Accepted:
    """The carrier has it, under this id."""

    carrier_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Final for this message."""

    code: int | None
    opted_out: bool = False  # the patient said STOP to the carrier (21610)
    untextable: bool = False  # a landline or unreachable kind of number: offer a call
    misconfigured: bool = False  # ours to mend, not this message's fault


@dataclass(frozen=True, slots=True)
class TryAgain:
    """Not processed, safe to repeat; after `after` if the carrier (or the error) says how long."""

    code: int | None
    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """The line broke after the message may have been taken."""


Handover = Accepted | Refused | TryAgain | Unknown


@dataclass(frozen=True, slots=True)
class Receipt:
    """The carrier's word on what became of a message; `refused` when the error is a known final one."""

    token: str
    carrier_id: str
    state: State
    code: int | None
    refused: Refused | None = None
    retry: bool = False  # not reachable just now: worth another try, later


@dataclass(frozen=True, slots=True)
class SentText:
    """A text that has left, as the carrier's own list has it."""

    carrier_id: str
    to: str
    body: str


class Sender(Protocol):
    """Carries texts and places calls. Never raises for what the carrier or the network does."""

    def send_text(self, message: Outgoing) -> Handover:
        """Hand one text to the carrier."""
        ...

    def place_call(self, call: Outgoing) -> Handover:
        """Have the carrier ring a phone."""
        ...

    def find_call(
        self, call: Outgoing, handed_over_at: datetime, known: Collection[str]
    ) -> Accepted | Unknown | None:
        """Look for a call in the carrier's own list, as `find_text` does for a text."""
        ...

    def find_text(
        self, message: Outgoing, handed_over_at: datetime, known: Collection[str]
    ) -> Accepted | Unknown | None:
        """Look in the carrier's own list for a text whose outcome is unknown.

        Accepted when it is there (and its id is not among `known`), None when it is not, Unknown when
        the carrier could not be asked.
        """
        ...

    def sent_since(self, since: datetime) -> Sequence[SentText] | None:
        """Every text that left the line from `since` (UTC) on, or earlier; None when it could not be asked."""
        ...
