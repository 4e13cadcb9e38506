"""Record a wish for the report: a place in line, or the reason why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.orm import Session

from service import history
from service.content_clinic import Clinic
from service.db import insert_if_new, keyring_of
from service.report_requests.models import ReportRequest
from service.report_requests.packages import promise_of, settle
from service.report_requests.rules import OPEN, Delivery, Hold, Outcome, Promise, State, local_day
from service.report_requests.street import household_key

ONE_IN = timedelta(days=365)
"""How long one report lasts a household; after that a new request is a new request."""

LOOK_BACK = timedelta(days=30)
MOST_ADDRESSES = 3
"""More addresses than these from one number within thirty days: a person looks."""
MOST_NUMBERS = 3
"""More numbers than these for one address within thirty days: a person looks."""

_LATEST = select(ReportRequest).order_by(ReportRequest.id.desc()).limit(50)
_OF_THREAD = _LATEST.where(ReportRequest.thread_id == bindparam("thread"))


@dataclass(frozen=True, slots=True)
class Wish:
    """What the patient has confirmed."""

    thread_id: int
    patient_id: int
    recipient: str
    address: str  # lines by line feeds, as on the envelope
    doubtful: bool = False  # the address stayed in doubt: a person looks before it joins the line
    by_staff: int | None = None  # staff vouch for it: no limit applies


def hand_out_link(session: Session, *, thread_id: int, patient_id: int, now: datetime) -> None:
    """Record that the report was handed out by link; that request is over at once."""
    request = ReportRequest(
        thread_id=thread_id,
        patient_id=patient_id,
        delivery=Delivery.LINK,
        state=State.MAILED,
        requested_at=now,
        confirmed_at=now,
        mailed_at=now,
    )
    session.add(request)
    session.flush()
    remember(session, request.id, now, history.PATIENT, "report handed out by link")


def request_report(session: Session, wish: Wish, clinic: Clinic, now: datetime) -> Promise:
    """Take a confirmed wish for a package, and say what is to be told.

    1. settle, which locks the ledger: whoever asks at the same moment waits, and nobody joins a line
       whose week is over;
    2. one to a number and to a household: a second wish is merged with the first;
    3. what looks like a flood, or an address in doubt, is held for a person;
    4. everything else joins the line, and the line is settled.
    Whoever was promised a package that came back keeps the place they had.
    """
    settle(session, clinic, now)
    household = index_of_household(session, wish.address)
    returned = _came_back(session, wish.patient_id)
    if wish.by_staff is None and returned is None:
        merged = _merged(session, wish, household, clinic, now)
        if merged is not None:
            return merged
    hold = None if wish.by_staff else _hold(session, wish, household, returned, now)
    request = _kept(session, wish, household, now)
    request.hold, request.state = hold, State.CONFIRMED if hold else State.WAITING
    request.in_line_at = returned.in_line_at if returned and returned.in_line_at else now
    request.again_for = returned.id if returned else None
    session.flush()
    actor = history.staff_actor(wish.by_staff) if wish.by_staff else history.PATIENT
    remember(session, request.id, now, actor, "report requested")
    settle(session, clinic, now)
    return _told(session, request)


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


def standing(session: Session, thread_id: int, clinic: Clinic, now: datetime) -> Promise | None:
    """What to tell somebody who asks again: of the open request, or of one mailed within the year."""
    before = reports_of(session, thread_id, now)
    if before.open_by_mail:
        return promise_of(session, before.open_by_mail)
    return _mailed_before(before.mailed, clinic) if before.mailed else None


@dataclass(frozen=True, slots=True)
class Reports:
    """What was asked for on one phone before."""

    open_by_mail: ReportRequest | None  # its package is still to be mailed; the latest there is
    mailed: ReportRequest | None  # within the year, and it did not come back
    last_address: str | None  # the last that was given, for "the same address as my wife"


def reports_of(session: Session, thread_id: int, now: datetime) -> Reports:
    """What was asked for on a phone before, read at once."""
    latest_first = session.scalars(_OF_THREAD, {"thread": thread_id}).all()
    to_be_mailed = (
        each
        for each in latest_first
        if each.delivery == Delivery.MAIL and each.state in OPEN and each.state != State.REQUESTED
    )
    addresses = (each.address for each in latest_first if each.address is not None)
    return Reports(
        next(to_be_mailed, None), _mailed_lately(latest_first, now), next(addresses, None)
    )


def has_open(session: Session, patient_id: int) -> bool:
    """Whether this person's package is still to be mailed, so that a second one cannot be asked for."""
    there = select(ReportRequest.id).where(
        ReportRequest.patient_id == patient_id,
        ReportRequest.delivery == Delivery.MAIL,
        ReportRequest.state.in_(OPEN),
        ReportRequest.state != State.REQUESTED,
    )
    return session.scalar(there.limit(1)) is not None


