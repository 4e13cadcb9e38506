"""Tell patients what has become of their report: a new week, mailed, come back.

One thread at a time, its row locked first (the order of locks: thread, ledger, requests). What was told
is kept on the request, so that nothing is told twice and nothing that was undone is told at all.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from service.conversation.callers import takes_texts
from service.conversation.heard import Question
from service.conversation.models import Dialog
from service.conversation.receive import Conversation
from service.db import any_of
from service.outbox.enqueue import enqueue
from service.outbox.rules import Kind
from service.patients.models import Thread
from service.patients.rules import next_permitted, zones
from service.report_requests.fulfil import UNDO
from service.report_requests.models import ReportRequest
from service.report_requests.packages import settle
from service.report_requests.rules import Delivery, State, day_in_words
from service.report_requests.words import report_link


def _has_news() -> ColumnElement[bool]:
    """In the line, told of another week; mailed or returned by `done_by`, and too late to be undone."""
    moved = and_(
        any_of(ReportRequest.state, (State.WAITING, State.RESERVED)),
        ReportRequest.week.is_not(None),
        ReportRequest.week.is_distinct_from(ReportRequest.told_week),
    )
    done: list[tuple[State, Any]] = [
        (State.MAILED, ReportRequest.mailed_at),
        (State.RETURNED, ReportRequest.returned_at),
    ]
    settled = [
        and_(
            ReportRequest.state == state,
            ReportRequest.told_state.is_distinct_from(state),
            column <= bindparam("done_by"),
        )
        for state, column in done
    ]
    return and_(ReportRequest.delivery == Delivery.MAIL, or_(moved, *settled))


_NEWS = (
    select(ReportRequest.id, ReportRequest.thread_id)
    .where(_has_news())
    .order_by(ReportRequest.id)
    .limit(bindparam("most"))
)
_STILL_NEWS = (
    select(ReportRequest).where(ReportRequest.id == bindparam("id"), _has_news()).with_for_update()
)


def turn_week(conversation: Conversation) -> None:
    """Reserve the packages of a new week and move the line; harmless at any time."""
    with conversation.database.transaction() as session:
        settle(session, conversation.content.clinic, conversation.clock.now())


def tell_news(conversation: Conversation, most: int = 100) -> int:
    """Queue a text, or a call where no text arrives, for each request with news; how many had."""
    now = conversation.clock.now()
    done: dict[str, object] = {"done_by": now - UNDO}
    with conversation.database.reading() as session:
        found = session.execute(_NEWS, done | {"most": most}).all()
    for request_id, thread_id in found:
        with conversation.database.transaction() as session:
            thread = session.scalars(
                select(Thread).where(Thread.id == thread_id).with_for_update()
            ).one()
            request = session.scalar(_STILL_NEWS, done | {"id": request_id})
            if request is not None:
                _tell(session, conversation, thread, request, now)
    return len(found)


def _tell(
    session: Session,
    conversation: Conversation,
    thread: Thread,
    request: ReportRequest,
    now: datetime,
) -> None:
    by_call = thread.by_call or not takes_texts(thread)
    body = (_spoken if by_call else _written)(conversation, thread, request)
    queued = enqueue(
        session,
        key=f"report:{request.id}:{request.state}:{request.told_week}>{request.week}",
        kind=Kind.NOTICE,
        body=body,
        by_call=by_call,
        thread=thread,
        limits=conversation.limits,
        now=now,
    )
    if request.state == State.RETURNED and queued is not None:
        asked_at = next_permitted(
            now, conversation.limits.hours, zones(thread.zone, thread.address_zone)
        )
        _ask_address(session, thread, request, asked_at)
    request.told_state, request.told_week = request.state, request.week
    session.flush()


def _written(conversation: Conversation, thread: Thread, request: ReportRequest) -> str:
    content, language = conversation.content, thread.language
    if request.state == State.RETURNED:
        return content.reply("notice_returned", language)
    if request.state != State.MAILED:
        return content.reply(_moved(request)[0], language, week=_week(request, language))
    if request.tracking:
        return content.reply("notice_mailed_tracking", language, tracking=request.tracking)
    link = report_link(content.clinic, conversation.public_url, language)
    return content.reply("notice_mailed", language, link=link)


def _spoken(conversation: Conversation, thread: Thread, request: ReportRequest) -> str:
    """The same for a number that no text reaches."""
    content, language = conversation.content, thread.language
    if request.state == State.RETURNED:
        return content.voice("news_returned", language)
    if request.state != State.MAILED:
        return content.voice(_moved(request)[1], language, week=_week(request, language))
    return content.voice("news_mailed", language)


def _moved(request: ReportRequest) -> tuple[str, str]:
    """Which way the promise has moved, as the keys of what is written and of what is spoken.

    Told for the first time (a person has looked), sooner than was said, or later.
    """
    assert request.week is not None
    if request.told_week is None and request.told_state != State.WAITING:
        return "notice_listed", "news_listed"
    if request.told_week is None or request.week < request.told_week:
        return "notice_sooner", "news_sooner"
    return "notice_later", "news_later"


def _week(request: ReportRequest, language: str) -> str:
    assert request.week is not None
    return day_in_words(request.week, language)


def _ask_address(
    session: Session, thread: Thread, request: ReportRequest, asked_at: datetime
) -> None:
    """Wait for a better address, unless another question is open or no text may go to this thread.

    The day of silence is counted from `asked_at`, when the text leaves: by night that is the morning.
    """
    if thread.opted_out_at is None and session.get(Dialog, request.thread_id) is None:
        answers = {"name": request.recipient} if request.recipient else {}
        dialog = Dialog(
            thread_id=request.thread_id,
            question=Question.ADDRESS,
            answers=answers,
            asked_at=asked_at,
            suspended=False,
        )
        session.add(dialog)
