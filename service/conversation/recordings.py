"""Callers' voices: known by the carrier's word, fetched into our own store, deleted at the carrier.

A voicemail stands in front of staff from the moment it is known. What nobody and nothing has read is
treated as urgent, because any of it may be an emergency: Spanish at once (the carrier transcribes
American English only), English when no transcript came in time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session, undefer

from service.conversation.gaps import tell_of_gap
from service.conversation.models import Call, Recording
from service.conversation.receive import Conversation
from service.conversation.voice import load_state
from service.db import any_of, insert_if_new
from service.patients.find import lock_thread
from service.patients.models import Thread
from service.review.flag import escalate, flag
from service.review.rules import Kind as ReviewKind
from service.triage.rules import Level

TRANSCRIPT_WITHIN = timedelta(minutes=10)
MOST_FETCHES = 12


LOOK_BACK = timedelta(days=3)
ON_ITS_WAY = timedelta(minutes=2)
"""Younger voicemails may still come by webhook: the next round looks at them again."""


class Kind(StrEnum):
    """What was recorded."""

    VOICEMAIL = "voicemail"
    DIALOG = "dialog"  # a name and an address


class State(StrEnum):
    """`known` waits to be fetched, `fetched` to be deleted at the carrier."""

    KNOWN = "known"
    FETCHED = "fetched"
    SETTLED = "settled"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Recorded:
    """The carrier's word that a recording exists."""

    sid: str
    call: str  # CallSid
    number: str | None  # E.164 of the patient, for a call we know nothing of
    kind: Kind
    seconds: int
    at: datetime | None = None  # when it was left (UTC), where it reaches us late


@dataclass(frozen=True, slots=True)
class Audio:
    """A recording as it was fetched."""

    data: bytes
    media_type: str


_DUE = (
    select(Recording)
    .where(
        any_of(Recording.state, (State.KNOWN, State.FETCHED)),
        Recording.next_look <= bindparam("now"),
    )
    .order_by(Recording.next_look)
    .limit(bindparam("most"))
)


class Files(Protocol):
    """The carrier's recordings. Never raises for what the carrier or the network does."""

    def fetch(self, sid: str) -> Audio | None:
        """The audio, or None when it is not to be had just now."""
        ...

    def delete(self, sid: str, transcription: str | None) -> bool:
        """Delete the audio and its transcript at the carrier; whether they are gone."""
        ...

    def since(self, moment: datetime) -> Iterable[Recorded]:
        """The voicemails that the carrier has taken since `moment`, also while we were away."""
        ...


def keep(conversation: Conversation, recorded: Recorded) -> bool:
    """Keep that a recording exists, and put a voicemail in front of staff; False for a repeat."""
    now = conversation.clock.now()
    with conversation.database.transaction() as session:
        is_new = keep_in(session, conversation, recorded, now)
    conversation.wake()
    return is_new


def keep_in(
    session: Session, conversation: Conversation, recorded: Recorded, now: datetime
) -> bool:
    """The same, in the caller's transaction."""
    call, thread = _whose(session, conversation, recorded, now)
    recording_id = insert_if_new(
        session,
        Recording,
        carrier_id=recorded.sid,
        call_id=call.id if call else None,
        thread_id=thread.id,
        kind=recorded.kind,
        state=State.KNOWN,
        seconds=recorded.seconds,
        recorded_at=recorded.at or now,
        next_look=now,
        attempts=0,
    )
    if recording_id is None:
        longer = update(Recording).where(
            Recording.carrier_id == recorded.sid, Recording.seconds < recorded.seconds
        )
        session.execute(longer.values(seconds=recorded.seconds))
        return False
    if recorded.kind is Kind.VOICEMAIL:
        language = load_state(call.state).language if call else thread.language
        transcribed = language == "en" and recorded.at is None
        level = Level.REVIEW if transcribed else Level.URGENT
        _put_before_staff(session, conversation, recording_id, thread.id, level, now)
    return True


