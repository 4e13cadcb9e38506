"""Packages of the week: never one promised too many, none lost, the order fair."""

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from service.clock import FixedClock
from service.content import Content
from service.content_clinic import Clinic
from service.db import Database
from service.patients.find import lock_thread, main_patient
from service.report_requests.change import cancel, release
from service.report_requests.fulfil import mark_mailed, mark_packed, mark_returned, this_weeks, undo
from service.report_requests.models import ReportRequest
from service.report_requests.packages import settle
from service.report_requests.request import Wish, request_report
from service.report_requests.rules import (
    TAKING,
    WEEKDAYS,
    Outcome,
    Promise,
    Returned,
    State,
    allot,
    first_day,
    following,
)

WEEK = date(2026, 11, 30)
NEXT = date(2026, 12, 7)


class Office:
    """A clinic that is asked for reports by many numbers."""

    def __init__(self, database: Database, clinic: Clinic, clock: FixedClock) -> None:
        self.database, self.clinic, self.clock = database, clinic, clock

    def ask(self, number: int, address: str | None = None, *, doubtful: bool = False) -> Promise:
        """Somebody asks, from a number and an address of their own."""
        now = self.clock.now()
        with self.database.transaction() as session:
            thread, _ = lock_thread(
                session,
                self.database.keyring,
                f"+1804555{number:04}",
                language="en",
                zone="America/New_York",
                now=now,
            )
            session.flush()
            where = address or f"{number} Oak Lane\nWarsaw, VA 22572"
            wish = Wish(
                thread.id, main_patient(session, thread.id).id, "Ann Tester", where, doubtful
            )
            return request_report(session, wish, self.clinic, now)

    def requests(self) -> list[ReportRequest]:
        """All of them, first come first."""
        with self.database.reading() as session:
            return list(
                session.scalars(
                    select(ReportRequest).order_by(ReportRequest.in_line_at, ReportRequest.id)
                )
            )

    def settle(self) -> None:
        """What the worker does."""
        with self.database.transaction() as session:
            settle(session, self.clinic, self.clock.now())

    def with_packages(self, **changes: object) -> "Office":
        """The same office after a change of clinic.toml."""
        packages = self.clinic.packages.model_copy(update=changes)
        clinic = self.clinic.model_copy(update={"packages": packages})
        return Office(self.database, clinic, self.clock)


@pytest.fixture
def office(database: Database, content: Content, clock: FixedClock) -> Office:
    return Office(database, content.clinic, clock)


def test_the_fifth_of_the_week_is_told_the_next_week_and_the_place_in_line(office: Office) -> None:
    promised = [office.ask(number) for number in range(1, 11)]
    assert promised[:4] == [Promise(Outcome.RESERVED, WEEK)] * 4
    assert promised[4] == Promise(Outcome.WAITING, NEXT, place=1)
    assert promised[6] == Promise(Outcome.WAITING, NEXT, place=3)
    assert promised[8] == Promise(Outcome.WAITING, date(2026, 12, 14), place=5)


def test_a_new_week_reserves_for_those_first_in_line(office: Office) -> None:
    for number in range(1, 8):
        office.ask(number)
    office.clock.moment = datetime.fromisoformat("2026-12-07T05:30:00+00:00")  # 0:30 in Virginia
    office.settle()
    states = [(request.state, request.week) for request in office.requests()]
    assert states[4:] == [(State.RESERVED, NEXT)] * 3
    assert office.ask(8).outcome is Outcome.RESERVED
    assert office.ask(9) == Promise(Outcome.WAITING, date(2026, 12, 14), place=1)


def test_an_hour_before_the_week_ends_it_has_not_ended(office: Office) -> None:
    for number in range(1, 6):
        office.ask(number)
    office.clock.moment = datetime.fromisoformat("2026-12-07T04:30:00+00:00")  # Sunday evening
    office.settle()
    assert office.requests()[4].state == State.WAITING


