"""Sign in by password and code. What is wrong is never said: the account, the password or the code."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import history
from service.crypto import Keyring
from service.db import Database
from service.staff import codes, password, sign_in, throttle
from service.staff.models import Staff
from service.staff.throttle import FREE_BY_ADDRESS, LONGEST_WAIT_BY_ADDRESS, Count


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody at the door has given. `browser` is the mark of one that was let in before."""

    email: str
    password: str
    code: str
    address: str
    browser: str


@dataclass(frozen=True, slots=True)
class LetIn:
    """The cookie of a new session, and the mark by which this browser is known from now on."""

    cookie: str
    browser: str


def enter(
    database: Database, attempt: Attempt, now: datetime, *, code_needed: bool
) -> LetIn | None:
    """Let them in, or None. TooManyTries when they have to wait first.

    1. note the try, so that a hundred at once are all counted;
    2. check the password with no transaction open: it takes a tenth of a second on purpose;
    3. spend the code and open the session.
    `code_needed` is False on a simulated line: an account without a second factor needs none there.
    """
    keyring, counts = database.keyring, _counts(database.keyring, attempt)
    with database.transaction() as session:
        throttle.begin_try(session, counts, now)
        staff = _account(session, keyring, attempt.email)
    right = password.matches(staff.password if staff else None, attempt.password)
    with database.transaction() as session:
        if staff is None or not right or not _second(session, staff, attempt, now, code_needed):
            _remember_refusal(session, staff, now)
            return None
        throttle.forgive(session, counts)
        proven = staff.totp_secret is not None
        cookie = sign_in.open_session(session, staff.id, now, proven=proven, how="password")
    return LetIn(cookie, mark_of(keyring, attempt.email, secrets.token_urlsafe(16)))


def mark_of(keyring: Keyring, email: str, nonce: str) -> str:
    """The mark of a browser in which this account was signed in: a nonce and its signature."""
    said = f"{_plain(email)}\0{nonce}".encode()
    key = keyring.derive("known browser")
    return f"{nonce}.{hmac.new(key, said, hashlib.sha256).hexdigest()}"


def _second(
    session: Session, staff: Staff, attempt: Attempt, now: datetime, code_needed: bool
) -> bool:
    if staff.totp_secret is None:
        return not code_needed
    return codes.spend(session, staff, attempt.code, now)


def _account(session: Session, keyring: Keyring, email: str) -> Staff | None:
    index = keyring.index(_plain(email), "staff.email")
    return session.scalar(
        select(Staff).where(Staff.email_index == index, Staff.disabled_at.is_(None))
    )


def _counts(keyring: Keyring, attempt: Attempt) -> list[Count]:
    email, nonce = _plain(attempt.email), attempt.browser.partition(".")[0]
    if hmac.compare_digest(mark_of(keyring, email, nonce).encode(), attempt.browser.encode()):
        return [Count(keyring.index(f"{email}\0{nonce}", "tries of a browser"))]
    return [
        Count(keyring.index(email, "tries at an account")),
        Count(
            keyring.index(attempt.address, "tries from an address"),
            FREE_BY_ADDRESS,
            LONGEST_WAIT_BY_ADDRESS,
        ),
    ]


def _plain(email: str) -> str:
    return email.strip().casefold()


def _remember_refusal(session: Session, staff: Staff | None, now: datetime) -> None:
    if staff is not None:
        actor = history.staff_actor(staff.id)
        history.record(session, at=now, actor=actor, action="sign-in refused", subject=actor)
