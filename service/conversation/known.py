"""What is known of a thread when something is heard on it."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from service.conversation.heard import DialogState, Known, Question
from service.conversation.models import Dialog
from service.drip import enroll as program
from service.drip.rest import open_enrollment
from service.drip.rules import CHECK_IN_OPEN
from service.outbox.models import OutboundMessage
from service.outbox.rules import Kind as MessageKind
from service.patients.models import Thread
from service.report_requests.request import reports_of

_REPLIES = select(func.count(OutboundMessage.id)).where(
    OutboundMessage.thread_id == bindparam("thread"),
    OutboundMessage.kind == MessageKind.REPLY,
    OutboundMessage.created_at > bindparam("since"),
)


def known_of(
    session: Session,
    thread: Thread,
    dialog: Dialog | None,
    *,
    is_new: bool,
    now: datetime,
    written: datetime,
) -> Known:
    """What is known of a thread at this moment."""
    enrollment = open_enrollment(session, thread.id)
    last = program.last_queued(session, thread.id)
    sent_lately = (
        last is not None and last.queued_at is not None and (now - last.queued_at < CHECK_IN_OPEN)
    )
    lately = {"thread": thread.id, "since": now - timedelta(hours=1)}
    reports = reports_of(session, thread.id, now)
    open_one = reports.open_by_mail
    return Known(
        language=thread.language,
        is_new=is_new,
        opted_out=thread.opted_out_at is not None,
        opted_out_later=thread.opted_out_at is not None and thread.opted_out_at > written,
        flagged=thread.flagged_at is not None,
        dialog=_state(dialog) if dialog else None,
        program=enrollment.state if enrollment else None,
        paused_by=enrollment.paused_by if enrollment else None,
        check_in_open=bool(last and sent_lately and last.answered_at is None),
        more_open=last is not None,
        report_open=open_one is not None or reports.mailed is not None,
        report_to=open_one.recipient if open_one else None,
        report_address=open_one.address if open_one else None,
        last_address=reports.last_address,
        replies_last_hour=session.scalar(_REPLIES, lately) or 0,
    )


def _state(dialog: Dialog) -> DialogState:
    return DialogState(Question(dialog.question), dialog.answers, dialog.suspended)
