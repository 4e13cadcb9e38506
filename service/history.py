"""Append-only history: who did what to whom, when. Ids and codes only, never health data.

Entries are chained a little later by a job (`seal`), in the order in which they became visible: whoever
writes one never waits for anybody else. From then on an entry that is altered, removed or slipped in
between breaks the chain, which `verify` shows. What it cannot show is that the newest entries were cut
off: keep the last seal, which `backtalk doctor` prints, somewhere else.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import JSON, Table, func, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from service.db import Base, partial_index

SYSTEM = "system"
PATIENT = "patient"

SEALS = "history"
"""What the key of the chain is derived for."""


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


_APPEND = insert(cast(Table, HistoryEntry.__table__))
"""On the table itself, and built once: by way of the class it takes three times as long."""


def record(
    session: Session, *, at: datetime, actor: str, action: str, subject: str, **detail: str | int
) -> None:
    """Append one entry in the caller's transaction. `detail` holds ids and codes, nothing personal."""
    entry = {"at": at, "actor": actor, "action": action, "subject": subject, "detail": detail}
    session.execute(_APPEND, entry)


def staff_actor(staff_id: int) -> str:
    """How a staff member is named as an actor."""
    return f"staff:{staff_id}"


_SEALED = select(*HistoryEntry.__table__.columns)


@dataclass(frozen=True, slots=True)
class Chain:
    """How the chain stands: its length, its last seal, and the first place that does not hold."""

    length: int
    last: bytes
    broken_at: int | None


def seal(session: Session, key: bytes, most: int = 2000) -> int:
    """Chain the entries that are not chained yet; how many. One process at a time, the others do nothing.

    The last sealed entry is the baton: who cannot lock it, or finds another at the end after that,
    leaves the work to whoever has it. (Two that begin at once are parted by the unique `place`.)
    """
    length = _length(session)
    baton = select(HistoryEntry.seal).where(HistoryEntry.place == length)
    previous = session.scalar(baton.with_for_update(skip_locked=True)) or b""
    if (length and not previous) or _length(session) != length:
        return 0
    loose = _SEALED.where(HistoryEntry.place.is_(None)).order_by(HistoryEntry.id)
    links = []
    for place, entry in enumerate(session.execute(loose.limit(most)), length + 1):
        previous = _link(key, previous, place, entry)
        links.append({"id": entry.id, "place": place, "seal": previous})
    if links:
        session.execute(update(HistoryEntry), links)
    return len(links)


def verify(session: Session, key: bytes) -> Chain:
    """Walk the whole chain."""
    sealed = _SEALED.where(HistoryEntry.place.is_not(None)).order_by(HistoryEntry.place)
    previous, place = b"", 0
    for entry in session.execute(sealed.execution_options(yield_per=1000)):
        place += 1
        previous = _link(key, previous, place, entry)
        if entry.place != place or not hmac.compare_digest(previous, entry.seal or b""):
            return Chain(place, previous, broken_at=place)
    return Chain(place, previous, broken_at=None)


def _length(session: Session) -> int:
    return session.scalar(select(func.max(HistoryEntry.place))) or 0


def _link(key: bytes, previous: bytes, place: int, entry: Any) -> bytes:
    at = entry.at.astimezone(UTC).isoformat()
    said = [place, entry.id, at, entry.actor, entry.action, entry.subject, entry.detail]
    content = json.dumps(said, sort_keys=True).encode()
    return hmac.new(key, previous + content, hashlib.sha256).digest()
