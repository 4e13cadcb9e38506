"""Claim, hand back and close: what staff do with what stands in the queue.

Staff work patient by patient: claiming takes every open item of the thread, closing ends exactly the
items that were on the screen, so that one which arrived meanwhile stays open.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from service import history
from service.db import changed
from service.errors import Conflict
from service.patients.models import Thread
from service.review import alerts
from service.review.models import Note, ReviewItem
from service.review.rules import FLAGGING, SNOOZABLE, Outcome, State
from service.triage.rules import Level


def claim(session: Session, item_ids: Collection[int], staff_id: int, now: datetime) -> None:
    """Take the items, all that are still open; Conflict when somebody else took every one first."""
    taken = session.execute(
        update(ReviewItem)
        .where(ReviewItem.id.in_(item_ids), ReviewItem.state == State.OPEN)
        .values(state=State.CLAIMED, claimed_by=staff_id, claimed_at=now, snoozed_until=None)
    )
    if not changed(taken):
        raise Conflict("Somebody else has taken this patient in the meantime.")
    alerts.acknowledged(session, item_ids, staff_id, now)
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
    alerts.again(session, item_ids, now)
    _remember(session, item_ids, staff_id, now, "handed back")


def hand_over(
    session: Session, item_ids: Collection[int], *, staff_id: int, to: int, now: datetime
) -> None:
    """Give the items that `staff_id` holds to a colleague; Conflict if there is none."""
    given = session.execute(
        update(ReviewItem)
        .where(
            ReviewItem.id.in_(item_ids),
            ReviewItem.state == State.CLAIMED,
            ReviewItem.claimed_by == staff_id,
        )
        .values(claimed_by=to, claimed_at=now)
    )
    if not changed(given):
        raise Conflict("You do not hold this item (any more).")
    _remember(session, item_ids, staff_id, now, "handed over", to=history.staff_actor(to))


def snooze(
    session: Session,
    item_ids: Collection[int],
    *,
    staff_id: int,
    until: datetime,
    reason: str,
    now: datetime,
) -> None:
    """Put off what has no hurry: anybody's again, and out of the way until then (UTC).

    Conflict when one of the items is a flag, or is held by somebody else, or was closed.
    """
    put_off = session.execute(
        update(ReviewItem)
        .where(
            ReviewItem.id.in_(item_ids),
            ReviewItem.state != State.CLOSED,
            ReviewItem.level.in_(SNOOZABLE),
            or_(ReviewItem.claimed_by.is_(None), ReviewItem.claimed_by == staff_id),
        )
        .values(
            state=State.OPEN,
            claimed_by=None,
            claimed_at=None,
            snoozed_until=until,
            snooze_reason=reason,
        )
    )
    if changed(put_off) != len(item_ids) or not item_ids:
        raise Conflict(
            "A flag is never put off, nor what somebody else holds. Nothing was changed."
        )
    _remember(session, item_ids, staff_id, now, "put off", until=until.isoformat())


def close_clear(
    session: Session, item_ids: Collection[int], *, staff_id: int, now: datetime
) -> int:
    """Close what was on the screen, in which triage found nothing and nobody is at it; how many."""
    closed = session.scalars(
        update(ReviewItem)
        .where(
            ReviewItem.id.in_(item_ids),
            ReviewItem.state == State.OPEN,
            ReviewItem.level == Level.CLEAR,
        )
        .values(
            state=State.CLOSED,
            outcome=Outcome.NOTHING_NEEDED,
            closed_by=staff_id,
            closed_at=now,
        )
        .returning(ReviewItem.id)
    ).all()
    _remember(session, closed, staff_id, now, "closed", outcome=Outcome.NOTHING_NEEDED)
    return len(closed)


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
