"""What a person must look at, and who is told of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
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


class Alert(Base):
    """The ladder of one urgent or emergency item: which rung is next, and when."""

    __tablename__ = "alerts"
    __table_args__ = (partial_index("ix_alerts_due", "due_at", where="due_at IS NOT NULL"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(
        ForeignKey("review_items.id", ondelete="CASCADE"), unique=True
    )
    started_at: Mapped[datetime]
    rung: Mapped[int]  # the next to climb
    due_at: Mapped[datetime | None]  # None once the item is closed
    rests_until: Mapped[datetime | None]  # somebody is at it, or a next try was agreed
    last_rung_at: Mapped[datetime | None]  # when everybody was told, first
    acknowledged_at: Mapped[datetime | None]  # the first time
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class AlertNotice(Base):
    """One alert to one phone: which items it tells of, and the code that takes them."""

    __tablename__ = "alert_notices"
    __table_args__ = (Index("ix_alert_notices_phone", "number_index", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: [alerts] numbers
    number_index: Mapped[bytes]
    code: Mapped[str]
    items: Mapped[Any] = mapped_column(JSON)  # ids of review items
    at: Mapped[datetime]
    text_id: Mapped[int | None] = mapped_column(ForeignKey("outbound_messages.id"))
    call_id: Mapped[int | None] = mapped_column(ForeignKey("outbound_messages.id"), unique=True)


class CallBack(Base):
    """One try to ring a patient back, and what came of it. Nothing is forgotten while `outcome` is open."""

    __tablename__ = "call_backs"
    __table_args__ = (Index("ix_call_backs_thread_id", "thread_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    outbound_id: Mapped[int | None] = mapped_column(  # None: rung by other means than the line
        ForeignKey("outbound_messages.id"), unique=True
    )
    connected_at: Mapped[datetime | None]  # when the key was pressed
    dialled: Mapped[str | None]  # what became of the patient's side: completed, no-answer, ...
    outcome: Mapped[str | None]  # Outcome
    note: Mapped[str | None] = mapped_column(Encrypted("call_backs.note"))
    next_try_at: Mapped[datetime | None]
