"""One-time links and the sessions they open.

Tokens have 256 random bits, so they need no slow hash and no throttle; only their SHA-256 is stored,
so that a stolen database signs nobody in.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session

from service import history
from service.staff.models import SignInLink, Staff, StaffSession
from service.staff.rules import ABSOLUTE, IDLE, LINK_LIFE, TOUCH_EVERY, Role


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is at the screen."""

    session_id: int
    staff_id: int
    name: str
    role: Role
    seen_at: datetime
    proven: bool  # a second factor was shown


def make_link(session: Session, staff_id: int, now: datetime) -> str:
    """The token of a new link, good once and for a day. It is not kept: show it or lose it."""
    token = secrets.token_urlsafe(32)
    session.execute(
        insert(SignInLink).values(
            staff_id=staff_id, fingerprint=_fingerprint(token), expires_at=now + LINK_LIFE
        )
    )
    return token


def link_to(public_url: str, token: str) -> str:
    """Where a one-time token signs its owner in; in the fragment, which browsers never send."""
    return f"{public_url}/console/sign-in#{token}"


def use_link(session: Session, token: str, now: datetime) -> str | None:
    """Spend a link; the cookie of a new session, or None when it is unknown, used, late or barred.

    The update decides: of two browsers that open the same link at once, one gets in.
    """
    enabled = select(Staff.id).where(Staff.disabled_at.is_(None))
    staff_id = session.scalar(
        update(SignInLink)
        .where(
            SignInLink.fingerprint == _fingerprint(token),
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now,
            SignInLink.staff_id.in_(enabled),
        )
        .values(used_at=now)
        .returning(SignInLink.staff_id)
    )
    if staff_id is None:
        return None
    return open_session(session, staff_id, now, proven=False, how="link")


def open_session(session: Session, staff_id: int, now: datetime, *, proven: bool, how: str) -> str:
    """The cookie of a new session. `how` is link, password or passkey."""
    cookie = secrets.token_urlsafe(32)
    session.execute(
        insert(StaffSession).values(
            staff_id=staff_id,
            fingerprint=_fingerprint(cookie),
            started_at=now,
            seen_at=now,
            proven=proven,
        )
    )
    _remember(session, staff_id, now, "signed in", how=how)
    return cookie


def prove(session: Session, who: SignedIn, now: datetime) -> None:
    """A second factor was set up or shown in this session; the other sessions of this person end."""
    session.execute(
        update(StaffSession).where(StaffSession.id == who.session_id).values(proven=True)
    )
    end_others(session, who, now)


def is_proven(session: Session, who: SignedIn) -> bool:
    """Whether a second factor was shown in this session by now."""
    return bool(
        session.scalar(select(StaffSession.proven).where(StaffSession.id == who.session_id))
    )


def end_others(session: Session, who: SignedIn, now: datetime) -> None:
    """End every other session of this person: what they sign in with has changed (ASVS 5.0 7.4.3)."""
    session.execute(
        update(StaffSession)
        .where(
            StaffSession.staff_id == who.staff_id,
            StaffSession.id != who.session_id,
            StaffSession.ended_at.is_(None),
        )
        .values(ended_at=now)
    )


def alive(session: Session, now: datetime) -> frozenset[int]:
    """The ids of all sessions that have not ended, idled out or been barred."""
    return frozenset(
        session.scalars(
            select(StaffSession.id)
            .join(Staff, Staff.id == StaffSession.staff_id)
            .where(*_living(now))
        )
    )


def _living(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        StaffSession.ended_at.is_(None),
        StaffSession.started_at > now - ABSOLUTE,
        StaffSession.seen_at > now - IDLE,
        Staff.disabled_at.is_(None),
    )


def current(session: Session, cookie: str, now: datetime) -> SignedIn | None:
    """Who holds this cookie; None when the session has ended, idled out, or the account is disabled."""
    row = session.execute(
        select(
            StaffSession.id,
            StaffSession.seen_at,
            StaffSession.proven,
            Staff.id,
            Staff.name,
            Staff.role,
        )
        .join(Staff, Staff.id == StaffSession.staff_id)
        .where(StaffSession.fingerprint == _fingerprint(cookie), *_living(now))
    ).one_or_none()
    if row is None:
        return None
    session_id, seen_at, proven, staff_id, name, role = row
    return SignedIn(session_id, staff_id, name, Role(role), seen_at, proven)


def needs_touch(who: SignedIn, now: datetime) -> bool:
    """Whether the note of when the session was last used is old enough to be worth a write."""
    return now - who.seen_at >= TOUCH_EVERY


def touch(session: Session, who: SignedIn, now: datetime) -> None:
    """Note that a person has just used the session."""
    session.execute(
        update(StaffSession)
        .where(StaffSession.id == who.session_id, StaffSession.ended_at.is_(None))
        .values(seen_at=now)
    )


def sign_out(session: Session, who: SignedIn, now: datetime) -> None:
    """End this session."""
    session.execute(
        update(StaffSession)
        .where(StaffSession.id == who.session_id, StaffSession.ended_at.is_(None))
        .values(ended_at=now)
    )
    _remember(session, who.staff_id, now, "signed out")


def sign_out_everywhere(session: Session, staff_id: int, now: datetime) -> None:
    """End every session of this person and kill every link not yet used."""
    session.execute(
        update(StaffSession)
        .where(StaffSession.staff_id == staff_id, StaffSession.ended_at.is_(None))
        .values(ended_at=now)
    )
    session.execute(
        update(SignInLink)
        .where(SignInLink.staff_id == staff_id, SignInLink.used_at.is_(None))
        .values(used_at=now)
    )
    _remember(session, staff_id, now, "signed out everywhere")


def _fingerprint(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _remember(session: Session, staff_id: int, now: datetime, action: str, **detail: str) -> None:
    actor = history.staff_actor(staff_id)
    history.record(session, at=now, actor=actor, action=action, subject=actor, **detail)
