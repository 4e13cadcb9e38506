"""Find everything that hangs on one thread, table by table, by the foreign keys.

Tables are found by walking the schema, so that one that is added later is exported and erased too.
"""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Table, or_, select
from sqlalchemy.orm import Session

from service.conversation.models import Event, InboundMessage
from service.crypto import Keyring
from service.db import Base
from service.errors import BacktalkError, NotFound
from service.patients.find import thread_of
from service.patients.models import Thread
from service.phone import to_e164

THREADS = Base.metadata.tables[Thread.__tablename__]

SUBJECTS = {
    "threads": "thread",
    "review_items": "review",
    "report_requests": "request",
    "recordings": "recording",
    "events": "event",
}
"""What the history calls a row of each table."""


class BadNumber(BacktalkError):
    """What was given is no telephone number."""

    status = 400


def thread_of_number(session: Session, keyring: Keyring, text: str) -> Thread:
    """The thread of a number however it is written; BadNumber or NotFound says why there is none."""
    number = to_e164(text)
    if number is None:
        raise BadNumber("This is no telephone number; it looks like +18045550123.")
    thread = thread_of(session, keyring, number)
    if thread is None:
        raise NotFound("Nothing is held on this number.")
    return thread


def held_by(session: Session, thread: Thread) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Each table with rows that may belong to the thread, and the condition that selects them."""
    for table in Base.metadata.sorted_tables:
        if table.name == Event.__tablename__:
            yield table, table.c.id.in_(events_of(session, thread))
        elif (belongs := _belongs(table, thread.id)) is not None:
            yield table, belongs


def events_of(session: Session, thread: Thread) -> list[int]:
    """The ids of the carrier's webhooks about this number: those that became a message, and others."""
    told = select(InboundMessage.event_id).where(InboundMessage.thread_id == thread.id)
    ids = list(session.scalars(told))
    if thread.phone is not None:
        others = select(Event).outerjoin(InboundMessage).where(InboundMessage.id.is_(None))
        ids += [event.id for event in session.scalars(others) if _names(event, thread.phone)]
    return ids


def _names(event: Event, phone: str) -> bool:
    return any(value == phone for _name, value in event.raw)


def _belongs(table: Table, thread_id: int) -> ColumnElement[bool] | None:
    """The rows of `table` whose foreign keys lead to the thread; None when none can."""
    if table is THREADS:
        return table.c.id == thread_id
    ways = [
        key.parent.in_(select(key.column).where(parents))
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name)
        if key.column.table is not table
        and (parents := _belongs(key.column.table, thread_id)) is not None
    ]
    return or_(*ways) if ways else None
