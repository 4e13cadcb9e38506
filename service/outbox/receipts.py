"""Take the carrier's receipts: they come late, twice and out of order, and only move forward."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.outbox.models import OutboundMessage
from service.outbox.rules import POLICIES, Kind, State, moves
from service.outbox.send import Outbox, own, refuse, tried_as
from service.outbox.sender import Receipt

log = logging.getLogger(__name__)

LATER = timedelta(hours=1)
MOST_DELIVERIES = 3


def take_receipt(session: Session, outbox: Outbox, receipt: Receipt) -> bool:
    """Apply one receipt in the caller's transaction; False when it belongs to no message of ours.

    A receipt settles a send whose outcome was unknown. One that says the phone could not be reached
    just now queues the message again, an hour later, three times at most. Of a try that was overtaken
    by another only one thing still matters: that it arrived.
    """
    message = session.scalars(
        select(OutboundMessage).where(tried_as(receipt.token)).with_for_update()
    ).first()
    if message is None:
        log.warning("a receipt for an unknown attempt, or one that is over, was ignored")
        return False
    if message.token != receipt.token and receipt.state != State.DELIVERED:
        return True
    now = outbox.clock.now()
    own(session, message, receipt.carrier_id, now)
    if not moves(State(message.state), receipt.state):
        return True
    message.lease_until, message.error_code = None, receipt.code
    again = receipt.retry and POLICIES[Kind(message.kind)].tries_again
    if again and message.by_call and message.attempts < outbox.limits.call_attempts:
        _try_again(message, now + outbox.limits.call_retry)
        message.handed_over_at = None  # what reached nobody is no tip that was given
        return True
    if again and not message.by_call and message.attempts < MOST_DELIVERIES:
        _try_again(message, now + LATER * message.attempts)
        return True
    message.state, message.settled_at = receipt.state, now
    if receipt.refused:
        refuse(session, message, receipt.refused, now)
        message.state = receipt.state
    if receipt.state in (State.FAILED, State.UNDELIVERED):
        outbox.on_trouble(session, message, now)
    return True


def _try_again(message: OutboundMessage, later: datetime) -> None:
    """This try is over: what else is told of it, late or again, finds no message any more."""
    message.state, message.carrier_id, message.token = State.QUEUED, None, None
    message.not_before = later
