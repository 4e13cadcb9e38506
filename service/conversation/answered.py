"""Advice that was given in the answer to a webhook, while the database was away, is not given twice."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service.conversation.models import Event, InboundMessage
from service.outbox.models import OutboundMessage
from service.outbox.rules import Kind, State

ANSWERED = "in the answer to the webhook"


def note_answered(session: Session, carrier_id: str, at: datetime) -> None:
    """The webhook of an event that we have already was answered with advice at `at` (UTC)."""
    for event in session.scalars(select(Event).where(Event.carrier_id == carrier_id)):
        event.answered_at = at
        hold_back(session, event)


def hold_back(session: Session, event: Event) -> None:
    """The advice has been given already: what is queued to give it does not leave a second time."""
    given, messages = event.answered_at, select(InboundMessage.id)
    for message_id in session.scalars(messages.where(InboundMessage.event_id == event.id)):
        session.execute(
            update(OutboundMessage)
            .where(
                OutboundMessage.dedupe_key.startswith(f"reply:{message_id}:"),
                OutboundMessage.kind == Kind.SAFETY,
                OutboundMessage.state == State.QUEUED,
            )
            .values(state=State.ACCEPTED, reason=ANSWERED, handed_over_at=given, settled_at=given)
        )
