"""A carrier that takes everything, remembers it, and answers what a test tells it to."""

import itertools
from collections.abc import Collection
from datetime import datetime

from service.conversation.missed import Listed
from service.conversation.recordings import Audio, Recorded
from service.outbox.sender import Accepted, Handover, Outgoing, SentText, Unknown


class RecordingSender:
    """Takes every text and remembers it; answers what a test has put in `answers` first."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []
        self.calls: list[Outgoing] = []
        self.answers: list[Handover] = []
        self.listed: Accepted | Unknown | None = None
        self.left: list[SentText] | None = []
        self.inbox: list[Listed] | None = []
        self._ids = itertools.count(1)

    def send_text(self, message: Outgoing) -> Handover:
        """Remember the text."""
        self.sent.append(message)
        return self.answers.pop(0) if self.answers else Accepted(f"SM{next(self._ids):032x}")

    def place_call(self, call: Outgoing) -> Handover:
        """Remember the call."""
        self.calls.append(call)
        return self.answers.pop(0) if self.answers else Accepted(f"CA{next(self._ids):032x}")

    def find_call(
        self, call: Outgoing, handed_over_at: datetime, known: Collection[str]
    ) -> Accepted | Unknown | None:
        """Say what the carrier's list is to say."""
        return self.listed

    def find_text(
        self, message: Outgoing, handed_over_at: datetime, known: Collection[str]
    ) -> Accepted | Unknown | None:
        """Say what the carrier's list is to say."""
        return self.listed

    def sent_since(self, since: datetime) -> list[SentText] | None:
        """Say what the carrier's list of texts from the line is to say."""
        return self.left

    def texts_since(self, since: datetime) -> list[Listed] | None:
        """Say what the carrier's list of texts to the line is to say."""
        return self.inbox

    def to(self, number: str) -> list[str]:
        """The texts sent to a number, in order."""
        return [message.body for message in self.sent if message.to == number]


class NoFiles:
    """A carrier that has recorded nothing."""

    def fetch(self, sid: str) -> Audio | None:
        """It has none."""
        return None

    def delete(self, sid: str, transcription: str | None) -> bool:
        """What is not there is gone."""
        return True

    def since(self, moment: datetime) -> list[Recorded]:
        """There is none."""
        return []
