"""The calls that we place to staff: an alert that a key takes, and a call that a key connects.

Each step is known by the call's id and its number. What a key brings about happens once: taking what one
has taken, or connecting what was connected, changes nothing, so a repeated webhook hears the same.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.content import Content
from service.conversation.receive import Conversation
from service.conversation.voice import Gather, HangUp, Ring, Script
from service.outbox.models import OutboundMessage
from service.outbox.send import own, tried_as
from service.patients.find import main_patient
from service.patients.models import Thread
from service.review.acknowledge import Answered, acknowledge
from service.review.models import AlertNotice, CallBack

MOST_TIMES = 3
"""How often it is said while no key is pressed."""

YES = "1"

SAID = {
    Answered.TAKEN: "alert_call_taken",
    Answered.NOTED: "alert_call_taken",
    Answered.GONE: "alert_call_gone",
}

PATIENT_RINGS = 30
"""Seconds: before a mailbox takes most calls there is still time to hang up; one may leave a message."""


class Step(StrEnum):
    """What one webhook of a call to staff asks for."""

    ASK = "ask"
    DO = "do"  # the key was pressed
    LEAVE = "leave"  # it was said often enough
    OVER = "over"  # the patient's side has ended


@dataclass(frozen=True, slots=True)
class Pressed:
    """One webhook of a call to staff, parsed. `token` stands in the first one only."""

    call: str  # CallSid
    token: str
    turn: int
    keys: str
    dialled: str = ""  # DialCallStatus, after the patient was rung


def step_of(pressed: Pressed) -> Step:
    """What follows, from any state by anything that can be done. Pure."""
    if pressed.dialled:
        return Step.OVER
    if pressed.turn and pressed.keys == YES:
        return Step.DO
    return Step.LEAVE if pressed.turn >= MOST_TIMES else Step.ASK


def alert_step(line: Conversation, pressed: Pressed) -> Script:
    """What an alert says now."""
    now = line.clock.now()
    with line.database.transaction() as session:
        message = _call_of(session, pressed, now)
        notice = _notice(session, message) if message else None
        if message is None or notice is None:
            return spoken(line.content, "goodbye")
        match step_of(pressed):
            case Step.DO:
                rules = line.content.clinic.alerts
                result = acknowledge(session, notice, rules, how="call", now=now)
                return spoken(line.content, SAID[result.what])
            case Step.LEAVE | Step.OVER:
                return spoken(line.content, "alert_call_left")
        return spoken(line.content, message.body, asks=True)


def ring_step(line: Conversation, pressed: Pressed, line_number: str) -> Script:
    """What a call to be connected with a patient says now. A name is all that is said of them."""
    now = line.clock.now()
    with line.database.transaction() as session:
        message = _call_of(session, pressed, now)
        call_back = _call_back(session, message) if message else None
        thread = session.get(Thread, call_back.thread_id) if call_back else None
        if call_back is None or thread is None or thread.phone is None:
            return spoken(line.content, "goodbye")
        step = step_of(pressed)
        if step is Step.DO:
            call_back.connected_at = call_back.connected_at or now
        if step is Step.OVER:
            call_back.dialled = call_back.dialled or pressed.dialled
        return ring_script(line.content, step, _whom(session, thread), thread.phone, line_number)


def ring_script(content: Content, step: Step, whom: str, number: str, line_number: str) -> Script:
    """The words of each step of a call to be connected."""
    match step:
        case Step.DO:
            connecting = spoken(content, "ring_connecting")
            rings = Ring(number, PATIENT_RINGS, whisper=False, caller_id=line_number)
            return Script(connecting.say, connecting.language, rings)
        case Step.OVER:
            return spoken(content, "ring_over")
        case Step.LEAVE:
            return spoken(content, "ring_left")
    return spoken(content, "ring_whisper", asks=True, whom=whom)


def spoken(content: Content, key: str, *, asks: bool = False, **params: str) -> Script:
    """One line to staff, in the clinic's language; with `asks` a key is awaited."""
    language = content.clinic.languages[0]
    then = Gather(digits=1, speech=False, seconds=8) if asks else HangUp()
    return Script(((language, content.voice(key, language, **params)),), language, then)


def _call_of(session: Session, pressed: Pressed, now: datetime) -> OutboundMessage | None:
    """The call that we placed: by its token at first, by the carrier's id from then on."""
    by_call = OutboundMessage.carrier_id == pressed.call
    message = session.scalars(
        select(OutboundMessage).where(tried_as(pressed.token) if pressed.token else by_call)
    ).first()
    if message is not None and pressed.token:
        own(session, message, pressed.call, now)
    return message


def _notice(session: Session, message: OutboundMessage) -> AlertNotice | None:
    return session.scalars(
        select(AlertNotice).where(AlertNotice.call_id == message.id)
    ).one_or_none()


def _call_back(session: Session, message: OutboundMessage) -> CallBack | None:
    mine = select(CallBack).where(CallBack.outbound_id == message.id)
    return session.scalars(mine.with_for_update()).one_or_none()


def _whom(session: Session, thread: Thread) -> str:
    """Whom it is about: the name, or the end of the number where no name is known."""
    name = main_patient(session, thread.id).name
    return name or " ".join((thread.phone or "")[-4:])
