"""Take in one step of a call: keep it first, then think, and answer at once, since somebody waits.

1. insert the raw event under the CallSid and the step's number; if it was there before, the answer that
   was given then is given again and nothing else happens;
2. behind a savepoint: lock the thread, triage what was said, decide, apply, keep the answer;
3. commit, and only then answer: a flag exists before the caller hears the advice.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from service.content import Content
from service.conversation import menu, voice_rung
from service.conversation.apply import Applier
from service.conversation.callers import caller_of
from service.conversation.heard import Channel, Heard
from service.conversation.known import known_of
from service.conversation.models import (
    Call,
    CallStep,
    Dialog,
    Event,
    EventState,
    InboundMessage,
)
from service.conversation.receive import Conversation, mark_failed
from service.conversation.understand import understand
from service.conversation.voice import (
    MOST_TURNS,
    At,
    Caller,
    CallState,
    Line,
    Record,
    Said,
    Script,
    Turn,
    Words,
    load_state,
)
from service.conversation.voice_replies import goodbye
from service.db import insert_if_new
from service.outbox.models import OutboundMessage
from service.patients.find import lock_thread, main_patient
from service.patients.models import Thread
from service.patients.rules import Means
from service.triage.assess import assess
from service.triage.rules import Assessment, Level

CONSENT_LINES = ("consent_calls", "consent_either")


@dataclass(frozen=True, slots=True)
class CallHeard:
    """One webhook of a call, parsed. `token` names the tip it was placed for, when we rang."""

    call: str  # CallSid
    turn: int
    number: str | None  # E.164 of whoever is not us; None when hidden
    said: Said
    raw: tuple[tuple[str, str], ...]
    token: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said and awaited, and the number of the step that will follow."""

    script: Script
    turn: int


def take(conversation: Conversation, heard: CallHeard) -> Answer | None:
    """Keep and handle one step; None when it could not be handled (a person is told).

    Raises what the database raises when the event could not be kept.
    """
    now = conversation.clock.now()
    with conversation.database.transaction() as session:
        event_id = insert_if_new(
            session,
            Event,
            kind=Channel.CALL,
            carrier_id=f"{heard.call}:{heard.turn}",
            raw=heard.raw,
            received_at=now,
            state=EventState.KEPT,
            attempts=1,
        )
        if event_id is None:
            return _as_before(session, heard.call, heard.turn)
        event = session.get_one(Event, event_id)
        answer = _handled(session, conversation, event, heard, now)
    conversation.wake()
    return answer


def _handled(
    session: Session, conversation: Conversation, event: Event, heard: CallHeard, now: datetime
) -> Answer | None:
    """Handle behind a savepoint, as texts are."""
    try:
        with session.begin_nested():
            answer = _handle(session, conversation, event, heard, now)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        mark_failed(session, conversation, event, error, now)
        return None
    except Exception as error:  # noqa: BLE001  the boundary that keeps an event whatever went wrong
        mark_failed(session, conversation, event, error, now)
        return None
    event.state = EventState.HANDLED
    return answer


def _as_before(session: Session, call: str, turn: int) -> Answer | None:
    kept = session.scalar(
        select(CallStep.answer)
        .join(Call, Call.id == CallStep.call_id)
        .where(Call.carrier_id == call, CallStep.turn == turn)
    )
    return Answer(Script.from_json(kept), turn + 1) if kept else None


def _handle(
    session: Session, conversation: Conversation, event: Event, heard: CallHeard, now: datetime
) -> Answer | None:
    call, thread, is_new = _open(session, conversation, heard, now)
    if heard.turn != call.turn:  # late or out of order: the call stands elsewhere by now
        return _as_before(session, heard.call, call.turn - 1)
    state = load_state(call.state)
    dialog = session.get(Dialog, thread.id)
    known = known_of(session, thread, dialog, is_new=is_new, now=now, written=now)
    content = conversation.content
    caller = caller_of(session, content, thread, call, known, state.language, now)
    assessment, turn = _turn(conversation, call, state, heard.said, caller)
    message_id = _remember(session, event, thread, heard.said, turn, assessment, now)
    if message_id is not None:
        Applier(
            session=session,
            content=content,
            limits=conversation.limits,
            public_url=conversation.public_url,
            thread=thread,
            patient=main_patient(session, thread.id),
            dialog=dialog,
            heard=_as_heard(heard),
            message_id=message_id,
            written=now,
            now=now,
            shown=_shown(content, state, caller),
        ).apply_all(turn.effects)
    if turn.state.answers.get("number") and thread.phone is None:
        thread.phone = turn.state.answers["number"]  # for staff to ring; it identifies nobody
    script = fill_in(content, turn)
    session.add(CallStep(call_id=call.id, turn=call.turn, answer=script.as_json(), at=now))
    call.state, call.turn = asdict(turn.state), call.turn + 1
    session.flush()
    return Answer(script, call.turn)


