"""Threads (a telephone number and all that is said on it), the patients reached there, consents."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, Encrypted


class Thread(Base):
    """One telephone number. A hidden caller has a thread without one.

    The row is the lock of the conversation: whoever handles something for this number holds it.
    """

    __tablename__ = "threads"

    id: Mapped[int] = mapped_column(primary_key=True)
    phone: Mapped[str | None] = mapped_column(Encrypted("threads.phone"))
    phone_index: Mapped[bytes | None] = mapped_column(unique=True)
    language: Mapped[str]
    zone: Mapped[str]  # IANA name, from the number, else the clinic's
    address_zone: Mapped[str | None]  # IANA name, from the ZIP of a postal address
    opened_at: Mapped[datetime]
    opted_out_at: Mapped[datetime | None]
    flagged_at: Mapped[datetime | None]  # an urgent or emergency flag is open: the program rests
    textable: Mapped[bool]  # False once the carrier has said that texts cannot arrive
    by_call: Mapped[bool] = mapped_column(default=False, server_default=false())  # tips by call
    line_type: Mapped[str | None]  # what the carrier's look-up says: mobile, landline, ...
    erased_at: Mapped[datetime | None]  # what hung on it was erased: it has no number any more


class Patient(Base):
    """A person reached at a thread's number; a household's phone may have several."""

    __tablename__ = "patients"

    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), index=True)
    name: Mapped[str | None] = mapped_column(Encrypted("patients.name"))
    created_at: Mapped[datetime]


class Consent(Base):
    """Append-only. One opt-out stops texts and calls; kept for ten years (Virginia SB 1339)."""

    __tablename__ = "consents"
    __table_args__ = (Index(None, "thread_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"))
    purpose: Mapped[str]  # Purpose
    granted: Mapped[bool]
    how: Mapped[str]  # Means: text, key, speech, web, staff, carrier
    shown: Mapped[str | None] = mapped_column(Encrypted("consents.shown"))
    answered: Mapped[str | None] = mapped_column(Encrypted("consents.answered"))
    at: Mapped[datetime]
