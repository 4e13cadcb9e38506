"""A call that alerts staff: what it says, and the key that takes what waits.

Each step is known by the call's id and its number; taking what one has taken already changes nothing, so
a repeated webhook hears the same.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.conversation.receive import Conversation
from service.conversation.voice import Gather, HangUp, Script
from service.outbox.models import OutboundMessage
from service.outbox.send import own
from service.review.acknowledge import Answered, acknowledge
from service.review.models import AlertNotice

MOST_TIMES = 3
"""How often it is said while no key is pressed."""

TAKE = "1"

SAID = {
    Answered.TAKEN: "alert_call_taken",
    Answered.NOTED: "alert_call_taken",
    Answered.GONE: "alert_call_gone",
}


@dataclass(frozen=True, slots=True)
class Pressed:
    """One webhook of a call to staff, parsed. `token` stands in the first one only."""

    call: str  # CallSid
    token: str
    turn: int
    keys: str


def alert_step(line: Conversation, pressed: Pressed) -> Script:
    """What is said now; only an answer that asks for a key goes on to the next step."""
    now = line.clock.now()
    with line.database.transaction() as session:
        message = call_of(session, pressed, now)
        notice = _notice(session, message) if message else None
        if message is None or notice is None:
            return spoken(line, "goodbye")
        if pressed.turn and pressed.keys == TAKE:
            rules = line.content.clinic.alerts
            result = acknowledge(session, notice, rules, how="call", now=now)
            return spoken(line, SAID[result.what])
        if pressed.turn >= MOST_TIMES:
            return spoken(line, "alert_call_left")
        return spoken(line, message.body, asks=True)


def call_of(session: Session, pressed: Pressed, now: datetime) -> OutboundMessage | None:
    """The call that we placed: by its token at first, by the carrier's id from then on."""
    by_token = OutboundMessage.token == pressed.token
    by_call = OutboundMessage.carrier_id == pressed.call
    message = session.scalars(
        select(OutboundMessage).where(by_token if pressed.token else by_call)
    ).first()
    if message is not None and pressed.token:
        own(session, message, pressed.call, now)
    return message


def spoken(line: Conversation, key: str, *, asks: bool = False, **params: str) -> Script:
    """One line to staff, in the clinic's language; with `asks` a key is awaited."""
    language = line.content.clinic.languages[0]
    words = line.content.voice(key, language, **params)
    then = Gather(digits=1, speech=False, seconds=8) if asks else HangUp()
    return Script(((language, words),), language, then)


def _notice(session: Session, message: OutboundMessage) -> AlertNotice | None:
    return session.scalars(
        select(AlertNotice).where(AlertNotice.call_id == message.id)
    ).one_or_none()
