"""The alert of an item: it begins when the item is flagged, rests while somebody is at it, ends with it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import case, update
from sqlalchemy.orm import Session

from service.db import insert_if_new
from service.review.models import Alert


def begin(session: Session, item_id: int, now: datetime) -> None:
    """Put an item on the first rung of the ladder, due now; once more when it was raised higher."""
    made = insert_if_new(session, Alert, item_id=item_id, started_at=now, rung=0, due_at=now)
    if made is None:
        again(session, [item_id], now)


def again(session: Session, item_ids: Collection[int], now: datetime) -> None:
    """Begin anew with the first rung: an item was handed back, or has become worse."""
    _change(session, item_ids, rung=0, due_at=now, rests_until=None)


def acknowledged(
    session: Session, item_ids: Collection[int], staff_id: int | None, now: datetime
) -> None:
    """Note the first acknowledgement, and let the ladder look at once whether it may rest."""
    first = Alert.acknowledged_at.is_(None)
    _change(
        session,
        item_ids,
        rung=0,
        due_at=now,
        rests_until=None,
        acknowledged_by=case((first, staff_id), else_=Alert.acknowledged_by),
        acknowledged_at=case((first, now), else_=Alert.acknowledged_at),
    )


def rest(session: Session, item_ids: Collection[int], until: datetime) -> None:
    """Leave items alone until then: a next try was agreed, or somebody without an account is at it."""
    _change(session, item_ids, rung=0, due_at=until, rests_until=until)


def _change(session: Session, item_ids: Collection[int], **values: object) -> None:
    session.execute(update(Alert).where(Alert.item_id.in_(item_ids)).values(values))
