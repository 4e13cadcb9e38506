"""What staff are told when a message did not get through, or a dialog fell silent."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from service.content import Content
from service.conversation import signs_check
from service.conversation.heard import Question
from service.conversation.models import Dialog
from service.conversation.receive import Conversation
from service.outbox.enqueue import enqueue
from service.outbox.models import OutboundMessage
from service.outbox.rules import MISCONFIGURED, State
from service.outbox.rules import Kind as MessageKind
from service.outbox.send import OnTrouble
from service.patients.find import main_patient
from service.patients.models import Thread
from service.report_requests.request import keep_half_request
from service.review.flag import flag
from service.review.rules import Kind as ReviewKind
from service.triage.rules import Level

SILENCE = timedelta(days=1)
"""After this a dialog is over, and what was said goes to staff."""

NOTHING_TO_KEEP = (Question.CONSENT_TIPS, Question.WEB, *signs_check.QUESTIONS)
"""Questions whose silence leaves no half request; what a check followed upon is flagged already."""

PRESSING = (MessageKind.SAFETY, MessageKind.ADVICE)

ONE_A_DAY = timedelta(days=1)
"""An alert that fails is told of once a day: the ladder tells the next person by itself."""

_SILENT = (
    select(Dialog)
    .where(Dialog.asked_at < bindparam("before"))
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)


def report_trouble(content: Content) -> OnTrouble:
    """What the outbox calls when a message did not get through: a person is told.

    Where our own set-up is at fault they are told once a day, not for every message.
    """

    def on_trouble(session: Session, message: OutboundMessage, now: datetime) -> None:
        if message.kind == MessageKind.RING:
            return  # whoever asked for it sees it on the patient's page
        if message.kind == MessageKind.ALERT and _told_of(session, message, now):
            return
        if message.reason == MISCONFIGURED and message.kind not in PRESSING:
            flag(
                session,
                subject=f"configuration:{message.error_code}:{now.date()}",
                kind=ReviewKind.MISCONFIGURED,
                level=Level.URGENT,
                thread_id=None,
                now=now,
                clinic=content.clinic,
            )
            return
        lost = message.state == State.LOST
        flag(
            session,
            subject=f"outbound:{message.id}",
            kind=ReviewKind.UNKNOWN_SEND if lost else ReviewKind.FAILED_SEND,
            level=Level.URGENT if message.kind in PRESSING else Level.REVIEW,
            thread_id=message.thread_id,
            now=now,
            clinic=content.clinic,
        )

    return on_trouble


def _told_of(session: Session, alert: OutboundMessage, now: datetime) -> bool:
    """Whether an alert that did not get through needs no item of its own."""
    if alert.by_call:
        return True  # nobody picked up
    failed = select(OutboundMessage).where(
        OutboundMessage.kind == MessageKind.ALERT,
        OutboundMessage.state.in_((State.FAILED, State.UNDELIVERED)),
        OutboundMessage.settled_at > now - ONE_A_DAY,
        OutboundMessage.id != alert.id,
    )
    return any(earlier.to == alert.to for earlier in session.scalars(failed.limit(500)))


def end_silent_dialogs(conversation: Conversation, most: int = 200) -> int:
    """End dialogs that nobody has answered for a day; half a report request is left with staff."""
    now = conversation.clock.now()
    with conversation.database.transaction() as session:
        silent = session.scalars(_SILENT, {"before": now - SILENCE, "most": most}).all()
        for dialog in silent:
            if dialog.question not in NOTHING_TO_KEEP:
                _keep_half(session, conversation, dialog, now)
            session.execute(delete(Dialog).where(Dialog.thread_id == dialog.thread_id))
    return len(silent)


def _keep_half(session: Session, conversation: Conversation, dialog: Dialog, now: datetime) -> None:
    """Leave half a request with staff, and tell the patient so, at a permitted hour."""
    content, asked = conversation.content, dialog.asked_at.isoformat()
    keep_half_request(
        session,
        thread_id=dialog.thread_id,
        patient_id=main_patient(session, dialog.thread_id).id,
        recipient=dialog.answers.get("name"),
        address=dialog.answers.get("address"),
        now=now,
    )
    flag(
        session,
        subject=f"dialog:{dialog.thread_id}:{asked}",
        kind=ReviewKind.HALF_REQUEST,
        level=Level.REVIEW,
        thread_id=dialog.thread_id,
        now=now,
        clinic=content.clinic,
    )
    thread = session.get_one(Thread, dialog.thread_id)
    enqueue(
        session,
        key=f"dialog:{dialog.thread_id}:{asked}",
        kind=MessageKind.NOTICE,
        body=content.reply("dialog_expired", thread.language),
        thread=thread,
        limits=conversation.limits,
        now=now,
    )
