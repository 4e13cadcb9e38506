"""Put something in front of staff."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from service import history
from service.content import Clinic
from service.db import insert_if_new
from service.patients.models import Thread
from service.review import alerts
from service.review.models import ReviewItem
from service.review.rules import FLAGGING, Kind, State, due_at
from service.triage.rules import Level


def escalate(
    session: Session, *, subject: str, level: Level, now: datetime, clinic: Clinic
) -> int | None:
    """Raise an open item of a lower level to `level`; its id, or None when there is nothing to raise."""
    lower = [each for each in Level if each.rank < level.rank]
    raised = (
        update(ReviewItem)
        .where(
            ReviewItem.subject == subject,
            ReviewItem.state != State.CLOSED,
            ReviewItem.level.in_(lower),
        )
        .values(level=level, due_at=due_at(level, now, clinic))
        .returning(ReviewItem.id, ReviewItem.thread_id)
    )
    item = session.execute(raised).first()
    if item is None:
        return None
    if level in FLAGGING:
        _press(session, int(item.id), item.thread_id, now)
    history.record(
        session,
        at=now,
        actor=history.SYSTEM,
        action="review item raised",
        subject=f"review:{item.id}",
        level=level,
    )
    return int(item.id)


def flag(
    session: Session,
    *,
    subject: str,
    kind: Kind,
    level: Level,
    thread_id: int | None,
    now: datetime,
    clinic: Clinic,
) -> int | None:
    """Open a review item; its id, or None when `subject` already has one.

    An urgent or emergency item also goes on the ladder of alerts, and marks the thread, which stops the
    program until it is closed.
    """
    item_id = insert_if_new(
        session,
        ReviewItem,
        subject=subject,
        kind=kind,
        level=level,
        thread_id=thread_id,
        state=State.OPEN,
        opened_at=now,
        due_at=due_at(level, now, clinic),
    )
    if item_id is None:
        return None
    if level in FLAGGING:
        _press(session, item_id, thread_id, now)
    history.record(
        session,
        at=now,
        actor=history.SYSTEM,
        action="review item opened",
        subject=f"review:{item_id}",
        kind=kind,
        level=level,
    )
    return item_id


def _press(session: Session, item_id: int, thread_id: int | None, now: datetime) -> None:
    """What every urgent or emergency item brings about, whoever raised it."""
    alerts.begin(session, item_id, now)
    if thread_id is not None:
        unmarked = update(Thread).where(Thread.id == thread_id, Thread.flagged_at.is_(None))
        session.execute(unmarked.values(flagged_at=now))
