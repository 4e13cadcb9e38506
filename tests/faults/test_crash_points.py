"""A process dies at every write boundary there is, one after the other, and nothing is lost or doubled."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text

from service.clock import FixedClock
from service.config import Settings
from service.conversation.models import Event, EventState, InboundMessage
from service.crypto import Keyring
from service.db import all_tables
from service.house import House, build
from service.outbox.models import OutboundMessage
from service.outbox.rules import Kind, State
from service.review.models import ReviewItem
from tests.faults.crash_points import STORY, Telling, crashing
from tests.pure_answers import remember_pure_answers

START = datetime(2026, 11, 30, 17, 0, tzinfo=UTC)  # a Monday noon in Virginia
ON_CALL = "+18045550190"

STRIDE = 1 if "EVERY_BOUNDARY" in os.environ else 5
"""On PostgreSQL every fifth boundary in an ordinary run of the tests; with EVERY_BOUNDARY set, every one."""


@pytest.fixture
def house(settings: Settings, keyring: Keyring, memory: Path) -> Iterator[House]:
    built = build(settings, FixedClock(START))
    alerts = built.content.clinic.alerts.model_copy(update={"numbers": (ON_CALL,)})
    clinic = built.content.clinic.model_copy(update={"alerts": alerts})
    content = built.content.model_copy(update={"clinic": clinic})
    remember_pure_answers()
    ready = crashing(built, keyring, memory / "spool")
    yield replace(
        ready,
        content=content,
        conversation=replace(ready.conversation, content=content),
        drip=replace(ready.drip, content=content),
    )
    ready.database.close()


def tell(house: House, at: int | None) -> Telling:
    """The story on an empty database."""
    with house.database.transaction() as session:
        for table in reversed(all_tables()):
            session.execute(text(f"DELETE FROM {table}"))
    shutil.rmtree(house.spool.folder, ignore_errors=True)
    clock = house.clock
    assert isinstance(clock, FixedClock)
    clock.moment = START
    telling = Telling(house, clock, at)
    telling.tell()
    return telling


def faults(telling: Telling) -> list[str]:
    """What is not as it should be; empty when nothing is."""
    house = telling.house
    with house.database.reading() as session:
        events = {e.carrier_id: e for e in session.scalars(select(Event))}
        handled = Counter(session.scalars(select(InboundMessage.event_id)))
        rows = session.scalars(select(OutboundMessage)).all()
        shown = set(session.scalars(select(ReviewItem.subject)))
    found = [] if house.spool.is_empty() else ["something is left on disk"]
    for each in telling.carrier.inbound:
        event = events.get(each.heard.carrier_id)
        if event is None or event.state != EventState.HANDLED or handled[event.id] != 1:
            found.append(f"{each.heard.body!r} was not taken in once")
    copies = Counter((sent.to, sent.body) for _, sent, _ in telling.carrier.sent)
    for row in rows:
        count, known_lost = copies[(row.to, row.body)], f"outbound:{row.id}" in shown
        if row.state in (State.SENDING, State.UNKNOWN, State.QUEUED) and row.kind != Kind.TIP:
            found.append(f"a {row.kind} is still {row.state}")
        if (
            count > sum((r.to, r.body) == (row.to, row.body) for r in rows)
            and row.kind != Kind.ALERT
        ):
            found.append(f"a {row.kind} went out {count} times")
        if row.state == State.LOST and not known_lost:
            found.append(f"a {row.kind} is lost and nobody knows")
    return found


def test_at_every_boundary(house: House) -> None:
    whole = tell(house, None)
    assert faults(whole) == []
    assert len(set(whole.points.names)) == 8
    assert sum(what.startswith("text") for what, _ in STORY) == len(whole.carrier.inbound)
    places = list(enumerate(whole.points.names))
    broken = {
        f"{place} ({name})": found
        for place, name in (places if house.database.embedded else places[::STRIDE])
        if (found := faults(tell(house, place)))
    }
    assert broken == {}
