"""Ring a patient back: one try after another, until somebody has reached them or has said why not."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from service import history
from service.db import changed
from service.errors import Conflict, NotFound
from service.outbox.enqueue import enqueue_to_staff
from service.outbox.rules import Kind
from service.patients.models import Thread
from service.patients.rules import PermittedHours
from service.review import alerts, resolve
from service.review.models import CallBack, ReviewItem
from service.review.queue import open_items
from service.review.rules import Outcome, State
from service.review.tries import UNREACHED, next_try
from service.staff.models import Staff
from service.triage.rules import Level

TWICE = timedelta(seconds=30)
"""A second tap within this time is the same call."""

GRACE = timedelta(minutes=10)
"""So long after an agreed next try the ladder of alerts begins again."""


@dataclass(frozen=True, slots=True)
class Tried:
    """The failed tries of one patient since their oldest open item."""

    count: int
    next_at: datetime | None


def ring(session: Session, thread: Thread, staff_id: int, now: datetime) -> CallBack:
    """Have the line ring the staff member's own phone, to be connected with the patient.

    What nobody holds becomes theirs. Conflict when a colleague has this patient, when there is no number
    to ring, or when the staff member has none.
    """
    mobile = session.scalar(select(Staff.mobile).where(Staff.id == staff_id))
    if mobile is None:
        raise Conflict("We do not know your phone. Keep your number on the page Rota first.")
    if thread.phone is None:
        raise Conflict("There is no number to ring.")
    _take(session, thread.id, staff_id, now)
    recent = select(CallBack).where(
        CallBack.thread_id == thread.id, CallBack.staff_id == staff_id, CallBack.at > now - TWICE
    )
    if again := session.scalars(recent).first():
        return again
    key = f"ring:{thread.id}:{staff_id}:{now.isoformat()}"
    outbound_id = enqueue_to_staff(
        session, key=key, to=mobile, body="ring_whisper", now=now, by_call=True, kind=Kind.RING
    )
    call_back = CallBack(thread_id=thread.id, staff_id=staff_id, at=now, outbound_id=outbound_id)
    session.add(call_back)
    session.flush()
    _remember(session, thread.id, staff_id, now, "rang", call_back=call_back.id)
    return call_back


def settle(
    session: Session,
    call_back: CallBack,
    outcome: Outcome,
    note: str,
    next_at: datetime | None,
    now: datetime,
) -> bool:
    """Write down what came of a try. True when the patient's last urgent or emergency flag fell.

    One that reached nobody is counted, and the patient stays on the list until `next_at`; one that did
    closes what the staff member holds. Conflict when it was written down before.
    """
    own = update(CallBack).where(CallBack.id == call_back.id, CallBack.outcome.is_(None))
    kept = {"outcome": outcome, "note": note or None, "next_try_at": next_at}
    if not changed(session.execute(own.values(kept))):
        raise Conflict("What came of this call is written down already.")
    mine = _held(session, call_back.thread_id, call_back.staff_id)
    _remember(session, call_back.thread_id, call_back.staff_id, now, "call noted", outcome=outcome)
    if outcome in UNREACHED:
        if next_at is not None:
            alerts.rest(session, mine, next_at + GRACE)
        return False
    if not mine:
        return False
    return resolve.close(
        session, mine, staff_id=call_back.staff_id, outcome=outcome, note=note, now=now
    )


def count_try(
    session: Session,
    thread_id: int,
    staff_id: int,
    outcome: Outcome,
    note: str,
    next_at: datetime,
    now: datetime,
) -> None:
    """Count a try that was not made through the line. Conflict unless the staff member holds something."""
    if not _held(session, thread_id, staff_id):
        raise Conflict("Claim it first: a try is counted by the person who holds it.")
    call_back = CallBack(thread_id=thread_id, staff_id=staff_id, at=now)
    session.add(call_back)
    session.flush()
    settle(session, call_back, outcome, note, next_at, now)


def find(session: Session, call_back_id: int, thread_id: int, staff_id: int) -> CallBack:
    """One's own try; NotFound for anything else."""
    call_back = session.get(CallBack, call_back_id)
    if call_back is None or (call_back.thread_id, call_back.staff_id) != (thread_id, staff_id):
        raise NotFound("There is no such call of yours.")
    return call_back


def unsettled(session: Session, thread_id: int, staff_id: int) -> CallBack | None:
    """One's newest call of which nothing is written down yet."""
    mine = select(CallBack).where(
        CallBack.thread_id == thread_id,
        CallBack.staff_id == staff_id,
        CallBack.outcome.is_(None),
    )
    return session.scalars(mine.order_by(CallBack.id.desc()).limit(1)).first()


def proposal(
    session: Session, thread_id: int, now: datetime, hours: PermittedHours, zone: ZoneInfo
) -> datetime:
    """When to try again if this try fails too."""
    items = open_items(session, thread_id)
    level = Level.highest(Level(item.level) for item in items)
    tries = tried(session, [thread_id]).get(thread_id, Tried(0, None)).count
    return next_try(level, tries + 1, now, hours, zone)


def tried(session: Session, thread_ids: Collection[int]) -> dict[int, Tried]:
    """The failed tries of patients with something open, since the oldest of it."""
    since = (
        select(ReviewItem.thread_id, func.min(ReviewItem.opened_at).label("opened_at"))
        .where(ReviewItem.thread_id.in_(thread_ids), ReviewItem.state != State.CLOSED)
        .group_by(ReviewItem.thread_id)
        .subquery()
    )
    rows = session.execute(
        select(CallBack.thread_id, func.count(CallBack.id), func.max(CallBack.next_try_at))
        .join(since, since.c.thread_id == CallBack.thread_id)
        .where(CallBack.outcome.in_(UNREACHED), CallBack.at >= since.c.opened_at)
        .group_by(CallBack.thread_id)
    )
    return {thread_id: Tried(count, next_at) for thread_id, count, next_at in rows}


def _take(session: Session, thread_id: int, staff_id: int, now: datetime) -> None:
    items = open_items(session, thread_id)
    free = [item.id for item in items if item.state == State.OPEN]
    held = {item.claimed_by for item in items if item.state == State.CLAIMED}
    if free:
        resolve.claim(session, free, staff_id, now)
    elif held and staff_id not in held:
        raise Conflict("A colleague has this patient. Two people must not ring the same patient.")


def _held(session: Session, thread_id: int, staff_id: int) -> list[int]:
    return [item.id for item in open_items(session, thread_id) if item.claimed_by == staff_id]


def _remember(
    session: Session, thread_id: int, staff_id: int, now: datetime, action: str, **detail: str | int
) -> None:
    actor, subject = history.staff_actor(staff_id), f"thread:{thread_id}"
    history.record(session, at=now, actor=actor, action=action, subject=subject, **detail)
