"""Send what is due: claim, commit, call the carrier with no transaction open, record the outcome.

A row that is left in `sending` by a process that died is never silently sent again: when its lease is
over it counts as unknown and is reconciled.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, or_, select, update
from sqlalchemy.orm import Session

from service.clock import Clock
from service.db import Database, any_of
from service.outbox.breaker import Breaker
from service.outbox.calls import may_ring
from service.outbox.echoes import LATEST_RESTORE, UNSETTLED_RESTORE, take_echo
from service.outbox.enqueue import recipient_of
from service.outbox.models import OutboundMessage
from service.outbox.pace import LEAST, least_pressing
from service.outbox.rules import (
    MISCONFIGURED,
    POLICIES,
    PRESSING,
    TOO_LATE,
    Go,
    Hold,
    Kind,
    Limits,
    Refuse,
    State,
    Wait,
    back_off,
    judge,
)
from service.outbox.sender import Accepted, Handover, Outgoing, Refused, Sender, TryAgain, Unknown
from service.patients.consent import opt_out
from service.patients.find import free_thread
from service.patients.models import Thread
from service.patients.rules import Means

LEASE = timedelta(seconds=60)
"""Longer than the carrier call may take (twice 10 s), with room for a slow commit."""

FRESH = timedelta(seconds=20)
"""So old at most is what the guard said when the carrier is called."""

PATIENCE = timedelta(hours=6)
FEWEST_ATTEMPTS = 8
"""What the carrier did not process is tried again for so long, longer than its outages last, and so often
at least, whenever it was queued."""

OnTrouble = Callable[[Session, OutboundMessage, datetime], None]
"""Told, in the same transaction, of a message that did not get through."""


@dataclass(frozen=True, slots=True)
class Outbox:
    """What sending needs, put together once."""

    database: Database
    sender: Sender
    limits: Limits
    clock: Clock
    on_trouble: OnTrouble
    breaker: Breaker = field(default_factory=Breaker)


_NEXT = (
    select(OutboundMessage, LATEST_RESTORE)
    .where(
        ~UNSETTLED_RESTORE,
        OutboundMessage.state == State.QUEUED,
        OutboundMessage.not_before <= bindparam("now"),
        OutboundMessage.priority <= bindparam("least"),
        or_(OutboundMessage.by_call, OutboundMessage.priority <= bindparam("texts")),
    )
    .order_by(OutboundMessage.priority, OutboundMessage.not_before, OutboundMessage.id)
    .limit(1)
    .with_for_update(skip_locked=True, of=OutboundMessage)
)
"""The most urgent row that is due, and when the database was last restored.

Built once: building a statement takes as long as running it.
"""

_ON_THE_WAY = select(OutboundMessage.body).where(
    OutboundMessage.thread_id == bindparam("thread"),
    OutboundMessage.id != bindparam("but"),
    any_of(OutboundMessage.state, (State.SENDING, State.UNKNOWN)),
)
_OURS = select(OutboundMessage).where(OutboundMessage.id == bindparam("id")).with_for_update()
_KNOWN_AS = select(OutboundMessage.id).where(OutboundMessage.carrier_id == bindparam("carrier_id"))


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that is ours to send."""

    id: int
    outgoing: Outgoing
    at: datetime


def send_due(outbox: Outbox, most: int = 200) -> int:
    """Send up to `most` due messages, the most urgent first; how many were handed over."""
    busy: set[int] = set()
    for count in range(most):
        claimed = _claim(outbox, busy)
        if claimed is None:
            return count
        handover = _carry(outbox, claimed)
        with outbox.database.transaction() as session:
            record_handover(session, outbox, claimed, handover)
    return most


def _carry(outbox: Outbox, claimed: Claimed) -> Handover:
    """Call the carrier; not after this process has stood still: the hour and the consent were then."""
    passed = max(timedelta(), outbox.clock.now() - claimed.at)
    if passed > FRESH:
        return TryAgain(None)
    outgoing = replace(claimed.outgoing, validity=claimed.outgoing.validity - passed)
    carry = outbox.sender.place_call if outgoing.by_call else outbox.sender.send_text
    handover = carry(outgoing)
    outbox.breaker.note(handover, outbox.clock.now())
    return handover


def _claim(outbox: Outbox, busy: set[int]) -> Claimed | None:
    """Take the next due row that the guard lets go, or None.

    Rows whose thread is busy are passed by: an opt-out that is being handled comes first.
    """
    now = outbox.clock.now()
    least = texts = LEAST if outbox.breaker.lets_all_pass(now) else PRESSING
    with outbox.database.transaction() as session:
        while True:
            due = _NEXT.where(OutboundMessage.id.not_in(busy)) if busy else _NEXT
            found = session.execute(due, {"now": now, "least": least, "texts": texts}).first()
            if found is None:
                return None
            message, restored_at = found
            if not message.by_call and message.priority > PRESSING:
                texts = least_pressing(session, outbox.limits, now)
                if message.priority > texts:
                    continue
            thread = free_thread(session, message.thread_id) if message.thread_id else None
            if (message.thread_id and thread is None) or _twin_unsettled(session, message):
                busy.add(message.id)
            elif message.by_call and not may_ring(session, now):
                busy.add(message.id)  # a second later it is its turn
            elif claimed := _let_go(session, outbox, message, thread, restored_at, now):
                return claimed