def test_a_cancelled_package_goes_to_the_first_in_line(office: Office) -> None:
    for number in range(1, 10):
        office.ask(number)
    first = office.requests()[0]
    with office.database.transaction() as session:
        assert cancel(session, first.id, "staff:1", office.clinic, office.clock.now())
    weeks = [request.week for request in office.requests()[1:]]
    assert weeks == [WEEK] * 4 + [NEXT] * 4


@pytest.mark.parametrize(("carry_over", "in_the_next_week"), [(True, 7), (False, 4)])
def test_packages_left_over_are_carried_over_only_where_the_clinic_says_so(
    office: Office, carry_over: bool, in_the_next_week: int
) -> None:
    office = office.with_packages(carry_over=carry_over)
    office.ask(1)
    office.clock.moment += timedelta(days=7)
    promised = [office.ask(number) for number in range(2, 12)]
    reserved = [each for each in promised if each.outcome is Outcome.RESERVED]
    assert len(reserved) == in_the_next_week


def test_weeks_that_passed_while_nothing_ran_are_given_out_all_the_same(office: Office) -> None:
    for number in range(1, 11):
        office.ask(number)
    told = [request.week for request in office.requests()]
    office.clock.moment += timedelta(days=21)
    office.settle()
    assert [request.week for request in office.requests()] == told
    assert {request.state for request in office.requests()} == {State.RESERVED}


def test_a_raised_number_moves_the_line_and_a_lowered_one_takes_nothing_back(
    office: Office,
) -> None:
    for number in range(1, 7):
        office.ask(number)
    office.with_packages(weekly=6).settle()
    assert {request.week for request in office.requests()} == {WEEK}
    office.with_packages(weekly=1).settle()
    assert {request.week for request in office.requests()} == {WEEK}


def test_without_packages_nobody_is_promised_a_week(office: Office) -> None:
    assert office.with_packages(weekly=0).ask(1) == Promise(Outcome.LISTED)


def test_one_to_a_number_and_one_to_a_household(office: Office) -> None:
    assert office.ask(1).outcome is Outcome.RESERVED
    assert office.ask(1, "9 Elm Street\nWarsaw, VA 22572") == Promise(Outcome.ALREADY, WEEK)
    same = "1 OAK LN\nWarsaw, VA 22572-1234"
    assert office.ask(2, same).outcome is Outcome.HOUSEHOLD
    merged = next(each for each in office.requests() if each.state == State.CANCELLED)
    with office.database.transaction() as session:
        assert release(session, merged.id, 1, office.clinic, office.clock.now())
    assert Counter(each.state for each in office.requests()) == {State.RESERVED: 2}


def test_many_numbers_to_one_address_are_held_for_a_person(office: Office) -> None:
    outcomes = [office.ask(number, "1 Oak Lane\nWarsaw, VA 22572").outcome for number in range(5)]
    assert outcomes == [Outcome.RESERVED, Outcome.HOUSEHOLD, Outcome.HOUSEHOLD, *["held"] * 2]


def test_many_addresses_from_one_number_are_held_for_a_person(office: Office) -> None:
    outcomes = []
    for number in range(5):
        outcomes.append(office.ask(1, f"{number + 1} Elm Street\nWarsaw, VA 22572").outcome)
        with office.database.transaction() as session:
            for request in this_weeks(session):
                cancel(session, request.id, "patient", office.clinic, office.clock.now())
    assert outcomes[:3] == [Outcome.RESERVED] * 3
    assert outcomes[3] is Outcome.HELD


def test_an_address_in_doubt_waits_for_a_person_and_takes_no_package(office: Office) -> None:
    assert office.ask(1, doubtful=True).outcome is Outcome.HELD
    promised = [office.ask(number).outcome for number in range(2, 6)]
    assert promised == [Outcome.RESERVED] * 4


