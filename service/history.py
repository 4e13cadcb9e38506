"""Append-only history: who did what to whom, when. Ids and codes only, never health data."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from service.db import Base, partial_index

SYSTEM = "system"
PATIENT = "patient"


class HistoryEntry(Base):
    """One thing that was done. Rows are never changed or deleted."""

    __tablename__ = "history"
    __table_args__ = (partial_index("ix_history_unsealed", "id", where="place IS NULL"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]  # "system", "patient" or "staff:<id>"
    action: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)  # "thread:<id>", "review:<id>", ...
    detail: Mapped[Any] = mapped_column(JSON)
    place: Mapped[int | None] = mapped_column(unique=True)  # in the chain, once it is sealed
    seal: Mapped[bytes | None]


def record(
    session: Session, *, at: datetime, actor: str, action: str, subject: str, **detail: str | int
) -> None:
    """Append one entry in the caller's transaction. `detail` holds ids and codes, nothing personal."""
    session.execute(
        insert(HistoryEntry).values(
            at=at, actor=actor, action=action, subject=subject, detail=detail
        )
    )


def staff_actor(staff_id: int) -> str:
    """How a staff member is named as an actor."""
    return f"staff:{staff_id}"
