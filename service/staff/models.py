"""People with an account, their one-time sign-in links, their sessions, and when they are on duty."""

from datetime import date, datetime, time

from sqlalchemy import BigInteger, ForeignKey, false
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, Encrypted, partial_index


class Staff(Base):
    """One person of the clinic."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Encrypted("staff.name"))
    email: Mapped[str] = mapped_column(Encrypted("staff.email"))
    email_index: Mapped[bytes] = mapped_column(unique=True)
    role: Mapped[str]  # Role
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    password: Mapped[str | None] = mapped_column(Encrypted("staff.password"))  # argon2id
    totp_secret: Mapped[str | None] = mapped_column(Encrypted("staff.totp_secret"))
    totp_pending: Mapped[str | None] = mapped_column(Encrypted("staff.totp_pending"))
    totp_step: Mapped[int | None]  # the last one used: a code works once
    mobile: Mapped[str | None] = mapped_column(Encrypted("staff.mobile"))  # E.164: alerts go here
    mobile_index: Mapped[bytes | None] = mapped_column(unique=True)


class Duty(Base):
    """Who is on duty, every week on a weekday or once on a date; times are the clinic's local ones.

    One that ends at or before it starts lasts until the next morning. What stands on a date replaces
    that weekday's.
    """

    __tablename__ = "duties"

    id: Mapped[int] = mapped_column(primary_key=True)
    weekday: Mapped[int | None]  # 0 is Monday; None where `on_date` is set
    on_date: Mapped[date | None]
    starts: Mapped[time]
    ends: Mapped[time]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    backup_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class SignInLink(Base):
    """A link that signs its owner in once. Only a fingerprint of its token is stored."""

    __tablename__ = "sign_in_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    fingerprint: Mapped[bytes] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class StaffSession(Base):
    """A signed-in browser. Only a fingerprint of the cookie is stored."""

    __tablename__ = "staff_sessions"
    __table_args__ = (partial_index("ix_staff_sessions_open", "seen_at", where="ended_at IS NULL"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    fingerprint: Mapped[bytes] = mapped_column(unique=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    proven: Mapped[bool] = mapped_column(server_default=false())  # a second factor was shown


class RecoveryCode(Base):
    """A code for whoever has lost their phone; it works once. Only a fingerprint is stored."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    fingerprint: Mapped[bytes] = mapped_column(unique=True)
    used_at: Mapped[datetime | None]


class Passkey(Base):
    """A WebAuthn credential. The private half never leaves the device."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(Encrypted("passkeys.name"))
    added_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SpentChallenge(Base):
    """A passkey's challenge that was answered: an answer works once."""

    __tablename__ = "spent_challenges"

    id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(unique=True)
    at: Mapped[datetime] = mapped_column(index=True)


class SignInTry(Base):
    """A try to sign in by password that did not go well, by keyed fingerprint of who tried."""

    __tablename__ = "sign_in_tries"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[bytes] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(index=True)
