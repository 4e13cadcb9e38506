"""Pack, mail, and take back what the post returns. Every step can be undone for a few minutes."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from service import history
from service.content_clinic import Clinic
from service.db import changed
from service.patients.models import Thread
from service.report_requests.models import ReportRequest
from service.report_requests.packages import settle
from service.report_requests.rules import Delivery, Returned, State

STEPS = {
    State.PACKED: ReportRequest.packed_at,
    State.MAILED: ReportRequest.mailed_at,
    State.RETURNED: ReportRequest.returned_at,
}
"""The steps, each with the column that says when it was done."""

UNDO = timedelta(minutes=5)
"""How long a step can be undone. Only then are patients told of it (`conversation/report_news.py`)."""


def this_weeks(session: Session) -> Sequence[ReportRequest]:
    """What is to be packed and mailed now, those promised first on top."""
    due = select(ReportRequest).where(ReportRequest.state.in_((State.RESERVED, State.PACKED)))
    return session.scalars(
        due.order_by(ReportRequest.week, ReportRequest.in_line_at, ReportRequest.id)
    ).all()


def languages(session: Session, requests: Iterable[ReportRequest]) -> dict[int, str]:
    """In which language the report of each request goes into its package: the patient's own."""
    threads = {request.thread_id for request in requests}
    spoken = select(Thread.id, Thread.language).where(Thread.id.in_(threads))
    return dict(session.execute(spoken).all())


def mark_packed(session: Session, ids: Collection[int], staff_id: int, now: datetime) -> list[int]:
    """Mark as packed what is reserved; the ids that were."""
    return _move(session, ids, (State.RESERVED,), staff_id, now, state=State.PACKED, packed_at=now)


def mark_mailed(session: Session, ids: Collection[int], staff_id: int, now: datetime) -> list[int]:
    """Mark as mailed what is reserved or packed; the ids that were."""
    ready = (State.RESERVED, State.PACKED)
    return _move(session, ids, ready, staff_id, now, state=State.MAILED, mailed_at=now)


def mark_returned(
    session: Session, request_id: int, reason: Returned, staff_id: int, now: datetime
) -> bool:
    """Note that the post brought it back; the patient is asked once for a better address."""
    back = {"state": State.RETURNED, "returned_at": now, "return_reason": reason}
    return bool(_move(session, [request_id], (State.MAILED,), staff_id, now, **back))


def undo(session: Session, staff_id: int, clinic: Clinic, now: datetime) -> int:
    """Take back the last step (packed, mailed or returned, the whole batch); how many it concerned."""
    settle(session, clinic, now)
    last = undoable(session, now)
    if last is None:
        return 0
    state, at = last
    batch = select(ReportRequest).where(
        ReportRequest.state == state,
        ReportRequest.delivery == Delivery.MAIL,
        STEPS[state] == at,
    )
    concerned = session.scalars(batch).all()
    for request in concerned:
        match state:
            case State.RETURNED:
                request.state, request.returned_at, request.return_reason = State.MAILED, None, None
            case State.MAILED:
                request.state = State.PACKED if request.packed_at else State.RESERVED
                request.mailed_at = None
            case _:
                request.state, request.packed_at = State.RESERVED, None
        _remember(session, request.id, staff_id, now, f"{state} undone")
    session.flush()
    settle(session, clinic, now)
    return len(concerned)


def undoable(session: Session, now: datetime) -> tuple[State, datetime] | None:
    """The last step that can still be undone, with its moment."""
    last: tuple[datetime, State] | None = None
    for state, column in STEPS.items():
        at = session.scalar(
            select(func.max(column)).where(
                ReportRequest.state == state,
                ReportRequest.delivery == Delivery.MAIL,
                column > now - UNDO,
            )
        )
        if at is not None and (last is None or (at, state) > last):
            last = at, state
    return (last[1], last[0]) if last else None


def track(session: Session, request_id: int, number: str, staff_id: int, now: datetime) -> bool:
    """Keep the tracking number of a package; False when it is not on its way."""
    known = update(ReportRequest).where(
        ReportRequest.id == request_id,
        ReportRequest.state.in_((State.RESERVED, State.PACKED, State.MAILED)),
    )
    kept = bool(changed(session.execute(known.values(tracking=number or None))))
    if kept:
        _remember(session, request_id, staff_id, now, "tracking number kept")
    return kept


def _move(
    session: Session,
    ids: Collection[int],
    before: Collection[State],
    staff_id: int,
    now: datetime,
    **values: object,
) -> list[int]:
    moved = []
    for request_id in sorted(ids):
        allowed = update(ReportRequest).where(
            ReportRequest.id == request_id,
            ReportRequest.delivery == Delivery.MAIL,
            ReportRequest.state.in_(before),
        )
        if changed(session.execute(allowed.values(**values))):
            moved.append(request_id)
            _remember(session, request_id, staff_id, now, str(values["state"]))
    return moved


def _remember(session: Session, request_id: int, staff_id: int, now: datetime, action: str) -> None:
    history.record(
        session,
        at=now,
        actor=history.staff_actor(staff_id),
        action=action,
        subject=f"request:{request_id}",
    )
