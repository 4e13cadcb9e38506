"""Erase what is held on one number, and keep what the law asks for where nobody reads a name beside it.

The old thread loses its number, names, words, voices and addresses; what remains of it (levels, times,
outcomes) can be tied to nobody and still counts in the clinic's figures. If the number had opted out, or
had ever said yes or no, a bare thread takes over its keyed index, its opt-out and its consents: those are
kept for ten years (Virginia SB 1339), and an erased number that had opted out is still never texted.

Two things stay by need: the carrier's ids of what came in, without which the next look at the carrier's
list would take the erased texts in anew, and the history, which holds ids and codes only.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, LargeBinary, Table, delete, or_, select, update
from sqlalchemy.orm import Session

from service import history
from service.content_clinic import Clinic
from service.conversation.models import Call, CallStep, Dialog, Event, EventState, Recording
from service.conversation.recordings import State as RecordingState
from service.conversation.voice import At, CallState
from service.db import Encrypted, EncryptedBytes, EncryptedJSON
from service.drip import rest
from service.errors import Conflict
from service.outbox.models import OutboundMessage
from service.outbox.rules import UNSETTLED
from service.outbox.rules import State as MessageState
from service.patients.models import Consent, Patient, Thread
from service.report_requests.change import cancel
from service.report_requests.models import ReportRequest
from service.report_requests.rules import OPEN as OPEN_REQUESTS
from service.review.models import Note, ReviewItem
from service.review.rules import FLAGGING, Outcome, State
from service.rights.held import events_of, held_by

EMPTY: dict[type[Any], Any] = {
    Encrypted: "",
    EncryptedJSON: [],
    EncryptedBytes: b"",
    LargeBinary: b"",
}
"""What stands in the place of a value that a column cannot do without."""


def erase(session: Session, thread: Thread, clinic: Clinic, now: datetime, actor: str) -> None:
    """Erase what hangs on the thread, in the caller's transaction.

    Conflict while a flag or a call is open: somebody may be in need, and has to be found.
    """
    session.execute(select(Thread.id).where(Thread.id == thread.id).with_for_update())
    events = events_of(session, thread)
    _refuse_if_needed(session, thread, events)
    held = list(held_by(session, thread))
    _stop(session, thread, clinic, now, actor)
    _keep_proof(session, thread, now)
    _let_go(session, thread, events, now)
    for table, own in held:
        _blank(session, table, own)
    session.expire_all()
    history.record(session, at=now, actor=actor, action="erased", subject=f"thread:{thread.id}")


def _refuse_if_needed(session: Session, thread: Thread, events: list[int]) -> None:
    about = [f"event:{each}" for each in events]
    flags = select(ReviewItem.id).where(
        or_(ReviewItem.thread_id == thread.id, ReviewItem.subject.in_(about)),
        ReviewItem.state != State.CLOSED,
        ReviewItem.level.in_(FLAGGING),
    )
    if session.scalars(flags).first() is not None:
        raise Conflict("A flag is open on this number. Close it first, then erase.")
    calls = select(Call.id).where(Call.thread_id == thread.id, Call.ended_at.is_(None))
    if session.scalars(calls).first() is not None:
        raise Conflict("A call with this number has not ended. Try again when it has.")


def _stop(session: Session, thread: Thread, clinic: Clinic, now: datetime, actor: str) -> None:
    """End what would still happen: tips, packages, texts that wait, things for staff to read."""
    rest.stop(session, thread.id, now, actor)
    open_requests = select(ReportRequest.id).where(
        ReportRequest.thread_id == thread.id, ReportRequest.state.in_(OPEN_REQUESTS)
    )
    for request_id in session.scalars(open_requests).all():
        cancel(session, request_id, actor, clinic, now)
    session.execute(
        update(OutboundMessage)
        .where(OutboundMessage.thread_id == thread.id, OutboundMessage.state.in_(UNSETTLED))
        .values(state=MessageState.LOST, reason="erased", settled_at=now, lease_until=None)
    )
    session.execute(
        update(ReviewItem)
        .where(ReviewItem.thread_id == thread.id, ReviewItem.state != State.CLOSED)
        .values(state=State.CLOSED, outcome=Outcome.NOTHING_NEEDED, closed_at=now)
    )


def _keep_proof(session: Session, thread: Thread, now: datetime) -> None:
    """Let a bare thread take over the keyed index, the opt-out and the consents, if there are any."""
    index, opted_out_at = thread.phone_index, thread.opted_out_at
    session.execute(update(Thread).where(Thread.id == thread.id).values(phone_index=None))
    proof = select(Consent.id).where(Consent.thread_id == thread.id)
    if index is None or not (opted_out_at or session.scalars(proof.limit(1)).first()):
        return
    bare = Thread(
        phone_index=index,
        language=thread.language,
        zone=thread.zone,
        opened_at=now,
        opted_out_at=opted_out_at,
        textable=True,
    )
    session.add(bare)
    session.flush()
    session.add(Patient(thread_id=bare.id, created_at=now))
    session.execute(update(Consent).where(Consent.thread_id == thread.id).values(thread_id=bare.id))


def _let_go(session: Session, thread: Thread, events: list[int], now: datetime) -> None:
    """What differs from table to table: rows that go, and states that must not wake anything."""
    calls = select(Call.id).where(Call.thread_id == thread.id)
    session.execute(delete(CallStep).where(CallStep.call_id.in_(calls)))
    session.execute(delete(Note).where(Note.thread_id == thread.id))
    session.execute(delete(Dialog).where(Dialog.thread_id == thread.id))
    session.execute(update(Event).where(Event.id.in_(events)).values(state=EventState.HANDLED))
    session.execute(  # at the carrier they go as well, at the next look
        update(Recording)
        .where(
            Recording.thread_id == thread.id,
            Recording.state.in_((RecordingState.KNOWN, RecordingState.FETCHED)),
        )
        .values(state=RecordingState.FETCHED, next_look=now)
    )
    session.execute(
        update(OutboundMessage)
        .where(OutboundMessage.thread_id == thread.id)
        .values(token=None, carrier_id=None)
    )
    bare = {"address_zone": None, "line_type": None, "opted_out_at": None, "erased_at": now}
    session.execute(update(Thread).where(Thread.id == thread.id).values(bare))


def _blank(session: Session, table: Table, own: ColumnElement[bool]) -> None:
    """Empty every column that is encrypted, or a blind index, in the rows that belong to the thread."""
    if table.name == Consent.__tablename__:
        return
    values = {column.name: _empty(table, column) for column in table.c if _personal(column)}
    if values:
        session.execute(update(table).where(own).values(values))


def _personal(column: Column[Any]) -> bool:
    return isinstance(column.type, tuple(EMPTY))


def _empty(table: Table, column: Column[Any]) -> Any:
    if column is Call.__table__.c.state:
        return asdict(CallState(At.OVER, "en"))
    return None if column.nullable else EMPTY[type(column.type)]
