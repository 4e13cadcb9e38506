"""Record a wish for the report."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service import history
from service.db import changed, insert_if_new
from service.report_requests.models import ReportRequest
from service.report_requests.rules import OPEN, Delivery, State


def request_report(
    session: Session,
    *,
    thread_id: int,
    patient_id: int,
    delivery: Delivery,
    recipient: str | None,
    address: str | None,
    now: datetime,
) -> bool:
    """Record a confirmed request; False when one by mail is already on its way to this thread.

    A link is handed out at once, so its request is over as soon as it is made. A half request that
    staff were shown is completed rather than made again.
    """
    wish: dict[str, object] = {"recipient": recipient, "address": address, "confirmed_at": now}
    if delivery is Delivery.MAIL and _complete_half(session, thread_id, wish):
        return True
    request_id = insert_if_new(
        session,
        ReportRequest,
        thread_id=thread_id,
        patient_id=patient_id,
        delivery=delivery,
        state=State.CONFIRMED if delivery is Delivery.MAIL else State.MAILED,
        requested_at=now,
        **wish,
    )
    if request_id is None:
        return False
    history.record(
        session,
        at=now,
        actor=history.PATIENT,
        action="report requested",
        subject=f"thread:{thread_id}",
        request=request_id,
        delivery=delivery,
    )
    return True


def keep_half_request(
    session: Session,
    *,
    thread_id: int,
    patient_id: int,
    recipient: str | None,
    address: str | None,
    now: datetime,
) -> bool:
    """Keep what a patient said before falling silent; False when a request is open already."""
    request_id = insert_if_new(
        session,
        ReportRequest,
        thread_id=thread_id,
        patient_id=patient_id,
        delivery=Delivery.MAIL,
        state=State.REQUESTED,
        recipient=recipient,
        address=address,
        requested_at=now,
    )
    return request_id is not None


def _complete_half(session: Session, thread_id: int, wish: dict[str, object]) -> bool:
    half = update(ReportRequest).where(
        ReportRequest.thread_id == thread_id, ReportRequest.state == State.REQUESTED
    )
    return bool(changed(session.execute(half.values(state=State.CONFIRMED, **wish))))


def open_by_mail(session: Session, thread_id: int) -> ReportRequest | None:
    """The request whose package is still to be mailed, if there is one."""
    return session.scalar(
        select(ReportRequest).where(
            ReportRequest.thread_id == thread_id,
            ReportRequest.delivery == Delivery.MAIL,
            ReportRequest.state.in_(OPEN),
            ReportRequest.state != State.REQUESTED,
        )
    )