def test_mailed_by_mistake_is_undone_and_too_late_is_too_late(office: Office) -> None:
    for number in range(1, 4):
        office.ask(number)
    with office.database.transaction() as session:
        ids = [request.id for request in this_weeks(session)]
        assert mark_packed(session, ids[:1], 1, office.clock.now()) == ids[:1]
        assert mark_mailed(session, ids, 1, office.clock.now()) == ids
        assert mark_mailed(session, ids, 1, office.clock.now()) == []
        assert undo(session, 1, office.clinic, office.clock.now()) == 3
        assert [request.state for request in this_weeks(session)] == [
            State.PACKED, State.RESERVED, State.RESERVED,
        ]  # fmt: skip
        mark_mailed(session, ids, 1, office.clock.now())
        office.clock.moment += timedelta(minutes=6)
        assert undo(session, 1, office.clinic, office.clock.now()) == 0


def test_whoever_was_sent_a_package_that_came_back_keeps_the_place(office: Office) -> None:
    for number in range(1, 8):
        office.ask(number)
        office.clock.moment += timedelta(minutes=1)
    with office.database.transaction() as session:
        first = this_weeks(session)[0].id
        mark_mailed(session, [first], 1, office.clock.now())
        assert mark_returned(session, first, Returned.NO_SUCH_NUMBER, 1, office.clock.now())
    assert office.ask(1, "9 Elm Street\nWarsaw, VA 22572") == Promise(Outcome.WAITING, NEXT, 1)


def test_the_same_address_as_one_that_came_back_is_held(office: Office) -> None:
    office.ask(1)
    with office.database.transaction() as session:
        mark_mailed(session, [1], 1, office.clock.now())
        mark_returned(session, 1, Returned.NO_SUCH_NUMBER, 1, office.clock.now())
    assert office.ask(1).outcome is Outcome.HELD


def test_fifty_at_once_are_promised_no_package_too_many(office: Office) -> None:
    """Fifty threads through one gate; every second one asks for an address that another asks for too."""
    gate = threading.Barrier(50)

    def ask(number: int) -> Promise:
        gate.wait()
        return office.ask(number, None if number % 5 else "5 Elm Street\nWarsaw, VA 22572")

    with ThreadPoolExecutor(50) as pool:
        promised = list(pool.map(ask, range(50)))
    taken = Counter(each.week for each in office.requests() if each.state in TAKING)
    assert taken == {WEEK: 4}
    per_week = Counter(each.week for each in office.requests() if each.week)
    assert max(per_week.values()) <= 4
    assert len(office.requests()) == 50
    reserved = [each for each in promised if each.outcome is Outcome.RESERVED]
    assert len(reserved) == 4
    assert sum(1 for each in promised if each.outcome in (Outcome.HOUSEHOLD, Outcome.HELD)) == 9
    line = [each.week for each in office.requests() if each.state == State.WAITING]
    assert line == sorted(line, key=str)


def test_ten_thousand_histories_promise_none_too_many_and_lose_none() -> None:
    """Requests, cancellations and weeks at random, on the pure rules."""
    for seed in range(10_000):
        try:
            live_through(random.Random(seed))
        except AssertionError as error:
            raise AssertionError(f"seed {seed}") from error


def live_through(chance: random.Random) -> None:
    """Every week's number holds, everybody in line has a week (while there are packages), and who came
    first is never later.
    """
    weekly, starts = chance.randint(0, 6), chance.choice(WEEKDAYS)
    week = first_day(WEEK, starts)
    line: list[int] = []
    gone: Counter[date] = Counter()
    ever = 0
    for _ in range(chance.randint(0, 12)):
        asked = chance.randint(0, 12)
        line += range(ever, ever + asked)
        ever += asked
        if line and chance.random() < 0.3:
            line.remove(chance.choice(line))
        promised = allot(line, week, weekly - gone[week], weekly, starts)
        assert list(promised) == line
        given_out = [each for each in promised.values() if each]
        assert given_out == sorted(given_out)
        assert bool(weekly) or not given_out
        assert len(given_out) == (len(line) if weekly else 0)
        assert all(n + gone[day] <= weekly for day, n in Counter(given_out).items())
        mailed = [each for each, day in promised.items() if day == week]
        gone[week] += len(mailed)
        line = [each for each in line if each not in mailed]
        if chance.random() < 0.5:
            week = following(week, starts)
