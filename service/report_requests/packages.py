"""Packages of the week: promise, move the line, turn the week. Never one promised too many.

Every promise is made while holding the ledger's one row, so that whoever comes second sees what the
first was given. The line is planned by pure rules (`allot`) and only what differs is written.

Locks are taken in this order, everywhere: a thread, then the ledger, then requests. So nothing that
holds the ledger writes to the outbox (its rows lock their thread): patients whose week has moved are
told by the worker afterwards (`tell.py`).
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from service import history
from service.content_clinic import Clinic
from service.db import insert_if_new
from service.report_requests.models import PackageLedger, ReportRequest
from service.report_requests.rules import (
    TAKING,
    Outcome,
    Promise,
    State,
    allot,
    first_day,
    following,
    left_over,
    local_day,
)


def lock_ledger(session: Session, clinic: Clinic, now: datetime) -> PackageLedger:
    """The ledger, locked until the transaction ends; made at the first use."""
    packages = clinic.packages
    week = first_day(local_day(now, clinic), packages.week_starts)
    insert_if_new(session, PackageLedger, id=1, week=week, weekly=packages.weekly, carried=0)
    return session.scalars(
        select(PackageLedger).with_for_update().execution_options(populate_existing=True)
    ).one()


def read_ledger(session: Session, clinic: Clinic, now: datetime) -> PackageLedger:
    """The ledger for looking at; before its first use, what it will be, without writing it."""
    kept = session.scalars(select(PackageLedger)).first()
    if kept is not None:
        return kept
    week = first_day(local_day(now, clinic), clinic.packages.week_starts)
    return PackageLedger(id=1, week=week, weekly=clinic.packages.weekly, carried=0)


def settle(session: Session, clinic: Clinic, now: datetime) -> None:
    """Bring promises up to date: turn the weeks that are over one by one, then move the line.

    Harmless when run twice. A week that passed while nothing ran is given out all the same, so that
    the result does not depend on when this is called.
    """
    ledger, packages = lock_ledger(session, clinic, now), clinic.packages
    today = local_day(now, clinic)
    ledger.weekly = packages.weekly
    while (week := following(ledger.week, packages.week_starts)) <= today:
        capacity = ledger.weekly + ledger.carried
        taken = _taken(session, ledger)
        ledger.carried = left_over(capacity, taken, carry_over=packages.carry_over)
        ledger.week = week
        _move_line(session, ledger, clinic, now)
    _move_line(session, ledger, clinic, now)
    session.flush()


def promise_of(session: Session, request: ReportRequest) -> Promise:
    """What to tell the owner of a request that is open."""
    if request.state in (State.REQUESTED, State.CONFIRMED):
        return Promise(Outcome.HELD)
    if request.state != State.WAITING:
        return Promise(Outcome.RESERVED, week=request.week)
    if request.week is None:
        return Promise(Outcome.LISTED)
    place = _line(session).index((request.id, request.week)) + 1
    return Promise(Outcome.WAITING, week=request.week, place=place)


def free_packages(session: Session, ledger: PackageLedger) -> int:
    """How many of the ledger's week are still to be given; negative after the clinic lowered it."""
    return ledger.weekly + ledger.carried - _taken(session, ledger)


def _taken(session: Session, ledger: PackageLedger) -> int:
    taken = select(func.count()).where(
        ReportRequest.week == ledger.week, ReportRequest.state.in_(TAKING)
    )
    return session.scalar(taken) or 0


def _line(session: Session) -> Sequence[tuple[int, object]]:
    waiting = (
        select(ReportRequest.id, ReportRequest.week)
        .where(ReportRequest.state == State.WAITING)
        .order_by(ReportRequest.in_line_at, ReportRequest.id)
    )
    return [(row.id, row.week) for row in session.execute(waiting)]


def _move_line(session: Session, ledger: PackageLedger, clinic: Clinic, now: datetime) -> None:
    line, free = _line(session), free_packages(session, ledger)
    starts = clinic.packages.week_starts
    promised = allot((each for each, _ in line), ledger.week, free, ledger.weekly, starts)
    for request_id, before in line:
        week = promised[request_id]
        reserved = week == ledger.week
        if week == before and not reserved:
            continue
        state = State.RESERVED if reserved else State.WAITING
        moved = update(ReportRequest).where(ReportRequest.id == request_id)
        session.execute(moved.values(week=week, state=state))
        if reserved:
            history.record(
                session,
                at=now,
                actor=history.SYSTEM,
                action="package reserved",
                subject=f"request:{request_id}",
                week=ledger.week.isoformat(),
            )
