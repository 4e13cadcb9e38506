"""Staff accounts: add, find, list, disable."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from service import history
from service.crypto import Keyring
from service.db import changed, insert_if_new
from service.errors import BacktalkError, Conflict, NotFound
from service.staff import codes, passkeys, sign_in
from service.staff.models import Staff, StaffSession
from service.staff.rules import Role


class BadEmail(BacktalkError):
    """What was given is no e-mail address."""

    status = 400


def add(
    session: Session,
    keyring: Keyring,
    *,
    name: str,
    email: str,
    role: Role,
    now: datetime,
    actor: str = history.SYSTEM,
) -> Staff:
    """Open an account. Conflict when the address has one already; BadEmail when it is no address."""
    address = _address(email)
    staff_id = insert_if_new(
        session,
        Staff,
        name=name.strip(),
        email=address,
        email_index=keyring.index(address, "staff.email"),
        role=role,
        created_at=now,
    )
    if staff_id is None:
        raise Conflict("There is an account with this e-mail address already.")
    _remember(session, staff_id, now, "account opened", actor, role=role)
    return session.get_one(Staff, staff_id)


def find(session: Session, keyring: Keyring, email: str) -> Staff:
    """The account with this address, disabled or not; NotFound when there is none."""
    index = keyring.index(_address(email), "staff.email")
    staff = session.scalar(select(Staff).where(Staff.email_index == index))
    if staff is None:
        raise NotFound("There is no account with this e-mail address.")
    return staff


def people(session: Session) -> Sequence[Staff]:
    """All accounts, oldest first, disabled ones included."""
    return session.scalars(select(Staff).order_by(Staff.id)).all()


def names(session: Session) -> Mapping[int, str]:
    """What every member of staff is called, by id."""
    return {staff.id: staff.name for staff in people(session)}


def colleagues(session: Session, staff_id: int) -> Mapping[int, str]:
    """Everybody else with an open account, by id."""
    return {
        person.id: person.name
        for person in people(session)
        if person.id != staff_id and person.disabled_at is None
    }


def last_seen(session: Session) -> Mapping[int, datetime]:
    """When each person last used the console, by id."""
    used = select(StaffSession.staff_id, func.max(StaffSession.seen_at))
    return {row[0]: row[1] for row in session.execute(used.group_by(StaffSession.staff_id))}


def first_admin(session: Session, keyring: Keyring, now: datetime) -> tuple[Staff, bool]:
    """The oldest admin who may sign in, and whether the account was made just now for want of one."""
    admin = session.scalar(
        select(Staff)
        .where(Staff.role == Role.ADMIN, Staff.disabled_at.is_(None))
        .order_by(Staff.id)
        .limit(1)
    )
    if admin is not None:
        return admin, False
    email = f"admin-{len(people(session)) + 1}@localhost"
    return add(session, keyring, name="Administrator", email=email, role=Role.ADMIN, now=now), True


def reset(session: Session, staff_id: int, now: datetime, actor: str = history.SYSTEM) -> str:
    """Let nothing open this account any more but the new link whose token is returned.

    For whoever has lost their phone, or thinks that somebody else knows their password.
    """
    session.execute(
        update(Staff)
        .where(Staff.id == staff_id)
        .values(password=None, totp_secret=None, totp_pending=None, totp_step=None)
    )
    codes.forget_recovery_codes(session, staff_id)
    passkeys.forget(session, staff_id)
    sign_in.sign_out_everywhere(session, staff_id, now)
    _remember(session, staff_id, now, "account reset", actor)
    return sign_in.make_link(session, staff_id, now)


def change_role(session: Session, staff_id: int, role: Role, now: datetime, actor: str) -> None:
    """Let somebody do more, or less; they have to sign in again (ASVS 5.0 7.4.3)."""
    session.execute(update(Staff).where(Staff.id == staff_id).values(role=role))
    sign_in.sign_out_everywhere(session, staff_id, now)
    _remember(session, staff_id, now, "role changed", actor, role=role)


def open_again(session: Session, staff_id: int, now: datetime, actor: str) -> str:
    """Open a closed account again, as after a reset; the token of its new link."""
    session.execute(update(Staff).where(Staff.id == staff_id).values(disabled_at=None))
    return reset(session, staff_id, now, actor)


def disable(session: Session, staff_id: int, now: datetime, actor: str = history.SYSTEM) -> None:
    """Close an account at once: its sessions end and its links die. Conflict if it was closed before."""
    closed = session.execute(
        update(Staff)
        .where(Staff.id == staff_id, Staff.disabled_at.is_(None))
        .values(disabled_at=now)
    )
    if not changed(closed):
        raise Conflict("This account is disabled already, or does not exist.")
    sign_in.sign_out_everywhere(session, staff_id, now)
    _remember(session, staff_id, now, "account disabled", actor)


def _address(email: str) -> str:
    address = email.strip().casefold()
    name, at, host = address.rpartition("@")
    if not (name and at and host) or any(character.isspace() for character in address):
        raise BadEmail("This is no e-mail address; it looks like name@clinic.example.")
    return address


def _remember(
    session: Session, staff_id: int, now: datetime, action: str, actor: str, **detail: str
) -> None:
    subject = history.staff_actor(staff_id)
    history.record(session, at=now, actor=actor, action=action, subject=subject, **detail)