def _whose(
    session: Session, conversation: Conversation, recorded: Recorded, now: datetime
) -> tuple[Call | None, Thread]:
    call = session.scalars(select(Call).where(Call.carrier_id == recorded.call)).first()
    if call is not None:
        locked = select(Thread).where(Thread.id == call.thread_id).with_for_update()
        return call, session.scalars(locked).one()
    clinic = conversation.content.clinic
    thread, _ = lock_thread(
        session,
        conversation.database.keyring,
        recorded.number,
        language=clinic.languages[0],
        zone=clinic.time_zone,
        now=now,
    )
    return None, thread


def _put_before_staff(
    session: Session,
    conversation: Conversation,
    recording_id: int,
    thread_id: int,
    level: Level,
    now: datetime,
) -> None:
    flag(
        session,
        subject=f"recording:{recording_id}",
        kind=ReviewKind.VOICEMAIL,
        level=level,
        thread_id=thread_id,
        now=now,
        clinic=conversation.content.clinic,
    )


def untranscribed(conversation: Conversation, sid: str) -> None:
    """No transcript will come: a person must listen soon."""
    now = conversation.clock.now()
    with conversation.database.transaction() as session:
        recording_id = session.scalar(select(Recording.id).where(Recording.carrier_id == sid))
        if recording_id is not None:
            _raise(session, conversation, recording_id, now)
    conversation.wake()


def raise_unheard(conversation: Conversation) -> int:
    """Raise voicemails whose transcript did not come in time; how many were looked at."""
    now = conversation.clock.now()
    with conversation.database.transaction() as session:
        late = session.scalars(
            select(Recording.id).where(
                Recording.kind == Kind.VOICEMAIL,
                Recording.message_id.is_(None),
                Recording.recorded_at <= now - TRANSCRIPT_WITHIN,
                Recording.recorded_at > now - timedelta(days=1),
            )
        ).all()
        for recording_id in late:
            _raise(session, conversation, recording_id, now)
    return len(late)


def _raise(session: Session, conversation: Conversation, recording_id: int, now: datetime) -> None:
    escalate(
        session,
        subject=f"recording:{recording_id}",
        level=Level.URGENT,
        now=now,
        clinic=conversation.content.clinic,
    )


def fetch_due(conversation: Conversation, files: Files, most: int = 20) -> int:
    """Fetch what is known, and delete at the carrier what was fetched long enough ago."""
    now = conversation.clock.now()
    with conversation.database.reading() as session:
        due = session.scalars(_DUE, {"now": now, "most": most}).all()
    for recording in due:
        if recording.state == State.KNOWN:
            _store(conversation, recording, files.fetch(recording.carrier_id), now)
        else:
            gone = files.delete(recording.carrier_id, recording.transcription_id)
            _let_go(conversation, recording.id, gone=gone, now=now)
    return len(due)


def _store(
    conversation: Conversation, known: Recording, audio: Audio | None, now: datetime
) -> None:
    """Keep the audio. What is not there yet is asked for again: 30 s, 1, 2, 4 ... minutes later."""
    keeps = timedelta(hours=conversation.content.clinic.calls.carrier_keeps_hours)
    with conversation.database.transaction() as session:
        recording = session.get_one(Recording, known.id, options=[undefer(Recording.audio)])
        recording.attempts += 1
        if audio is not None:
            recording.audio, recording.media_type = audio.data, audio.media_type
            recording.state, recording.next_look = State.FETCHED, now + keeps
        elif recording.attempts >= MOST_FETCHES:
            recording.state = State.LOST
            _raise(session, conversation, recording.id, now)
        else:
            recording.next_look = now + timedelta(seconds=15) * 2**recording.attempts


def _let_go(conversation: Conversation, recording_id: int, *, gone: bool, now: datetime) -> None:
    with conversation.database.transaction() as session:
        recording = session.get_one(Recording, recording_id)
        if gone:
            recording.state = State.SETTLED
        else:
            recording.next_look = now + timedelta(hours=1)


def import_missed(conversation: Conversation, files: Files) -> int:
    """Take in voicemails that were left while we could not be reached; how many were new.

    Nothing transcribes them, so each is urgent. Staff are shown the gap.
    """
    now = conversation.clock.now()
    listed = [
        each for each in files.since(now - LOOK_BACK) if each.at and each.at < now - ON_ITS_WAY
    ]
    missed = [each.at for each in listed if each.at and keep(conversation, each)]
    tell_of_gap(conversation, (), missed)
    return len(missed)
