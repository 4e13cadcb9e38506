from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from service.clock import FixedClock
from service.db import Database
from service.staff import accounts, sign_in
from service.staff.models import SignInLink, StaffSession
from service.staff.rules import ABSOLUTE, IDLE, LINK_LIFE, TOUCH_EVERY, Role

MINUTE = timedelta(minutes=1)


@pytest.fixture
def dana(database: Database, clock: FixedClock) -> int:
    with database.transaction() as session:
        keyring, now = database.keyring, clock.now()
        return accounts.add(
            session, keyring, name="Dana", email="dana@clinic.example", role=Role.ADMIN, now=now
        ).id


@pytest.fixture
def cookie(database: Database, clock: FixedClock, dana: int) -> str:
    with database.transaction() as session:
        token = sign_in.make_link(session, dana, clock.now())
        return sign_in.use_link(session, token, clock.now()) or ""


def test_a_link_signs_its_owner_in(
    database: Database, clock: FixedClock, dana: int, cookie: str
) -> None:
    with database.reading() as session:
        who = sign_in.current(session, cookie, clock.now())
    assert who is not None
    assert (who.staff_id, who.name, who.role) == (dana, "Dana", Role.ADMIN)


def test_a_link_works_once(database: Database, clock: FixedClock, dana: int) -> None:
    with database.transaction() as session:
        token = sign_in.make_link(session, dana, clock.now())
        assert sign_in.use_link(session, token, clock.now())
        assert sign_in.use_link(session, token, clock.now()) is None


def test_of_ten_that_use_a_link_at_once_one_gets_in(
    database: Database, clock: FixedClock, dana: int
) -> None:
    with database.transaction() as session:
        token = sign_in.make_link(session, dana, clock.now())

    def try_it(_number: int) -> str | None:
        with database.transaction() as session:
            return sign_in.use_link(session, token, clock.now())

    with ThreadPoolExecutor(5) as pool:
        cookies = list(pool.map(try_it, range(10)))
    assert sum(cookie is not None for cookie in cookies) == 1


@pytest.mark.parametrize(("wait", "works"), [(LINK_LIFE - MINUTE, True), (LINK_LIFE, False)])
def test_a_link_works_for_a_day(
    database: Database, clock: FixedClock, dana: int, wait: timedelta, works: bool
) -> None:
    with database.transaction() as session:
        token = sign_in.make_link(session, dana, clock.now())
        assert (sign_in.use_link(session, token, clock.now() + wait) is not None) == works


@pytest.mark.parametrize("token", ["", "x", "é" * 50, "\ud800", "a" * 10_000])
def test_an_invented_token_opens_nothing(database: Database, clock: FixedClock, token: str) -> None:
    with database.transaction() as session:
        assert sign_in.use_link(session, token, clock.now()) is None
        assert sign_in.current(session, token, clock.now()) is None


def test_neither_token_nor_cookie_is_stored(
    database: Database, clock: FixedClock, dana: int, cookie: str
) -> None:
    with database.transaction() as session:
        token = sign_in.make_link(session, dana, clock.now())
        kept = [*session.scalars(select(SignInLink.fingerprint))]
        kept += session.scalars(select(StaffSession.fingerprint))
    assert all(len(fingerprint) == 32 for fingerprint in kept)
    assert not any(secret.encode() in b"".join(kept) for secret in (token, cookie))


def test_a_session_that_nobody_uses_ends(
    database: Database, clock: FixedClock, cookie: str
) -> None:
    with database.reading() as session:
        assert sign_in.current(session, cookie, clock.now() + IDLE - MINUTE)
        assert sign_in.current(session, cookie, clock.now() + IDLE) is None


def test_use_keeps_a_session_alive_but_not_for_ever(
    database: Database, clock: FixedClock, cookie: str
) -> None:
    begun = clock.now()
    with database.transaction() as session:
        while who := sign_in.current(session, cookie, clock.now()):
            sign_in.touch(session, who, clock.now())
            clock.moment += IDLE / 2
    assert clock.now() - begun == ABSOLUTE


def test_use_is_noted_once_a_minute(database: Database, clock: FixedClock, cookie: str) -> None:
    with database.reading() as session:
        who = sign_in.current(session, cookie, clock.now())
    assert who is not None
    assert not sign_in.needs_touch(who, clock.now() + TOUCH_EVERY / 2)
    assert sign_in.needs_touch(who, clock.now() + TOUCH_EVERY)


def test_signing_out_ends_this_session_and_everywhere_ends_all(
    database: Database, clock: FixedClock, dana: int
) -> None:
    now = clock.now()
    with database.transaction() as session:
        first, second, third = (
            sign_in.use_link(session, sign_in.make_link(session, dana, now), now) or ""
            for _ in range(3)
        )
        who = sign_in.current(session, first, now)
        assert who is not None
        sign_in.sign_out(session, who, now)
        assert sign_in.current(session, first, now) is None
        assert sign_in.current(session, second, now)
        spare = sign_in.make_link(session, dana, now)
        sign_in.sign_out_everywhere(session, dana, now)
        assert sign_in.current(session, second, now) is None
        assert sign_in.current(session, third, now) is None
        assert sign_in.use_link(session, spare, now) is None
