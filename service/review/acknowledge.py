"""Answer an alert: by its code in a text, or by a key in a call. It takes the items, as claiming does."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from service import history
from service.content_clinic import Alerts
from service.crypto import Keyring
from service.review import alerts, resolve
from service.review.models import AlertNotice, ReviewItem
from service.review.rules import State
from service.staff.phones import PLACE

REMEMBERED = timedelta(days=2)
"""A code is known for so long."""


class Answered(StrEnum):
    """What came of an acknowledgement."""

    TAKEN = "taken"  # by them, now or before
    NOTED = "noted"  # by a phone without an account: the alerts rest, nobody holds it
    GONE = "gone"  # somebody else has all of it, or it is closed


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it, and the item to go on with."""

    what: Answered
    item_id: int


def notice_of(
    session: Session, keyring: Keyring, number: str, code: str, now: datetime
) -> AlertNotice | None:
    """The alert that this phone was sent under this code."""
    return session.scalars(_to(keyring, number, now).where(AlertNotice.code == code)).first()


def was_alerted(session: Session, keyring: Keyring, number: str, now: datetime) -> bool:
    """Whether this phone was told of anything lately."""
    return session.scalars(_to(keyring, number, now)).first() is not None


def acknowledge(
    session: Session, notice: AlertNotice, rules: Alerts, *, how: str, now: datetime
) -> Result:
    """Take what is still open of an alert. Doing it twice changes nothing."""
    wanted = select(ReviewItem).where(ReviewItem.id.in_(notice.items)).order_by(ReviewItem.id)
    items = session.scalars(wanted.with_for_update()).all()
    free = [item.id for item in items if item.state == State.OPEN]
    mine = [item.id for item in items if _holds(item, notice.staff_id)]
    if not free:
        return Result(Answered.TAKEN, mine[0]) if mine else Result(Answered.GONE, notice.items[0])
    if notice.staff_id is not None:
        resolve.claim(session, free, notice.staff_id, now)
        what = Answered.TAKEN
    else:
        alerts.acknowledged(session, free, None, now)
        alerts.rest(session, free, now + timedelta(minutes=rules.unfinished_minutes))
        what = Answered.NOTED
    for item_id in free:
        history.record(
            session,
            at=now,
            actor=history.staff_actor(notice.staff_id) if notice.staff_id else history.SYSTEM,
            action="alert acknowledged",
            subject=f"review:{item_id}",
            how=how,
        )
    return Result(what, free[0])


def _holds(item: ReviewItem, staff_id: int | None) -> bool:
    held = item.state == State.CLAIMED and item.claimed_by == staff_id
    return staff_id is not None and held


def _to(keyring: Keyring, number: str, now: datetime) -> Select[AlertNotice]:
    return (
        select(AlertNotice)
        .where(
            AlertNotice.number_index == keyring.index(number, PLACE),
            AlertNotice.at > now - REMEMBERED,
        )
        .order_by(AlertNotice.at.desc(), AlertNotice.id.desc())
        .limit(1)
    )
