"""A patient's thread: all that was said, both ways, in order, with what staff wrote and did."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.console import words
from service.console.marks import Piece, findings_of, pieces
from service.console.sounds import Sound, sound, sounds_of
from service.conversation.models import InboundMessage, Recording
from service.outbox.models import OutboundMessage
from service.outbox.rules import Kind, State
from service.review.models import Note, ReviewItem
from service.review.rules import Kind as ItemKind
from service.review.rules import Outcome
from service.tongue import N_, Words, gettext
from service.triage.rules import Finding, Level

CHANNELS: Words[str] = Words(
    {
        "call": N_("call"),
        "voicemail": N_("voicemail"),
        "recorded": N_("name and address, recorded"),
    }
)

LATEST = 200
"""How many of each kind of entry are read at first; older ones on request."""


class Side(StrEnum):
    """Who speaks."""

    PATIENT = "patient"
    MACHINE = "machine"
    STAFF = "staff"
    NOTE = "note"  # seen by staff only
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing on the thread. `at` is UTC."""

    at: datetime
    side: Side
    author: str
    text: tuple[Piece, ...]
    level: Level = Level.CLEAR
    findings: tuple[Finding, ...] = ()
    pictures: int = 0
    sound: Sound | None = None
    channel: str = ""
    delivery: str = ""
    again: datetime | None = None  # when it leaves, while it waits
    trouble: bool = False


@dataclass(frozen=True, slots=True)
class Talk:
    """Entries, oldest first; `cut` when older ones were left out."""

    entries: tuple[Entry, ...]
    cut: bool


def read(
    session: Session, thread_id: int, staff: Mapping[int, str], *, everything: bool = False
) -> Talk:
    """The thread, or its latest part. `staff` names the authors by id."""
    most = None if everything else LATEST
    kinds = (
        list(_inbound(session, thread_id, most)),
        list(_unread_voices(session, thread_id, most)),
        list(_outbound(session, thread_id, staff, most)),
        list(_notes(session, thread_id, staff, most)),
        list(_closed(session, thread_id, staff, most)),
    )
    entries = sorted((entry for kind in kinds for entry in kind), key=lambda entry: entry.at)
    return Talk(tuple(entries), cut=any(len(kind) == most for kind in kinds))


def _inbound(session: Session, thread_id: int, most: int | None) -> Iterator[Entry]:
    newest = (InboundMessage.received_at.desc(), InboundMessage.id.desc())
    wanted = select(InboundMessage).where(InboundMessage.thread_id == thread_id)
    messages = session.scalars(wanted.order_by(*newest).limit(most)).all()
    _, spoken = sounds_of(session, recordings=[], messages=[each.id for each in messages])
    for message in reversed(messages):
        findings = findings_of(message.findings)
        yield Entry(
            at=message.received_at,
            side=Side.PATIENT,
            author=gettext("Patient"),
            text=pieces(message.body, findings),
            level=Level(message.level),
            findings=findings,
            pictures=message.media_count,
            sound=spoken.get(message.id),
            channel=CHANNELS.get(message.channel, ""),
        )


def _unread_voices(session: Session, thread_id: int, most: int | None) -> Iterator[Entry]:
    """Recordings without a transcript: a person has to listen."""
    wanted = select(Recording).where(
        Recording.thread_id == thread_id, Recording.message_id.is_(None)
    )
    latest = wanted.order_by(Recording.id.desc()).limit(most)
    for recording in reversed(session.scalars(latest).all()):
        by_ear = (Piece(gettext("No transcript: please listen."), None),)
        yield Entry(
            at=recording.recorded_at,
            side=Side.PATIENT,
            author=gettext("Patient"),
            text=by_ear if recording.kind == "voicemail" else (),
            channel=CHANNELS["voicemail" if recording.kind == "voicemail" else "recorded"],
            sound=sound(recording),
        )


def _outbound(
    session: Session, thread_id: int, staff: Mapping[int, str], most: int | None
) -> Iterator[Entry]:
    newest = (OutboundMessage.created_at.desc(), OutboundMessage.id.desc())
    wanted = select(OutboundMessage).where(OutboundMessage.thread_id == thread_id)
    for message in reversed(session.scalars(wanted.order_by(*newest).limit(most)).all()):
        state, kind = State(message.state), words.MESSAGES[Kind(message.kind)]
        by_hand = message.staff_id is not None
        yield Entry(
            at=message.handed_over_at or message.created_at,
            side=Side.STAFF if by_hand else Side.MACHINE,
            author=_name(staff, message.staff_id) if by_hand else kind,
            text=(Piece(message.body, None),),
            delivery=words.delivery(
                state, message.reason, message.error_code, tried=message.attempts > 0
            ),
            again=message.not_before if _waits(message) else None,
            trouble=state in words.BAD_STATES,
        )


def _waits(message: OutboundMessage) -> bool:
    return message.state == State.QUEUED and message.not_before > message.created_at


def _notes(
    session: Session, thread_id: int, staff: Mapping[int, str], most: int | None
) -> Iterator[Entry]:
    wanted = select(Note).where(Note.thread_id == thread_id).order_by(Note.id.desc()).limit(most)
    for note in reversed(session.scalars(wanted).all()):
        author = _name(staff, note.staff_id)
        yield Entry(note.at, Side.NOTE, author, (Piece(note.body, None),))


def _closed(
    session: Session, thread_id: int, staff: Mapping[int, str], most: int | None
) -> Iterator[Entry]:
    wanted = select(ReviewItem).where(
        ReviewItem.thread_id == thread_id, ReviewItem.closed_at.is_not(None)
    )
    latest = wanted.order_by(ReviewItem.closed_at.desc(), ReviewItem.id.desc()).limit(most)
    for item in reversed(session.scalars(latest).all()):
        if item.closed_at is None or item.outcome is None:
            continue
        text = gettext(
            "%(kind)s: %(outcome)s",
            kind=words.KINDS[ItemKind(item.kind)],
            outcome=words.OUTCOMES[Outcome(item.outcome)],
        )
        if item.note:
            text = f"{text}. {item.note}"
        author = _name(staff, item.closed_by)
        yield Entry(item.closed_at, Side.CLOSED, author, (Piece(text, None),))


def _name(staff: Mapping[int, str], staff_id: int | None) -> str:
    known = staff.get(staff_id) if staff_id is not None else None
    return known or gettext("Staff")
