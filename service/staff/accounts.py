"""Staff accounts: add, find, list, disable."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service import history
from service.crypto import Keyring
from service.db import changed, insert_if_new
from service.errors import BacktalkError, Conflict, NotFound
from service.staff import sign_in
from service.staff.models import Staff
from service.staff.rules import Role


class BadEmail(BacktalkError):
    """What was given is no e-mail address."""

    status = 400


def add(
    session: Session, keyring: Keyring, *, name: str, email: str, role: Role, now: datetime
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
    _remember(session, staff_id, now, "account opened", role=role)
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


def disable(session: Session, staff_id: int, now: datetime) -> None:
    """Close an account at once: its sessions end and its links die. Conflict if it was closed before."""
    closed = session.execute(
        update(Staff)
        .where(Staff.id == staff_id, Staff.disabled_at.is_(None))
        .values(disabled_at=now)
    )
    if not changed(closed):
        raise Conflict("This account is disabled already, or does not exist.")
    sign_in.sign_out_everywhere(session, staff_id, now)
    _remember(session, staff_id, now, "account disabled")


def _address(email: str) -> str:
    address = email.strip().casefold()
    name, at, host = address.rpartition("@")
    if not (name and at and host) or any(character.isspace() for character in address):
        raise BadEmail("This is no e-mail address; it looks like name@clinic.example.")
    return address


def _remember(session: Session, staff_id: int, now: datetime, action: str, **detail: str) -> None:
    history.record(
        session,
        at=now,
        actor=history.SYSTEM,
        action=action,
        subject=history.staff_actor(staff_id),
        **detail,
    )
