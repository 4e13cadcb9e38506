"""What is known of who is on the telephone."""

from datetime import datetime

from sqlalchemy.orm import Session

from service.content import Clinic, Content
from service.conversation.heard import Known
from service.conversation.models import Call
from service.conversation.voice import Caller, Tip
from service.drip import enroll as program
from service.outbox.models import OutboundMessage
from service.outbox.rules import Kind
from service.patients.models import Thread
from service.review.rules import WEEKDAYS

TEXTLESS = ("landline", "tollFree", "premium", "pager", "voicemail", "sharedCost", "uan")
"""Types of line that no text reaches (Twilio Lookup, line_type_intelligence); VoIP often takes texts."""


def caller_of(
    session: Session,
    content: Content,
    thread: Thread,
    call: Call,
    known: Known,
    language: str,
    now: datetime,
) -> Caller:
    """Whom we speak with, and whom they can be connected to at this moment."""
    clinic = content.clinic
    return Caller(
        known=known,
        has_number=thread.phone_index is not None,
        texts=takes_texts(thread),
        desk=clinic.calls.desk_number if is_open(clinic, now) else "",
        desk_seconds=clinic.calls.desk_seconds,
        on_call=clinic.on_call.number,
        tip=_tip(session, content, thread, call, language),
        news=_news(session, call),
    )


def takes_texts(thread: Thread) -> bool:
    """Whether texts to this number can be taken to arrive."""
    return thread.phone_index is not None and thread.textable and thread.line_type not in TEXTLESS


def is_open(clinic: Clinic, now: datetime) -> bool:
    """Whether the front desk answers at `now`."""
    local = now.astimezone(clinic.zone)
    hours = clinic.hours.get(WEEKDAYS[local.weekday()])
    if hours is None or local.date() in clinic.holidays:
        return False
    return hours.open <= local.time() < hours.close


def _news(session: Session, call: Call) -> str:
    """What we ring to say about the report; empty for a tip, and when they rang us."""
    if call.outbound_id is None:
        return ""
    outbound = session.get_one(OutboundMessage, call.outbound_id)
    return outbound.body if outbound.kind == Kind.NOTICE else ""


def _tip(
    session: Session, content: Content, thread: Thread, call: Call, language: str
) -> Tip | None:
    """The tip we ring for, else the last one that was sent."""
    if call.outbound_id is not None:
        outbound = session.get_one(OutboundMessage, call.outbound_id)
        step_id = outbound.dedupe_key.rsplit(":", 1)[-1]
    else:
        last = program.last_queued(session, thread.id)
        if last is None:
            return None
        step_id = last.step
    for step in content.program(language).steps:
        if step.id == step_id:
            return Tip(step.spoken, step.more, step.check_in is not None)
    return None
