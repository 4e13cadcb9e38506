"""Claim, hand back and close: what staff do with what stands in the queue.

Staff work patient by patient: claiming takes every open item of the thread, closing ends exactly the
items that were on the screen, so that one which arrived meanwhile stays open.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service import history
from service.db import changed
from service.errors import Conflict
from service.patients.models import Thread
from service.review.models import Note, ReviewItem
from service.review.rules import FLAGGING, Outcome, State


def claim(session: Session, item_ids: Collection[int], staff_id: int, now: datetime) -> None:
    """Take the items, all that are still open; Conflict when somebody else took every one first."""
    taken = session.execute(
        update(ReviewItem)
        .where(ReviewItem.id.in_(item_ids), ReviewItem.state == State.OPEN)
        .values(state=State.CLAIMED, claimed_by=staff_id, claimed_at=now)
    )
    if not changed(taken):
        raise Conflict("Somebody else has taken this patient in the meantime.")
    _remember(session, item_ids, staff_id, now, "claimed")


def hand_back(session: Session, item_ids: Collection[int], staff_id: int, now: datetime) -> None:
    """Put the items that `staff_id` holds back into the queue; Conflict if there is none."""
    given = session.execute(
        update(ReviewItem)
        .where(
            ReviewItem.id.in_(item_ids),
            ReviewItem.state == State.CLAIMED,
            ReviewItem.claimed_by == staff_id,
        )
        .values(state=State.OPEN, claimed_by=None, claimed_at=None)
    )
    if not changed(given):
        raise Conflict("You do not hold this item (any more).")
    _remember(session, item_ids, staff_id, now, "handed back")


def close(
    session: Session,
    item_ids: Collection[int],
    *,
    staff_id: int,
    outcome: Outcome,
    note: str,
    now: datetime,
) -> bool:
    """Close the items with an outcome. True when the thread's last urgent or emergency flag fell.

    Conflict when none of them is held by `staff_id`: closing takes claiming first.
    """
    closed = session.execute(
        update(ReviewItem)
        .where(
            ReviewItem.id.in_(item_ids),
            ReviewItem.state == State.CLAIMED,
            ReviewItem.claimed_by == staff_id,
        )
        .values(
            state=State.CLOSED,
            outcome=outcome,
            note=note or None,
            closed_by=staff_id,
            closed_at=now,
        )
    )
    if not changed(closed):
        raise Conflict("Claim it first: an item is closed by the person who holds it.")
    _remember(session, item_ids, staff_id, now, "closed", outcome=outcome)
    thread_id = session.scalar(
        select(ReviewItem.thread_id).where(ReviewItem.id.in_(item_ids)).limit(1)
    )
    return thread_id is not None and _unmark(session, thread_id)


def add_note(session: Session, thread_id: int, *, staff_id: int, body: str, now: datetime) -> None:
    """Add a note to a patient's thread."""
    session.add(Note(thread_id=thread_id, staff_id=staff_id, body=body, at=now))


def _unmark(session: Session, thread_id: int) -> bool:
    """Clear the thread's mark when no urgent or emergency item is open any more."""
    still_open = select(ReviewItem.id).where(
        ReviewItem.thread_id == thread_id,
        ReviewItem.state != State.CLOSED,
        ReviewItem.level.in_(FLAGGING),
    )
    fell = session.execute(
        update(Thread)
        .where(Thread.id == thread_id, Thread.flagged_at.is_not(None), ~still_open.exists())
        .values(flagged_at=None)
    )
    return bool(changed(fell))


def _remember(
    session: Session,
    item_ids: Collection[int],
    staff_id: int,
    now: datetime,
    action: str,
    **detail: str,
) -> None:
    for item_id in item_ids:
        history.record(
            session,
            at=now,
            actor=history.staff_actor(staff_id),
            action=action,
            subject=f"review:{item_id}",
            **detail,
        )