def _twin_unsettled(session: Session, message: OutboundMessage) -> bool:
    """Whether an equal text to the same person is on its way or in doubt.

    The carrier's list could not tell the two apart, so the second waits.
    """
    if message.thread_id is None:
        return False
    bodies = session.scalars(_ON_THE_WAY, {"thread": message.thread_id, "but": message.id})
    return message.body in bodies.all()


def _let_go(
    session: Session,
    outbox: Outbox,
    message: OutboundMessage,
    thread: Thread | None,
    restored_at: datetime | None,
    now: datetime,
) -> Claimed | None:
    """Ask the guard once more; the claim if it says go, else the row is moved where it belongs."""
    kind = Kind(message.kind)
    to = recipient_of(session, thread, kind, now, by_call=message.by_call) if thread else None
    match judge(kind, message.not_before, to, outbox.limits, now, message.created_at):
        case Go() if had_left := take_echo(session, outbox.database.keyring, message, restored_at):
            message.state, message.carrier_id, message.settled_at = State.ACCEPTED, had_left, now
            message.handed_over_at = now
        case Go(until):
            message.state = State.SENDING
            message.overtaken_token = message.token or message.overtaken_token
            message.token = secrets.token_urlsafe(16)
            message.lease_until = now + LEASE
            message.handed_over_at = now
            message.attempts += 1
            outgoing = Outgoing(
                message.to,
                message.body,
                message.token,
                until - now,
                message.by_call,
                POLICIES[kind].spoken_at,
            )
            return Claimed(message.id, outgoing, now)
        case Wait(until):
            message.not_before = until
        case Hold(reason):
            message.state, message.reason = State.HELD, reason
        case Refuse(reason):
            message.state, message.reason, message.settled_at = State.REFUSED, reason, now
    session.flush()
    return None


def record_handover(session: Session, outbox: Outbox, claimed: Claimed, handover: Handover) -> None:
    """Write down what the carrier said. A receipt may have been faster: then only its gaps are filled.

    That a try failed says nothing any more when another has been begun meanwhile.
    """
    now = outbox.clock.now()
    message = session.scalars(_OURS, {"id": claimed.id}).one()
    if isinstance(handover, Accepted):
        own(session, message, handover.carrier_id, now)
    elif message.token != claimed.outgoing.token:
        return
    if message.state not in (State.SENDING, State.UNKNOWN):
        return
    message.lease_until = None
    match handover:
        case Accepted():
            message.state, message.settled_at = State.ACCEPTED, now
        case Refused():
            refuse(session, message, handover, now)
            outbox.on_trouble(session, message, now)
        case TryAgain(code, after) if (
            now - message.created_at < PATIENCE or message.attempts < FEWEST_ATTEMPTS
        ):
            message.state, message.error_code = State.QUEUED, code
            message.not_before = now + (after or back_off(message.attempts))
        case TryAgain(code, _) if (
            message.kind == Kind.TIP
        ):  # the carrier is down: the drip re-times it
            message.state, message.error_code, message.attempts = State.HELD, code, 0
            message.reason = TOO_LATE
        case TryAgain(code, _):
            message.state, message.error_code, message.settled_at = State.FAILED, code, now
            outbox.on_trouble(session, message, now)
        case Unknown():
            message.state, message.lease_until = State.UNKNOWN, now + LEASE


def tried_as(token: str) -> ColumnElement[bool]:
    """The message of which this is the token of a try: of the last, or of the one that it overtook."""
    return or_(OutboundMessage.token == token, OutboundMessage.overtaken_token == token)


def own(session: Session, message: OutboundMessage, carrier_id: str, now: datetime) -> None:
    """Give `message` the carrier's id that is surely its own, told by its answer or its receipt.

    Reconciling goes by likeness: if it gave that id to an equal text meanwhile, that one is in doubt again,
    unless a receipt of its own has told its fate.
    """
    if not carrier_id or message.carrier_id == carrier_id:
        return
    if session.scalar(_KNOWN_AS, {"carrier_id": carrier_id}):
        _take_back(session, carrier_id, now)
    message.carrier_id = carrier_id


def _take_back(session: Session, carrier_id: str, now: datetime) -> None:
    alike = update(OutboundMessage).where(OutboundMessage.carrier_id == carrier_id)
    guessed = alike.where(OutboundMessage.state == State.ACCEPTED)
    session.execute(guessed.values(state=State.UNKNOWN, settled_at=None, lease_until=now))
    session.execute(alike.values(carrier_id=None))


def refuse(session: Session, message: OutboundMessage, refused: Refused, now: datetime) -> None:
    """The carrier's final no, and what it teaches of the patient."""
    message.state, message.error_code, message.settled_at = State.FAILED, refused.code, now
    message.reason = MISCONFIGURED if refused.misconfigured else message.reason
    if message.thread_id is None:
        return
    thread = session.get_one(Thread, message.thread_id)
    if refused.opted_out and thread.opted_out_at is None:
        opt_out(session, thread.id, how=Means.CARRIER, answered=None, now=now)
    if refused.untextable:
        thread.textable = False
