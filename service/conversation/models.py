"""What came in: raw events, messages, open dialogs; calls with their steps and recordings."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, Encrypted, EncryptedBytes, EncryptedJSON, partial_index


class EventState(StrEnum):
    """`kept` is never seen outside the transaction that handles the event."""

    KEPT = "kept"
    HANDLED = "handled"
    FAILED = "failed"


class Event(Base):
    """A carrier's webhook as it arrived, kept before anything is done with it."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("kind", "carrier_id"),
        partial_index("ix_events_failed", "received_at", where="state = 'failed'"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]  # "sms"
    carrier_id: Mapped[str]  # MessageSid, or a fingerprint of the body where there is none
    raw: Mapped[Any] = mapped_column(EncryptedJSON("events.raw"))  # list of [name, value] pairs
    received_at: Mapped[datetime]
    state: Mapped[str]  # EventState
    attempts: Mapped[int]
    error: Mapped[str | None]  # the class of the last failure, never its text
    answered_at: Mapped[datetime | None]  # when the answer to its webhook gave advice already


class Gap(Base):
    """A span in which what patients sent did not reach us, or had to wait, and was taken in afterwards."""

    __tablename__ = "gaps"

    id: Mapped[int] = mapped_column(primary_key=True)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    texts: Mapped[int]
    voicemails: Mapped[int] = mapped_column(default=0, server_default=text("0"))


class InboundMessage(Base):
    """What a patient wrote, with what triage made of it."""

    __tablename__ = "inbound_messages"
    __table_args__ = (Index(None, "thread_id", "received_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), unique=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"))
    channel: Mapped[str]  # Channel: sms, voicemail, ...
    body: Mapped[str] = mapped_column(Encrypted("inbound_messages.body"))
    media_count: Mapped[int]
    level: Mapped[str]  # triage Level
    findings: Mapped[Any] = mapped_column(EncryptedJSON("inbound_messages.findings"))
    lexicon: Mapped[str]  # the version of red_flags.toml that judged it
    received_at: Mapped[datetime]


class Dialog(Base):
    """The question a thread is in the middle of, with the answers so far. One a thread."""

    __tablename__ = "dialogs"

    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    question: Mapped[str]  # Question
    answers: Mapped[Any] = mapped_column(EncryptedJSON("dialogs.answers"))
    asked_at: Mapped[datetime] = mapped_column(index=True)
    suspended: Mapped[bool]  # an emergency came between: ask again before taking an answer


class Call(Base):
    """One telephone call, either way. `turn` is the step that is waited for next."""

    __tablename__ = "calls"

    id: Mapped[int] = mapped_column(primary_key=True)
    carrier_id: Mapped[str] = mapped_column(unique=True)  # CallSid
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), index=True)
    outbound_id: Mapped[int | None] = mapped_column(ForeignKey("outbound_messages.id"))  # a tip
    state: Mapped[Any] = mapped_column(EncryptedJSON("calls.state"))  # voice.CallState
    turn: Mapped[int]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class CallStep(Base):
    """What was answered at one step of a call, so that a repeat gets the same and changes nothing."""

    __tablename__ = "call_steps"
    __table_args__ = (UniqueConstraint("call_id", "turn"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"))
    turn: Mapped[int]
    answer: Mapped[Any] = mapped_column(EncryptedJSON("call_steps.answer"))  # voice.Answer
    at: Mapped[datetime]


class Recording(Base):
    """A caller's voice. The carrier's word that it exists comes first, the audio is fetched after."""

    __tablename__ = "recordings"
    __table_args__ = (
        Index("ix_recordings_waiting", "state", "next_look"),
        partial_index("ix_recordings_untranscribed", "recorded_at", where="message_id IS NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    carrier_id: Mapped[str] = mapped_column(unique=True)  # RecordingSid
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"))
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), index=True)
    kind: Mapped[str]  # recordings.Kind: voicemail, dialog
    state: Mapped[str]  # recordings.State
    seconds: Mapped[int]
    recorded_at: Mapped[datetime]
    next_look: Mapped[datetime]  # known: when to fetch; fetched: when to delete at the carrier
    attempts: Mapped[int]
    audio: Mapped[bytes | None] = mapped_column(EncryptedBytes("recordings.audio"), deferred=True)
    media_type: Mapped[str | None]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_messages.id"))  # transcript
    transcription_id: Mapped[str | None]  # TranscriptionSid, to delete it at the carrier
