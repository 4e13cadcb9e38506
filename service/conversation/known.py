"""What is known of a thread when something is heard on it."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.conversation.heard import DialogState, Known, Question
from service.conversation.models import (
    Dialog,
)
from service.drip import enroll as program
from service.drip.rest import open_enrollment
from service.drip.rules import CHECK_IN_OPEN
from service.outbox.models import OutboundMessage
from service.outbox.rules import Kind as MessageKind
from service.patients.models import Thread
from service.report_requests.request import last_address, mailed_lately, open_by_mail


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
    replies = select(func.count(OutboundMessage.id)).where(
        OutboundMessage.thread_id == thread.id,
        OutboundMessage.kind == MessageKind.REPLY,
        OutboundMessage.created_at > now - timedelta(hours=1),
    )
    report = open_by_mail(session, thread.id)
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
        report_open=report is not None or mailed_lately(session, thread.id, now),
        report_to=report.recipient if report else None,
        report_address=report.address if report else None,
        last_address=last_address(session, thread.id),
        replies_last_hour=session.scalar(replies) or 0,
    )


def _state(dialog: Dialog) -> DialogState:
    return DialogState(Question(dialog.question), dialog.answers, dialog.suspended)
