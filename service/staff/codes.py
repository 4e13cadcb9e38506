"""The second factor by code: six digits from an app (TOTP, RFC 6238), or one of ten recovery codes."""

import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp
from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from service.db import changed
from service.staff.models import RecoveryCode, Staff

STEP = 30  # seconds, RFC 6238
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # none that are read as another


def begin(session: Session, staff_id: int) -> str:
    """A new secret for an app, in base32. It counts only once `confirm` has seen a code of it."""
    secret = pyotp.random_base32()
    session.execute(update(Staff).where(Staff.id == staff_id).values(totp_pending=secret))
    return secret


def address_of(secret: str, email: str, issuer: str) -> str:
    """What an app reads from the QR picture (otpauth://)."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def confirm(session: Session, staff: Staff, code: str, now: datetime) -> list[str] | None:
    """Take the pending secret into use; the recovery codes, shown once, or None when the code is wrong."""
    if staff.totp_pending is None or (step := _step(staff.totp_pending, code, now)) is None:
        return None
    staff.totp_secret, staff.totp_pending, staff.totp_step = staff.totp_pending, None, step
    return new_recovery_codes(session, staff.id)


def spend(session: Session, staff: Staff, code: str, now: datetime) -> bool:
    """Whether the code is right, from the app or the recovery list. Each works once (RFC 6238, 5.2)."""
    code = code.replace(" ", "").replace("-", "").casefold()
    if staff.totp_secret and (step := _step(staff.totp_secret, code, now)) is not None:
        newer = or_(Staff.totp_step.is_(None), Staff.totp_step < step)
        spent = update(Staff).where(Staff.id == staff.id, newer).values(totp_step=step)
        return bool(changed(session.execute(spent)))
    unused = update(RecoveryCode).where(
        RecoveryCode.staff_id == staff.id,
        RecoveryCode.fingerprint == _fingerprint(code),
        RecoveryCode.used_at.is_(None),
    )
    return bool(changed(session.execute(unused.values(used_at=now))))


def new_recovery_codes(session: Session, staff_id: int) -> list[str]:
    """Ten new codes of 49 random bits; those given before stop working. Shown once, kept as fingerprints."""
    forget_recovery_codes(session, staff_id)
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    rows = [{"staff_id": staff_id, "fingerprint": _fingerprint(code)} for code in codes]
    session.execute(insert(RecoveryCode), rows)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def forget_recovery_codes(session: Session, staff_id: int) -> None:
    """Let none of the codes work any more."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))


def recovery_codes_left(session: Session, staff_id: int) -> int:
    """How many recovery codes were not used yet."""
    left = select(func.count(RecoveryCode.id)).where(
        RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None)
    )
    return session.scalar(left) or 0


def _step(secret: str, code: str, now: datetime) -> int | None:
    """The time step that a code belongs to: this one, the one before or the next; None for a wrong code."""
    app, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP
    for step in (present, present - 1, present + 1):
        if hmac.compare_digest(app.at(step * STEP).encode(), code.strip().encode()):
            return step
    return None


def _fingerprint(code: str) -> bytes:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).digest()
