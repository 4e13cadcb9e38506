"""Take in what never reached us: the carrier's own list of the line's texts, held against ours.

A webhook that fails is not repeated by the carrier for long, so what came while we were down is fetched:
at every start, and every few minutes from two days before the last known point on. What we lack is received
exactly as if it had arrived, with the time at which it was written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import select

from service.content import Content
from service.conversation.gaps import note_gap
from service.conversation.heard import Heard
from service.conversation.models import Event
from service.conversation.receive import Conversation, receive
from service.conversation.understand import intents_of
from service.heartbeat import beat, last_beat

FIRST_LOOK = "first look at the carrier's list"
LAST_LOOK = "last look at the carrier's list"

OVERLAP = timedelta(hours=48)
"""How far before the last known point we look, so that a clock that was wrong hides nothing.

The carrier's list is asked by the day anyway, so this costs little.
"""

ON_ITS_WAY = timedelta(seconds=60)
"""Younger texts may still come by webhook: the next round looks at them again."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A text to the line, as the carrier's list has it, and when it came there."""

    heard: Heard
    at: datetime


class Inbox(Protocol):
    """The carrier's list of what came to the line. Never raises for what carrier or network do."""

    def texts_since(self, since: datetime) -> Sequence[Listed] | None:
        """Every text to the line from `since` (UTC) on, or earlier; None when it could not be asked."""
        ...


def take_in_missed(conversation: Conversation, inbox: Inbox) -> int:
    """Receive every text that the carrier has and we do not; how many were taken in.

    1. what is missing is put before staff (a crash in step 2 leaves it missing: the next round goes on);
    2. each is received, in the order in which they were written;
    3. the point from which the next round looks moves on.
    On the first start ever nothing is looked for: what was before us is not ours to answer.
    """
    now = conversation.clock.now()
    since = _since(conversation, now)
    if since is None:
        return 0
    listed = inbox.texts_since(since)
    if listed is None:
        return 0
    missed = _missed(conversation, listed, since, now)
    if missed:
        with conversation.database.transaction() as session:
            note_gap(session, conversation, [each.at for each in missed], (), now)
    for each in missed:
        receive(conversation, in_its_place(each, listed, conversation.content), each.at)
    with conversation.database.transaction() as session:
        beat(session, LAST_LOOK, now)
    return len(missed)


def in_its_place(each: Listed, listed: Sequence[Listed], content: Content) -> Heard:
    """What was heard, and whether its sender has opted out since, by the list in which it stands.

    The carrier's clock has dated both. Ours may have been wrong when we noted the opt-out.
    """
    since = (other.heard for other in listed if other.at > each.at)
    later = (heard.body for heard in since if heard.sender == each.heard.sender)
    opted_out = any("opt_out" in intents_of(body, content) for body in later)
    return replace(each.heard, taken_back=opted_out)


def _since(conversation: Conversation, now: datetime) -> datetime | None:
    """From when on to look; None on the first start ever, which is remembered."""
    with conversation.database.reading() as session:
        first, last = last_beat(session, FIRST_LOOK), last_beat(session, LAST_LOOK)
    if first is None:
        with conversation.database.transaction() as session:
            beat(session, FIRST_LOOK, now)
            beat(session, LAST_LOOK, now)
        return None
    return max(first, min(last or first, now) - OVERLAP)


def _missed(
    conversation: Conversation, listed: Sequence[Listed], since: datetime, now: datetime
) -> list[Listed]:
    """What is in the list and not among our events, oldest first."""
    in_time = [each for each in listed if since <= each.at <= now - ON_ITS_WAY]
    with conversation.database.reading() as session:
        known = set(
            session.scalars(
                select(Event.carrier_id).where(
                    Event.carrier_id.in_([each.heard.carrier_id for each in in_time])
                )
            )
        )
    missing = (each for each in in_time if each.heard.carrier_id not in known)
    return sorted(missing, key=lambda each: each.at)
