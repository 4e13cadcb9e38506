"""Put a message into the outbox, in the transaction that caused it."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, not_, select
from sqlalchemy.orm import Session

from service.db import any_of, insert_if_new
from service.outbox.models import OutboundMessage
from service.outbox.rules import (
    POLICIES,
    Hold,
    Kind,
    Limits,
    Recipient,
    Refuse,
    State,
    Verdict,
    Wait,
    judge,
)
from service.patients.models import Thread
from service.patients.rules import zones

TIP_MEMORY = timedelta(days=8)

NOT_TAKEN = (State.QUEUED, State.HELD, State.REFUSED)
"""A tip in one of these has not reached anybody, even if the carrier was called and said "not now"."""

_RECENT_TIPS = select(OutboundMessage.handed_over_at).where(
    OutboundMessage.thread_id == bindparam("thread"),
    OutboundMessage.kind == Kind.TIP,
    OutboundMessage.handed_over_at > bindparam("since"),
    not_(any_of(OutboundMessage.state, NOT_TAKEN)),
)


def enqueue(
    session: Session,
    *,
    key: str,
    kind: Kind,
    body: str,
    thread: Thread,
    limits: Limits,
    now: datetime,
    due: datetime | None = None,
    staff_id: int | None = None,
    by_call: bool = False,
) -> int | None:
    """Queue a text (or a call that says `body`) to a patient; the row's id, or None when `key` was used before.

    `key` is the natural key, made of ids and ISO dates: the same message is impossible twice. What the
    guard refuses is kept as refused, with the reason, so that staff can see it.
    """
    due = due or now
    to = recipient_of(session, thread, kind, now, by_call=by_call)
    state, not_before, reason = _placed(judge(kind, due, to, limits, now), max(due, now))
    if not thread.phone:
        state, reason = State.REFUSED, "no number"
    return insert_if_new(
        session,
        OutboundMessage,
        dedupe_key=key,
        thread_id=thread.id,
        staff_id=staff_id,
        to=thread.phone or "",
        kind=kind,
        by_call=by_call,
        body=body,
        priority=POLICIES[kind].priority,
        state=state,
        reason=reason,
        created_at=now,
        not_before=not_before,
        attempts=0,
    )


def _placed(verdict: Verdict, soonest: datetime) -> tuple[State, datetime, str | None]:
    """The state in which a new message begins, when it may leave, and why not at once."""
    match verdict:
        case Wait(until):
            return State.QUEUED, until, None
        case Hold(reason):
            return State.HELD, soonest, reason
        case Refuse(reason):
            return State.REFUSED, soonest, reason
    return State.QUEUED, soonest, None


def enqueue_to_staff(
    session: Session,
    *,
    key: str,
    to: str,
    body: str,
    now: datetime,
    by_call: bool = False,
    kind: Kind = Kind.ALERT,
) -> int | None:
    """Queue an alert to a member of staff; `body` must be free of health data.

    For a call `body` is the key of the line that is spoken. None when `key` was used before.
    """
    return insert_if_new(
        session,
        OutboundMessage,
        dedupe_key=key,
        to=to,
        kind=kind,
        by_call=by_call,
        body=body,
        priority=POLICIES[kind].priority,
        state=State.QUEUED,
        created_at=now,
        not_before=now,
        attempts=0,
    )


def recipient_of(
    session: Session, thread: Thread, kind: Kind, now: datetime, *, by_call: bool = False
) -> Recipient:
    """What the guard needs to know of a thread; looks at earlier tips only for a tip."""
    tips: list[datetime] = []
    if kind is Kind.TIP:
        recent = session.scalars(_RECENT_TIPS, {"thread": thread.id, "since": now - TIP_MEMORY})
        tips = [moment for moment in recent if moment is not None]
    return Recipient(
        opted_out=thread.opted_out_at is not None,
        flagged=thread.flagged_at is not None,
        textable=thread.textable or by_call,
        zones=zones(thread.zone, thread.address_zone),
        tips=tips,
    )
