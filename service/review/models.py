"""What a person must look at."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, Encrypted, partial_index


class ReviewItem(Base):
    """One thing for staff. Nothing closes without an outcome.

    `subject` names what raised it by id ("message:12"); its text is read from there.
    """

    __tablename__ = "review_items"
    __table_args__ = (partial_index("ix_review_items_open", "due_at", where="state <> 'closed'"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(unique=True)
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("threads.id"), index=True)
    kind: Mapped[str]  # Kind
    level: Mapped[str]  # triage Level
    state: Mapped[str]  # State: open, claimed, closed
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    claimed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    claimed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]  # Outcome
    note: Mapped[str | None] = mapped_column(Encrypted("review_items.note"))
    snoozed_until: Mapped[datetime | None]
    snooze_reason: Mapped[str | None] = mapped_column(Encrypted("review_items.snooze_reason"))


class Note(Base):
    """What a member of staff wrote about a patient. Notes are added, never changed."""

    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    body: Mapped[str] = mapped_column(Encrypted("notes.body"))
    at: Mapped[datetime]
