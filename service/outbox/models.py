"""Everything that leaves: one row, one natural key, one way out."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, Encrypted, partial_index


class OutboundMessage(Base):
    """A text to a patient or to staff, from the decision to send it until its fate is known."""

    __tablename__ = "outbound_messages"
    __table_args__ = (
        partial_index(
            "ix_outbound_messages_due", "priority", "not_before", "id", where="state = 'queued'"
        ),
        partial_index(
            "ix_outbound_messages_unsettled", "lease_until", where="lease_until IS NOT NULL"
        ),
        partial_index("ix_outbound_messages_held", "reason", where="state = 'held'"),
        partial_index(
            "ix_outbound_messages_overtaken",
            "overtaken_token",
            where="overtaken_token IS NOT NULL",
        ),
        partial_index(
            "ix_outbound_messages_left",
            "handed_over_at",
            "by_call",
            where="handed_over_at IS NOT NULL",
        ),
        Index("ix_outbound_messages_thread_id", "thread_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(unique=True)  # ids and ISO dates, nothing personal
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("threads.id"))  # None: to staff
    staff_id: Mapped[int | None] = mapped_column(
        ForeignKey("staff.id")
    )  # who wrote it, if a person
    to: Mapped[str] = mapped_column(Encrypted("outbound_messages.to"))
    kind: Mapped[str]  # Kind
    by_call: Mapped[bool] = mapped_column(default=False, server_default=false())
    body: Mapped[str] = mapped_column(Encrypted("outbound_messages.body"))
    priority: Mapped[int]
    state: Mapped[str]  # State
    reason: Mapped[str | None]  # why it was refused, held or suppressed: a word, not a text
    created_at: Mapped[datetime]
    not_before: Mapped[datetime]
    attempts: Mapped[int]
    token: Mapped[str | None] = mapped_column(
        unique=True
    )  # opaque, of the last attempt; stands in the receipt URL
    overtaken_token: Mapped[str | None]  # of the one before, whose fate nobody knew
    lease_until: Mapped[
        datetime | None
    ]  # sending: until then somebody is at it; unknown: next look
    handed_over_at: Mapped[datetime | None]  # when the carrier was (last) called
    carrier_id: Mapped[str | None] = mapped_column(unique=True)
    error_code: Mapped[int | None]
    settled_at: Mapped[datetime | None]


class Post(Base):
    """A few words to the clinic's other channels (e-mail, a chat): free of health data, told at least once."""

    __tablename__ = "posts"
    __table_args__ = (partial_index("ix_posts_waiting", "next_try", where="told_at IS NULL"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    says: Mapped[str]
    created_at: Mapped[datetime]
    next_try: Mapped[datetime]
    attempts: Mapped[int]
    told_at: Mapped[datetime | None]


class Restore(Base):
    """A backup was put back. Until `released_at` nothing leaves."""

    __tablename__ = "restores"

    id: Mapped[int] = mapped_column(primary_key=True)
    backed_up_at: Mapped[datetime]
    restored_at: Mapped[datetime]
    released_at: Mapped[datetime | None]


class Echo(Base):
    """A text that had left after the backup: by the carrier's list, not by ours. Deleted when matched."""

    __tablename__ = "echoes"

    id: Mapped[int] = mapped_column(primary_key=True)
    carrier_id: Mapped[str] = mapped_column(unique=True)
    fingerprint: Mapped[bytes] = mapped_column(index=True)
