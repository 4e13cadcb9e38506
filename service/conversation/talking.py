"""Whether somebody is talking on a thread: then the program keeps quiet."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.conversation.models import Dialog
from service.outbox.models import OutboundMessage
from service.outbox.rules import Kind
from service.review.models import ReviewItem
from service.review.rules import State

DIALOG = timedelta(days=1)
"""An open question is dropped after a day of silence."""

STAFF = timedelta(hours=6)
"""After a person has written, the patient is left time to answer them."""

CLAIMED = timedelta(hours=3)
"""While a person holds an item of this patient, it is looked at again so much later."""


def quiet_until(session: Session, thread_id: int, now: datetime) -> datetime | None:
    """Until when the thread is to be left alone: a dialog is open, or a person is at it. None: it is free."""
    asked = session.scalar(select(Dialog.asked_at).where(Dialog.thread_id == thread_id))
    wrote = session.scalar(
        select(func.max(OutboundMessage.created_at)).where(
            OutboundMessage.thread_id == thread_id, OutboundMessage.kind == Kind.STAFF_REPLY
        )
    )
    held = session.scalar(
        select(ReviewItem.id)
        .where(ReviewItem.thread_id == thread_id, ReviewItem.state == State.CLAIMED)
        .limit(1)
    )
    ends = [
        asked + DIALOG if asked else now,
        wrote + STAFF if wrote else now,
        now + CLAIMED if held else now,
    ]
    return max(ends) if max(ends) > now else None
