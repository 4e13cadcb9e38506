"""Spans in which what patients sent reached us late: put in front of staff."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from service.conversation.models import Gap
from service.conversation.receive import Conversation
from service.review.flag import flag
from service.review.rules import Kind
from service.triage.rules import Level

WORTH_TELLING = timedelta(minutes=1)
"""A shorter wait is no gap: nobody would have answered sooner."""


def tell_of_gap(
    conversation: Conversation, texts: Sequence[datetime], voicemails: Sequence[datetime] = ()
) -> None:
    """Show a gap to staff, in a transaction of its own; nothing when nothing was late.

    `texts` and `voicemails` are the times (UTC) at which what was taken in late was sent.
    """
    now = conversation.clock.now()
    if min((*texts, *voicemails), default=now) <= now - WORTH_TELLING:
        with conversation.database.transaction() as session:
            note_gap(session, conversation, texts, voicemails, now)


def note_gap(
    session: Session,
    conversation: Conversation,
    texts: Sequence[datetime],
    voicemails: Sequence[datetime],
    now: datetime,
) -> None:
    """The same in the caller's transaction, whatever the length."""
    gap = Gap(
        began_at=min((*texts, *voicemails)),
        ended_at=now,
        texts=len(texts),
        voicemails=len(voicemails),
    )
    session.add(gap)
    session.flush()
    flag(
        session,
        subject=f"gap:{gap.id}",
        kind=Kind.GAP,
        level=Level.REVIEW,
        thread_id=None,
        now=now,
        clinic=conversation.content.clinic,
    )