def index_of_household(session: Session, address: str) -> bytes:
    """The blind index of an address: the same for the same household, and nothing can be read off it."""
    keyring = keyring_of(session.get_bind().dialect)
    return keyring.index(household_key(address), "report_requests.household")


def _merged(
    session: Session, wish: Wish, household: bytes, clinic: Clinic, now: datetime
) -> Promise | None:
    """The answer to a second wish of a number or household; None when it is the first."""
    if known := standing(session, wish.thread_id, clinic, now):
        outcome = Outcome.MAILED_BEFORE if known.mailed else Outcome.ALREADY
        return Promise(outcome, known.week, known.place, known.mailed)
    same = ReportRequest.household == household
    others = session.scalars(_LATEST.where(same)).all()
    if not any(each.state in OPEN for each in others) and not _mailed_lately(others, now):
        return None
    if _count(session, func.distinct(ReportRequest.thread_id), same, now) >= MOST_NUMBERS:
        return None  # held below, for a person
    request = _kept(session, wish, household, now)
    request.state = (
        State.CANCELLED
    )  # staff see it with the household's and may send one all the same
    session.flush()
    remember(session, request.id, now, history.PATIENT, "merged with the household's request")
    return Promise(Outcome.HOUSEHOLD)


def _hold(
    session: Session, wish: Wish, household: bytes, returned: ReportRequest | None, now: datetime
) -> Hold | None:
    if wish.doubtful:
        return Hold.ADDRESS
    if returned is not None and returned.household == household:
        return Hold.CAME_BACK
    addresses = func.distinct(ReportRequest.household)
    if _count(session, addresses, ReportRequest.thread_id == wish.thread_id, now) >= MOST_ADDRESSES:
        return Hold.MANY_ADDRESSES
    numbers = func.distinct(ReportRequest.thread_id)
    if _count(session, numbers, ReportRequest.household == household, now) >= MOST_NUMBERS:
        return Hold.MANY_NUMBERS
    return None


def _count(
    session: Session, what: ColumnElement[Any], where: ColumnElement[bool], now: datetime
) -> int:
    counted = select(func.count(what)).where(where, ReportRequest.requested_at > now - LOOK_BACK)
    return session.scalar(counted) or 0


def _kept(session: Session, wish: Wish, household: bytes, now: datetime) -> ReportRequest:
    """The row of this wish: the half request that staff were shown, completed, or a new one."""
    request = session.scalar(
        select(ReportRequest).where(
            ReportRequest.patient_id == wish.patient_id, ReportRequest.state == State.REQUESTED
        )
    )
    if request is None:
        request = ReportRequest(
            thread_id=wish.thread_id,
            patient_id=wish.patient_id,
            delivery=Delivery.MAIL,
            state=State.CONFIRMED,
            requested_at=now,
        )
        session.add(request)
    request.recipient, request.address = wish.recipient, wish.address
    request.household, request.confirmed_at = household, now
    return request


def _came_back(session: Session, patient_id: int) -> ReportRequest | None:
    """The patient's package that came back and was not sent again, if there is one."""
    last = session.scalar(
        select(ReportRequest)
        .where(ReportRequest.patient_id == patient_id, ReportRequest.delivery == Delivery.MAIL)
        .where(ReportRequest.state.not_in((State.REQUESTED, State.CANCELLED)))
        .order_by(ReportRequest.id.desc())
        .limit(1)
    )
    return last if last is not None and last.state == State.RETURNED else None


def _mailed_lately(latest_first: Sequence[ReportRequest], now: datetime) -> ReportRequest | None:
    """The last that was mailed within the year, and did not come back."""
    for each in latest_first:
        by_mail = each.delivery == Delivery.MAIL and each.state == State.MAILED
        if by_mail and each.mailed_at and each.mailed_at > now - ONE_IN:
            return each
    return None


def _mailed_before(request: ReportRequest, clinic: Clinic) -> Promise:
    assert request.mailed_at is not None
    return Promise(Outcome.MAILED_BEFORE, mailed=local_day(request.mailed_at, clinic))


def _told(session: Session, request: ReportRequest) -> Promise:
    session.refresh(request)
    request.told_state, request.told_week = request.state, request.week
    session.flush()
    return promise_of(session, request)


def remember(session: Session, request_id: int, now: datetime, actor: str, action: str) -> None:
    """Append to the history what was done to a request."""
    history.record(session, at=now, actor=actor, action=action, subject=f"request:{request_id}")
