"""What is done when a call is over: half a request goes to staff, a missed caller gets one text a day."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service.conversation.callers import takes_texts
from service.conversation.models import Call, Event, InboundMessage
from service.conversation.receive import Conversation
from service.conversation.voice import DIALOG, At, CallState, load_state
from service.db import changed
from service.outbox.enqueue import enqueue
from service.outbox.rules import Kind as MessageKind
from service.patients.find import main_patient
from service.patients.models import Thread
from service.report_requests.request import keep_half_request
from service.review.flag import flag
from service.review.rules import Kind as ReviewKind
from service.triage.rules import Level


def call_ended(conversation: Conversation, call_sid: str) -> bool:
    """Settle a call that is over; False when it was settled before or is not ours."""
    now = conversation.clock.now()
    with conversation.database.transaction() as session:
        open_call = update(Call).where(Call.carrier_id == call_sid, Call.ended_at.is_(None))
        if not changed(session.execute(open_call.values(ended_at=now))):
            return False
        call = session.scalars(select(Call).where(Call.carrier_id == call_sid)).one()
        locked = select(Thread).where(Thread.id == call.thread_id).with_for_update()
        thread = session.scalars(locked).one()
        _settle(session, conversation, call, thread, now)
    conversation.wake()
    return True


def _settle(
    session: Session, conversation: Conversation, call: Call, thread: Thread, now: datetime
) -> None:
    state = load_state(call.state)
    if state.at in DIALOG and "name" in state.answers:
        _keep_half(session, conversation, call, thread, state, now)
    elif state.at is At.FEEL and "some" in state.answers:
        return  # the flag is there already
    if call.outbound_id is None and not state.served and takes_texts(thread):
        enqueue(
            session,
            key=f"missed:{thread.id}:{now.astimezone(conversation.content.clinic.zone).date()}",
            kind=MessageKind.REPLY,
            body=conversation.content.reply("missed_call", thread.language),
            thread=thread,
            limits=conversation.limits,
            now=now,
        )


def _keep_half(
    session: Session,
    conversation: Conversation,
    call: Call,
    thread: Thread,
    state: CallState,
    now: datetime,
) -> None:
    """They hung up in the middle: what was said goes to a person, with the recording on the thread."""
    keep_half_request(
        session,
        thread_id=thread.id,
        patient_id=main_patient(session, thread.id).id,
        recipient=state.answers.get("name"),
        address=state.answers.get("address"),
        now=now,
    )
    last = session.scalar(
        select(InboundMessage.id)
        .join(Event, Event.id == InboundMessage.event_id)
        .where(Event.carrier_id.startswith(f"{call.carrier_id}:"))
        .order_by(InboundMessage.id.desc())
        .limit(1)
    )
    flag(
        session,
        subject=f"message:{last}" if last else f"call:{call.id}",
        kind=ReviewKind.HALF_REQUEST,
        level=Level.REVIEW,
        thread_id=thread.id,
        now=now,
        clinic=conversation.content.clinic,
    )
