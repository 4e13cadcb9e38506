"""Read the queue: one line a patient, the worst and most overdue first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.review.models import ReviewItem
from service.review.rules import State
from service.triage.rules import Level


@dataclass(frozen=True, slots=True)
class Waiting:
    """One patient (or one thing without a patient) that waits for staff."""

    thread_id: int | None
    items: tuple[ReviewItem, ...]
    level: Level
    due_at: datetime
    opened_at: datetime
    claimed_by: int | None
    snoozed_until: datetime | None  # put off as a whole: nothing else of this patient waits

    def overdue(self, now: datetime) -> bool:
        """Whether the earliest due time has passed."""
        return self.due_at <= now


def waiting(session: Session, now: datetime) -> list[Waiting]:
    """All open items, grouped by patient: emergencies, then overdue, level, waiting time; put off last."""
    items = session.scalars(
        select(ReviewItem).where(ReviewItem.state != State.CLOSED).order_by(ReviewItem.opened_at)
    ).all()
    groups: dict[object, list[ReviewItem]] = {}
    for item in items:
        groups.setdefault(item.thread_id or f"item {item.id}", []).append(item)
    return sorted(
        (_group(group, now) for group in groups.values()), key=lambda one: _order(one, now)
    )


def open_items(session: Session, thread_id: int) -> Sequence[ReviewItem]:
    """The open items of one patient, oldest first."""
    return session.scalars(
        select(ReviewItem)
        .where(ReviewItem.thread_id == thread_id, ReviewItem.state != State.CLOSED)
        .order_by(ReviewItem.opened_at)
    ).all()


def _group(every: list[ReviewItem], now: datetime) -> Waiting:
    """What waits of one patient; what is put off does not speak for the rest."""
    items = [item for item in every if not _asleep(item, now)] or every
    free = any(item.claimed_by is None for item in items)
    return Waiting(
        thread_id=items[0].thread_id,
        items=tuple(every),
        level=Level.highest(Level(item.level) for item in items),
        due_at=min(item.due_at for item in items),
        opened_at=items[0].opened_at,
        claimed_by=None if free else items[-1].claimed_by,
        snoozed_until=items[0].snoozed_until if _asleep(items[0], now) else None,
    )


def _asleep(item: ReviewItem, now: datetime) -> bool:
    return item.snoozed_until is not None and item.snoozed_until > now


def _order(one: Waiting, now: datetime) -> tuple[bool, bool, bool, int, datetime]:
    return (
        one.snoozed_until is not None,
        one.level != Level.EMERGENCY,
        not one.overdue(now),
        -one.level.rank,
        one.opened_at,
    )
