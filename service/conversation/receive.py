"""Take in what the carrier brings: keep it first, then think.

1. insert the raw event under the carrier's own id; if it was there before, nothing else happens;
2. behind a savepoint: lock the thread, triage, decide, apply;
3. commit once. If step 2 fails, the event is still committed, marked failed, in front of staff, and
   can be replayed.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from service.clock import Clock
from service.content import Content
from service.conversation.answered import hold_back, note_answered
from service.conversation.apply import Applier
from service.conversation.decide import decide
from service.conversation.effects import Effect, Flag
from service.conversation.heard import Heard, Understood
from service.conversation.known import known_of
from service.conversation.models import (
    Call,
    Dialog,
    Event,
    EventState,
    InboundMessage,
    Recording,
)
from service.conversation.signs_check import weighed
from service.conversation.staff_texts import answers_alert
from service.conversation.understand import understand
from service.db import Database, insert_if_new
from service.drip import enroll as program
from service.errors import NotFound, where
from service.outbox.rules import Limits
from service.patients.find import lock_thread, main_patient, thread_of
from service.patients.models import Thread
from service.review.flag import flag
from service.review.rules import Kind as ReviewKind
from service.spool import Unreadable
from service.triage.assess import assess
from service.triage.lexicon import Lexicon
from service.triage.rules import UNREAD, Assessment, Level

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 4
"""After these a failed event waits for a person to replay it."""

UNREADABLE = "unreadable file"

Parse = Callable[[Sequence[tuple[str, str]]], Heard]


@dataclass(frozen=True, slots=True)
class Conversation:
    """What receiving needs, put together once."""

    database: Database
    content: Content
    lexicon: Lexicon
    limits: Limits
    clock: Clock
    public_url: str
    wake: Callable[[], None]  # called after a commit that may have queued something


def receive(
    conversation: Conversation,
    heard: Heard,
    at: datetime | None = None,
    *,
    answered: datetime | None = None,
) -> bool:
    """Keep and handle one event; False when it is a repeat, which changes nothing.

    `at` is when it was written (UTC), where it reaches us late; `answered` when it was given the advice
    for an emergency already, so that this does not leave a second time.
    Raises what the database raises when the event could not be kept: the carrier must not hear 200.
    """
    now = conversation.clock.now()
    with conversation.database.transaction() as session:
        event_id = insert_if_new(
            session,
            Event,
            kind=heard.channel,
            carrier_id=heard.carrier_id,
            raw=heard.raw,
            received_at=at or now,
            state=EventState.KEPT,
            attempts=1,
            answered_at=answered,
        )
        if event_id is not None:
            event = session.get_one(Event, event_id)
            _handle_kept(session, conversation, event, lambda _raw: heard, now)
        elif answered:
            note_answered(session, heard.carrier_id, answered)
    conversation.wake()
    return event_id is not None


def keep_unreadable(conversation: Conversation, name: str) -> None:
    """Put a file that waited on disk and cannot be read in front of staff, once."""
    now = conversation.clock.now()
    with conversation.database.transaction() as session:
        event_id = insert_if_new(
            session,
            Event,
            kind=UNREADABLE,
            carrier_id=name,
            raw=[(UNREADABLE, name)],
            received_at=now,
            state=EventState.FAILED,
            attempts=MOST_ATTEMPTS,
        )
        if event_id is not None:
            event = session.get_one(Event, event_id)
            mark_failed(session, conversation, event, Unreadable("set aside"), now)


def replay(conversation: Conversation, event_id: int, parse: Parse) -> bool:
    """Handle a failed event again, from what was kept; whether it went well this time.

    NotFound when there is no such event. One that was handled before is left alone.
    """
    now = conversation.clock.now()
    with conversation.database.transaction() as session:
        event = session.scalars(
            select(Event).where(Event.id == event_id).with_for_update()
        ).one_or_none()
        if event is None:
            raise NotFound("There is no such event.")
        if event.state == EventState.FAILED:
            event.attempts += 1
            session.flush()  # before the savepoint: what fails in there must leave this standing
            _handle_kept(session, conversation, event, parse, now)
        handled = event.state == EventState.HANDLED
    conversation.wake()
    return handled


def replay_failed(conversation: Conversation, parse: Parse) -> int:
    """Try failed events again, a few times each: what was in the way may be gone; how many tried."""
    with conversation.database.reading() as session:
        failed = session.scalars(
            select(Event.id)
            .where(Event.state == EventState.FAILED, Event.attempts < MOST_ATTEMPTS)
            .order_by(Event.received_at)
            .limit(50)
        ).all()
    for event_id in failed:
        replay(conversation, event_id, parse)
    return len(failed)


def _handle_kept(
    session: Session, conversation: Conversation, event: Event, parse: Parse, now: datetime
) -> None:
    """Handle behind a savepoint: whatever goes wrong, the event stays and a person is told."""
    try:
        with session.begin_nested():
            _handle(session, conversation, event, parse([tuple(pair) for pair in event.raw]), now)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise  # nothing can be committed any more: the carrier must hear of it
        mark_failed(session, conversation, event, error, now)
    except Exception as error:  # noqa: BLE001  the boundary that keeps an event whatever went wrong
        mark_failed(session, conversation, event, error, now)
    else:
        event.state, event.error = EventState.HANDLED, None
        if event.answered_at:
            hold_back(session, event)


def mark_failed(
    session: Session, conversation: Conversation, event: Event, error: Exception, now: datetime
) -> None:
    """Mark what could not be handled, and tell a person.

    Nothing of it was understood, so it is treated as urgent.
    """
    log.error("event %s could not be handled: %s", event.id, where(error))
    event.state, event.error = EventState.FAILED, type(error).__name__
    sender = dict(event.raw).get("From", "")
    thread = thread_of(session, conversation.database.keyring, sender) if sender else None
    flag(
        session,
        subject=f"event:{event.id}",
        kind=ReviewKind.FAILED_EVENT,
        level=Level.URGENT,
        thread_id=thread.id if thread else None,
        now=now,
        clinic=conversation.content.clinic,
    )


def _handle(
    session: Session, conversation: Conversation, event: Event, heard: Heard, now: datetime
) -> None:
    """Lock, triage, store, decide, apply. What answers an alert to staff and says no more ends there."""
    if answers_alert(session, conversation, event, heard, now):
        return
    content = conversation.content
    understood = understand(heard.body, content)
    thread, is_new = _locked(session, conversation, heard, understood, now)
    dialog = session.get(Dialog, thread.id)
    known = known_of(session, thread, dialog, is_new=is_new, now=now, written=event.received_at)
    judge = partial(
        assess, lexicon=conversation.lexicon, language=thread.language, channel=heard.channel
    )
    assessment = weighed(known.dialog, heard.body, understood, judge)
    effects = decide(known, heard, assessment, understood)
    message = _store(session, event, heard, thread, assessment, effects)
    program.hear(session, thread.id, now)
    Applier(
        session=session,
        content=content,
        limits=conversation.limits,
        public_url=conversation.public_url,
        thread=thread,
        patient=main_patient(session, thread.id),
        dialog=dialog,
        heard=heard,
        message_id=message.id,
        written=event.received_at,
        now=now,
    ).apply_all(effects)


def _store(
    session: Session,
    event: Event,
    heard: Heard,
    thread: Thread,
    assessment: Assessment,
    effects: Sequence[Effect],
) -> InboundMessage:
    """Write down what was said and what triage found in it."""
    findings = [asdict(finding) for finding in assessment.findings]
    flagged = any(isinstance(effect, Flag) for effect in effects)
    message = InboundMessage(
        event_id=event.id,
        thread_id=thread.id,
        channel=heard.channel,
        body=heard.body,
        media_count=heard.media_count,
        level=assessment.level,
        findings=findings if flagged else _without_unread(findings),
        lexicon=assessment.version,
        received_at=event.received_at,
    )
    session.add(message)
    session.flush()
    if heard.recording:
        transcribed = update(Recording).where(Recording.carrier_id == heard.recording)
        session.execute(
            transcribed.values(message_id=message.id, transcription_id=heard.carrier_id)
        )
    return message


def _without_unread(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A command that was understood and served ("REPORT") is nothing that waits to be read."""
    return [finding for finding in findings if finding["sign"] != UNREAD]


def _locked(
    session: Session,
    conversation: Conversation,
    heard: Heard,
    understood: Understood,
    now: datetime,
) -> tuple[Thread, bool]:
    """The thread it belongs to, locked: that of the call, else that of the sender."""
    on_call = select(Thread).join(Call, Call.thread_id == Thread.id)
    if heard.call:
        found = session.scalars(
            on_call.where(Call.carrier_id == heard.call).with_for_update(of=Thread)
        ).first()
        if found:
            return found, False
    clinic = conversation.content.clinic
    return lock_thread(
        session,
        conversation.database.keyring,
        heard.sender,
        language=understood.language or clinic.languages[0],
        zone=clinic.time_zone,
        now=now,
    )
