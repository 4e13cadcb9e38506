"""A wish for the report from the public page: one text asks whether it was meant, nothing else is sent.

Nobody learns here whether a number is known: the page answers alike whatever happens. A question that
is already open with a patient is never displaced by what a stranger types into a form.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.conversation.heard import Question
from service.conversation.models import Dialog
from service.conversation.receive import Conversation
from service.drip import enroll as program
from service.drip.rules import CHECK_IN_OPEN
from service.outbox.enqueue import enqueue
from service.outbox.models import OutboundMessage
from service.outbox.rules import Kind
from service.patients.find import lock_thread
from service.report_requests.rules import Delivery, local_day

MOST_AN_HOUR = 30
"""Confirming texts to all numbers together; beyond this somebody is playing with the form."""


@dataclass(frozen=True, slots=True)
class WebRequest:
    """What was sent by the form; `shown` holds the exact wording of each box that was ticked."""

    phone: str  # E.164
    language: str
    delivery: Delivery
    name: str
    address: str  # lines by line feeds; empty by link
    doubtful: bool
    shown_texts: str
    shown_tips: str | None  # None: the box for tips was left empty


def ask_to_confirm(conversation: Conversation, wish: WebRequest) -> None:
    """Send the confirming text, at most one a day to a number; where none may be sent, nothing."""
    now, content = conversation.clock.now(), conversation.content
    with conversation.database.transaction() as session:
        if _is_flooded(session, now):
            return
        thread, _new = lock_thread(
            session,
            conversation.database.keyring,
            wish.phone,
            language=wish.language,
            zone=content.clinic.time_zone,
            now=now,
        )
        if thread.opted_out_at is not None or _is_asked_something(session, thread.id, now):
            return
        key = "web_confirm_tips" if wish.shown_tips else "web_confirm"
        queued = enqueue(
            session,
            key=f"web:{thread.id}:{local_day(now, content.clinic).isoformat()}",
            kind=Kind.NOTICE,
            body=content.reply(key, wish.language),
            thread=thread,
            limits=conversation.limits,
            now=now,
        )
        if queued is not None:
            answers = _answers(wish)
            dialog = Dialog(
                thread_id=thread.id,
                question=Question.WEB,
                answers=answers,
                asked_at=now,
                suspended=False,
            )
            session.add(dialog)
    conversation.wake()


def _is_flooded(session: Session, now: datetime) -> bool:
    """Whether the last hour's confirming texts are as many as may be."""
    lately = select(func.count(OutboundMessage.id)).where(
        OutboundMessage.dedupe_key.startswith("web:"),
        OutboundMessage.created_at > now - timedelta(hours=1),
    )
    return (session.scalar(lately) or 0) >= MOST_AN_HOUR


def _is_asked_something(session: Session, thread_id: int, now: datetime) -> bool:
    """Whether a dialog or a check-in is open: its answer must not be taken for one to the form."""
    step = program.last_queued(session, thread_id)
    queued_at = step.queued_at if step and step.answered_at is None else None
    if queued_at is not None and now - queued_at < CHECK_IN_OPEN:
        return True
    return session.get(Dialog, thread_id) is not None


def _answers(wish: WebRequest) -> dict[str, str]:
    answers = {
        "delivery": wish.delivery,
        "name": wish.name,
        "address": wish.address,
        "shown": wish.shown_texts,
    }
    if wish.doubtful:
        answers["doubtful"] = "yes"
    if wish.shown_tips:
        answers["shown_tips"] = wish.shown_tips
    return answers
