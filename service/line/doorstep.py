"""Where webhooks wait while the database is away: kept on disk, acknowledged, taken in when it is back.

While anything waits, what comes goes behind it, so the order of arrival holds. The database knows each
event by the carrier's id, so one that was kept there after all changes nothing when it is taken in.
An emergency is answered at once, in the answer to its webhook, and staff are told by the carrier.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from service.conversation.gaps import tell_of_gap
from service.conversation.hang_ups import call_ended
from service.conversation.heard import Heard
from service.conversation.missed import Inbox, Listed, in_its_place
from service.conversation.receive import Conversation, keep_unreadable, receive
from service.conversation.recordings import keep, untranscribed
from service.conversation.unaided import judge_unaided
from service.conversation.understand import intents_of
from service.errors import Unkept, where
from service.line.alarm import Alarm
from service.line.parse import Pairs, parse_receipt, parse_text
from service.line.parse_voice import parse_call_receipt, parse_recording, parse_transcript
from service.outbox.receipts import take_receipt
from service.outbox.send import Outbox
from service.outbox.sender import Receipt
from service.patience import hurried
from service.review.rules import FLAGGING
from service.spool import Spool, Unreadable

log = logging.getLogger(__name__)

AWAY = (OperationalError, InterfaceError, ProgrammingError, PoolTimeoutError)
"""The database is gone, busy, or not of this version yet: it is asked again later."""

MOST_LATE = timedelta(days=1)
"""A webhook that comes later than this after its text was written is not looked up."""

DYING = timedelta(minutes=1)
"""What has been half written for so long is not being written any more."""


class What(StrEnum):
    """What a webhook brings."""

    TEXT = "text"
    RECEIPT = "receipt"
    CALL_RECEIPT = "call receipt"
    RECORDING = "recording"
    TRANSCRIPT = "transcript"


@dataclass(frozen=True, slots=True)
class Brought:
    """One webhook: its form, the opaque token in its address, and when it came where that is not now."""

    what: What
    pairs: Pairs
    token: str = ""
    at: datetime | None = None
    answered: bool = False  # the advice for an emergency was in the answer


@dataclass(frozen=True)
class Doorstep:
    """Takes webhooks in: at once, or by way of the disk."""

    conversation: Conversation
    outbox: Outbox
    inbox: Inbox
    spool: Spool
    alarm: Alarm
    _shown: set[str] = field(default_factory=set)  # unreadable files that staff were shown

    def take(self, brought: Brought) -> str | None:
        """Keep one webhook, for good when this returns; the advice to answer it with, if there is any.

        Unkept when neither the database nor the disk takes it, or a START cannot be dated: the carrier
        must not hear 200.
        """
        arrived = self.conversation.clock.now()
        if self.spool.is_empty():
            try:
                with hurried():
                    self._handle(brought)
                return None
            except SQLAlchemyError as error:
                log.error("the database did not take a webhook: %s", where(error))
        return self._leave(brought, arrived)

    def take_in(self) -> int:
        """Take in what waits, in order, if the database is back; how many. Alerts staff if it is not."""
        with self.spool.alone() as mine:
            if not mine:
                return 0
            if self.spool.is_empty():
                self.alarm.look()
            self.spool.set_aside_unfinished(self.conversation.clock.now() - DYING)
            waiting = self.spool.waiting()
            back = not waiting or self._answers()
            taken = self._take_all(waiting) if back else 0
            self._alert(waiting[taken:])
            return taken

    def _leave(self, brought: Brought, arrived: datetime) -> str | None:
        """Put it on disk behind what waits there already."""
        level, advice = "", None
        if brought.what is What.TEXT:
            level, advice = judge_unaided(self.conversation, parse_text(brought.pairs))
        self.spool.keep(
            _key(brought),
            {
                "what": brought.what,
                "token": brought.token,
                "pairs": list(brought.pairs),
                "level": level,
                "answered": advice is not None,
            },
            arrived,
        )
        return advice

    def _answers(self) -> bool:
        try:
            with hurried():
                return self.conversation.database.answers()
        except AWAY:
            return False

    def _take_all(self, waiting: Sequence[Path]) -> int:
        """One after the other; stops where the database goes away again."""
        late: dict[What, list[datetime]] = {what: [] for what in What}
        for count, path in enumerate(waiting):
            try:
                brought = self._read(path)
                self._handle(brought)
            except AWAY:
                return count
            except Exception as error:  # noqa: BLE001  a bad file must never stop the good ones
                log.error("a file in the spool was set aside: %s", where(error))
                self.spool.set_aside(path)
            else:
                self.spool.done(path)
                if brought.at:
                    late[brought.what].append(brought.at)
        self._show_what_is_aside()
        tell_of_gap(self.conversation, late[What.TEXT], late[What.RECORDING])
        return len(waiting)

    def _read(self, path: Path) -> Brought:
        content, at = self.spool.read(path)
        try:
            pairs = [(str(name), str(value)) for name, value in content["pairs"]]
            what, answered = What(content["what"]), bool(content["answered"])
            return Brought(what, pairs, content["token"], at, answered)
        except (KeyError, ValueError, TypeError) as error:
            raise Unreadable(f"{path.name} is of another version") from error

    def _alert(self, waiting: Sequence[Path]) -> None:
        """Tell the people on call, past the database, of what is urgent among what waits."""
        for path in waiting:
            try:
                level = self.spool.read(path)[0].get("level")
            except (Unreadable, OSError):
                continue  # set aside, and shown, when it is to be taken in
            if level in FLAGGING:
                self.alarm.raise_once(path.name, level)

    def _show_what_is_aside(self) -> None:
        for name in self.spool.aside():
            if name not in self._shown:
                keep_unreadable(self.conversation, name)
                self._shown.add(name)

    def _handle(self, brought: Brought) -> None:
        _HANDLERS[brought.what](self, brought)

    def _text(self, brought: Brought) -> None:
        answered = brought.at if brought.answered else None
        heard, at = parse_text(brought.pairs), brought.at
        if listed := self._listed(heard, late=at is not None):
            heard, at = replace(heard, taken_back=listed.heard.taken_back), listed.at
        receive(self.conversation, heard, at, answered=answered)

    def _listed(self, heard: Heard, *, late: bool) -> Listed | None:
        """A START as the carrier's list has it; None for all else, or when the list does not know it.

        A webhook bears no time. One that comes late must not lift an opt-out that was written after it.
        Unkept when the list cannot be asked: then the START comes with the list. One from the disk is
        `late`, and has the time of its arrival at least.
        """
        content = self.conversation.content
        if "start" not in intents_of(heard.body, content):
            return None
        lately = self.inbox.texts_since(self.conversation.clock.now() - MOST_LATE)
        if lately is None and not late:
            raise Unkept("The carrier's list cannot be asked when a START was written.")
        for each in lately or ():
            if each.heard.carrier_id == heard.carrier_id:
                return Listed(in_its_place(each, lately or (), content), each.at)
        return None

    def _receipt(self, brought: Brought) -> None:
        receipt = parse_receipt(brought.token, brought.pairs)
        if receipt is not None:
            self._take_receipt(receipt)

    def _call_receipt(self, brought: Brought) -> None:
        receipt = parse_call_receipt(brought.token, brought.pairs)
        if receipt is None:
            return
        if brought.token:
            self._take_receipt(receipt)
        call_ended(self.conversation, receipt.carrier_id)

    def _take_receipt(self, receipt: Receipt) -> None:
        with self.outbox.database.transaction() as session:
            take_receipt(session, self.outbox, receipt)

    def _recording(self, brought: Brought) -> None:
        if recorded := parse_recording(brought.pairs):
            keep(self.conversation, replace(recorded, at=brought.at))

    def _transcript(self, brought: Brought) -> None:
        """It may come before its recording does."""
        pairs = [pair for pair in brought.pairs if pair[0] != "RecordingStatus"]
        recorded = parse_recording(pairs)
        if recorded is None:
            return
        keep(self.conversation, recorded)
        transcript = parse_transcript(brought.pairs)
        if transcript is None:
            untranscribed(self.conversation, recorded.sid)
        else:
            receive(self.conversation, transcript, brought.at)


_HANDLERS: dict[What, Callable[[Doorstep, Brought], None]] = {
    What.TEXT: Doorstep._text,
    What.RECEIPT: Doorstep._receipt,
    What.CALL_RECEIPT: Doorstep._call_receipt,
    What.RECORDING: Doorstep._recording,
    What.TRANSCRIPT: Doorstep._transcript,
}


def _key(brought: Brought) -> str:
    """What makes a webhook itself: the carrier's id and, for a receipt, what it says. Never the words."""
    fields: dict[str, Any] = dict(brought.pairs)
    if brought.what is What.TEXT:
        return f"text {parse_text(brought.pairs).carrier_id}"
    named = ("MessageSid", "CallSid", "RecordingSid", "TranscriptionSid")
    said = ("MessageStatus", "CallStatus", "RecordingStatus", "TranscriptionStatus")
    return " ".join([brought.what, brought.token, *(fields.get(each, "") for each in named + said)])
