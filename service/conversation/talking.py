"""Whether somebody is talking on a thread: then the program keeps quiet."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists, func, select
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

_TALKING = select(
    select(Dialog.asked_at).where(Dialog.thread_id == bindparam("thread")).scalar_subquery(),
    select(func.max(OutboundMessage.created_at))
    .where(
        OutboundMessage.thread_id == bindparam("thread"), OutboundMessage.kind == Kind.STAFF_REPLY
    )
    .scalar_subquery(),
    exists().where(ReviewItem.thread_id == bindparam("thread"), ReviewItem.state == State.CLAIMED),
)
"""When the open question was asked, when a person last wrote, and whether one holds an item."""


def quiet_until(session: Session, thread_id: int, now: datetime) -> datetime | None:
    """Until when the thread is to be left alone: a dialog is open, or a person is at it. None: it is free."""
    asked, wrote, held = session.execute(_TALKING, {"thread": thread_id}).one()
    ends = [
        asked + DIALOG if asked else now,
        wrote + STAFF if wrote else now,
        now + CLAIMED if held else now,
    ]
    return max(ends) if max(ends) > now else None