def _turn(
    conversation: Conversation, call: Call, state: CallState, said: Said, caller: Caller
) -> tuple[Assessment, Turn]:
    assessment = assess(
        said.speech, conversation.lexicon, language=state.language, channel=Channel.CALL
    )
    if call.turn == 0:
        rung = call.outbound_id is not None
        return assessment, (
            voice_rung.begin(state, said, caller) if rung else menu.begin(state, caller)
        )
    if call.turn >= MOST_TURNS:
        return assessment, goodbye(state)
    understood = understand(said.speech, conversation.content)
    return assessment, menu.step(state, said, caller, assessment, understood)


def _open(
    session: Session, conversation: Conversation, heard: CallHeard, now: datetime
) -> tuple[Call, Thread, bool]:
    """The call and its thread, locked; made at the first step we see of it, whichever that is."""
    call = session.scalars(select(Call).where(Call.carrier_id == heard.call)).first()
    if call is not None:
        locked = select(Thread).where(Thread.id == call.thread_id).with_for_update()
        thread = session.scalars(locked).one()
        session.refresh(call)
        return call, thread, False
    clinic, outbound = conversation.content.clinic, None
    if heard.token:
        wanted = select(OutboundMessage).where(OutboundMessage.token == heard.token)
        outbound = session.scalars(wanted).first()
    thread, is_new = lock_thread(
        session,
        conversation.database.keyring,
        outbound.to if outbound else heard.number,
        language=clinic.languages[0],
        zone=clinic.time_zone,
        now=now,
    )
    call = Call(
        carrier_id=heard.call,
        thread_id=thread.id,
        outbound_id=outbound.id if outbound else None,
        state=asdict(CallState(At.TIP if outbound else At.MENU, thread.language)),
        turn=0 if heard.turn == 0 else heard.turn,
        began_at=now,
    )
    session.add(call)
    session.flush()
    return call, thread, is_new


def _remember(
    session: Session,
    event: Event,
    thread: Thread,
    said: Said,
    turn: Turn,
    assessment: Assessment,
    now: datetime,
) -> int | None:
    """Write down what was said, and keys that brought something about; None for the rest."""
    wanted = said.speech or turn.effects or len(said.keys) > 1
    if not wanted:
        return None
    message = InboundMessage(
        event_id=event.id,
        thread_id=thread.id,
        channel=Channel.CALL,
        body=said.speech or _pressed(said),
        media_count=0,
        level=Level.highest([turn.level, assessment.level] if said.speech else [turn.level]),
        findings=[asdict(finding) for finding in assessment.findings] if said.speech else [],
        lexicon=assessment.version,
        received_at=now,
    )
    session.add(message)
    session.flush()
    return message.id


def _pressed(said: Said) -> str:
    return f"Pressed {said.keys}" if said.keys else "(said nothing)"


def _as_heard(heard: CallHeard) -> Heard:
    return Heard(
        carrier_id=f"{heard.call}:{heard.turn}",
        channel=Channel.CALL,
        sender=heard.number,
        body=heard.said.speech or _pressed(heard.said),
        media_count=0,
        carrier_took=None,
        raw=heard.raw,
        call=heard.call,
        means=Means.SPEECH if heard.said.speech else Means.KEY,
    )


def _shown(content: Content, state: CallState, caller: Caller) -> str | None:
    """The words of consent that were just spoken."""
    if state.at is not At.CONSENT:
        return None
    return content.voice(CONSENT_LINES[caller.texts], state.language)


def fill_in(content: Content, turn: Turn) -> Script:
    """The turn with its words."""
    language = turn.state.language
    return Script(
        say=tuple(_line(content, line, language) for line in turn.say),
        language=language,
        then=turn.then,
    )


def _line(content: Content, line: Line | Words, language: str) -> tuple[str, str]:
    if isinstance(line, Words):
        return language, line.text
    language = line.language or language
    return language, content.voice(line.key, language, **line.params)


def trouble(content: Content) -> Script:
    """What is said when something is broken on our side: 911, and a message can be left."""
    language = content.clinic.languages[0]
    keys = ("greeting", "trouble", "voicemail_prompt")
    say = tuple((language, content.voice(key, language)) for key in keys)
    return Script(say, language, Record(transcribe=language == "en"))
