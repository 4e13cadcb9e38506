"""Change a request that is not yet mailed: correct it, let it into the line, drop it."""

from datetime import datetime

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session, aliased

from service import history
from service.content_clinic import Clinic
from service.db import changed
from service.report_requests.models import ReportRequest
from service.report_requests.packages import settle
from service.report_requests.request import index_of_household, remember
from service.report_requests.rules import OPEN, Delivery, State


def correct(
    session: Session, request_id: int, *, recipient: str, address: str, now: datetime, actor: str
) -> bool:
    """Change where a package that is not yet mailed goes; False when it is too late."""
    household = index_of_household(session, address)
    corrected = session.execute(
        update(ReportRequest)
        .where(ReportRequest.id == request_id, ReportRequest.state.in_(OPEN))
        .values(recipient=recipient, address=address, household=household)
    )
    if changed(corrected):
        remember(session, request_id, now, actor, "address corrected")
    return bool(changed(corrected))


def release(
    session: Session, request_id: int, staff_id: int, clinic: Clinic, now: datetime
) -> bool:
    """Let a held, half or merged request join the line, as staff decide; False when it is none."""
    settle(session, clinic, now)
    freed = session.execute(
        update(ReportRequest)
        .where(
            ReportRequest.id == request_id,
            ReportRequest.address.is_not(None),
            ReportRequest.state.in_((State.CONFIRMED, State.REQUESTED, State.CANCELLED)),
            ~_another_open(request_id).exists(),
        )
        .values(
            state=State.WAITING,
            hold=None,
            week=None,
            confirmed_at=func.coalesce(ReportRequest.confirmed_at, now),
            in_line_at=func.coalesce(ReportRequest.in_line_at, now),
        )
    )
    if changed(freed):
        actor = history.staff_actor(staff_id)
        remember(session, request_id, now, actor, "let into the line")
        settle(session, clinic, now)
    return bool(changed(freed))


def cancel(session: Session, request_id: int, actor: str, clinic: Clinic, now: datetime) -> bool:
    """Drop a request that is not yet mailed; its package goes to the next in line."""
    settle(session, clinic, now)
    dropped = session.execute(
        update(ReportRequest)
        .where(ReportRequest.id == request_id, ReportRequest.state.in_(OPEN))
        .values(state=State.CANCELLED)
    )
    if changed(dropped):
        remember(session, request_id, now, actor, "request cancelled")
        settle(session, clinic, now)
    return bool(changed(dropped))


def _another_open(request_id: int) -> Select[int]:
    """Another open request of the same patient."""
    this, other = aliased(ReportRequest), aliased(ReportRequest)
    return (
        select(other.id)
        .join(this, this.patient_id == other.patient_id)
        .where(this.id == request_id, other.id != request_id)
        .where(other.delivery == Delivery.MAIL, other.state.in_(OPEN))
    )
