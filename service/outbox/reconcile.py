"""Settle what is in doubt: ask the carrier's own list, never resend blindly.

Tips and ordinary replies are sent at most once: what stays unknown is shown to staff. Safety replies
and alerts are sent at least once: a second copy harms nobody, none may.
"""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from service.db import any_of
from service.outbox.models import OutboundMessage
from service.outbox.rules import POLICIES, Kind, State
from service.outbox.send import LEASE, Claimed, Outbox, record_handover
from service.outbox.sender import Accepted, Outgoing

LOOK_BACK = timedelta(days=2)

_IN_DOUBT = (
    select(OutboundMessage)
    .where(
        any_of(OutboundMessage.state, (State.SENDING, State.UNKNOWN)),
        OutboundMessage.lease_until <= bindparam("now"),
    )
    .order_by(OutboundMessage.lease_until)
    .limit(1)
    .with_for_update(skip_locked=True)
)


def reconcile(outbox: Outbox, most: int = 50) -> int:
    """Look at up to `most` sends in doubt; how many were looked at."""
    for count in range(most):
        doubtful = _next(outbox)
        if doubtful is None:
            return count
        claimed, handed_over_at, known = doubtful
        sender, by_call = outbox.sender, claimed.outgoing.by_call
        find = sender.find_call if by_call else sender.find_text
        found = find(claimed.outgoing, handed_over_at, known)
        with outbox.database.transaction() as session:
            if isinstance(found, Accepted) and not _taken(session, found):
                record_handover(session, outbox, claimed, found)
            else:
                _not_found(session, outbox, claimed.id, asked=found is None)
    return most


def _next(outbox: Outbox) -> tuple[Claimed, datetime, list[str]] | None:
    """The next row whose lease is over, leased again while we ask."""
    now = outbox.clock.now()
    with outbox.database.transaction() as session:
        message = session.scalar(_IN_DOUBT, {"now": now})
        if message is None or message.handed_over_at is None:
            return None
        message.state, message.lease_until = State.UNKNOWN, now + LEASE
        outgoing = Outgoing(message.to, message.body, message.token or "", LEASE, message.by_call)
        return Claimed(message.id, outgoing, now), message.handed_over_at, _known_ids(session, now)


def _known_ids(session: Session, now: datetime) -> list[str]:
    """The carrier ids that already belong to a message of ours."""
    ids = select(OutboundMessage.carrier_id).where(
        OutboundMessage.carrier_id.is_not(None),
        OutboundMessage.created_at > now - LOOK_BACK,
    )
    return [carrier_id for carrier_id in session.scalars(ids) if carrier_id]


def _taken(session: Session, found: Accepted) -> bool:
    """Whether the text turned out to be another message's while we asked: then we look again."""
    owner = select(OutboundMessage.id).where(OutboundMessage.carrier_id == found.carrier_id)
    return session.scalar(owner) is not None


def _not_found(session: Session, outbox: Outbox, message_id: int, *, asked: bool) -> None:
    """The carrier does not know it (or could not be asked): look again, resend, or give up."""
    now = outbox.clock.now()
    message = session.scalars(
        select(OutboundMessage)
        .where(OutboundMessage.id == message_id, OutboundMessage.state == State.UNKNOWN)
        .with_for_update()
    ).first()
    if message is None or message.handed_over_at is None:
        return  # a receipt has settled it meanwhile
    policy = POLICIES[Kind(message.kind)]
    if not asked or now - message.handed_over_at < policy.reconcile_for:
        message.lease_until = now + LEASE
    elif policy.resend_unknown:
        message.state, message.lease_until, message.not_before = State.QUEUED, None, now
    else:
        message.state, message.lease_until, message.settled_at = State.LOST, None, now
        outbox.on_trouble(session, message, now)
    session.flush()
