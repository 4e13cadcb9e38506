"""Twilio's webhooks for calls. Every step is known by its CallSid and number, so repeats change nothing."""

import logging
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Query
from fastapi.responses import Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import FormData

from service.content import Content
from service.conversation.calls import take, trouble
from service.conversation.line_types import LineTypes, learn_line_type
from service.conversation.receive import Conversation
from service.conversation.voice import HangUp, Script
from service.errors import where
from service.line import twiml
from service.line.doorstep import Brought, Doorstep, What
from service.line.parse_voice import parse_step
from service.line.signature import Gate
from service.patience import hurried

log = logging.getLogger(__name__)

Pairs = list[tuple[str, str]]
Token = Annotated[str, Query(alias="m")]


def create_voice(doorstep: Doorstep, gate: Gate, line_types: LineTypes) -> APIRouter:
    """The routes below /twilio/voice."""
    router = APIRouter(prefix="/twilio/voice")
    signed = Annotated[FormData, Depends(gate.signed_form)]
    conversation, content = doorstep.conversation, doorstep.conversation.content

    def step(turn: int, pairs: Pairs, token: str = "") -> Response:
        return _step(conversation, turn, pairs, token)

    @router.post("")
    def rings(form: signed, afterwards: BackgroundTasks) -> Response:
        """Somebody rings the line. What kind of line it is, we ask once the caller has been answered."""
        pairs = _pairs(form)
        afterwards.add_task(_learn, conversation, line_types, pairs)
        return step(0, pairs)

    @router.post("/tip")
    def tip(form: signed, token: Token = "") -> Response:
        """Somebody, or a machine, has picked up a call that brings a tip."""
        return step(0, _pairs(form), token)

    @router.post("/step")
    def next_step(form: signed, turn: Annotated[int, Query(alias="n", ge=0, le=999)]) -> Response:
        """What the caller did after we said something."""
        pairs = _pairs(form)
        if dict(pairs).get("RecordingUrl"):
            doorstep.take(Brought(What.RECORDING, pairs))
        return step(turn, pairs)

    _add_fallback(router, content, gate)
    _add_receipts(router, doorstep, gate)
    _add_whisper(router, content, gate)
    return router


def _add_fallback(router: APIRouter, content: Content, gate: Gate) -> None:
    signed = Annotated[FormData, Depends(gate.signed_form)]

    @router.post("/fallback")
    def fallback(form: signed) -> Response:
        """The address before failed: apologise, and take a message."""
        return _broken(content)

    @router.post("/thanks")
    def thanks(form: signed) -> Response:
        """After a message that was left with the fallback."""
        return _xml(twiml.document(_thanks(content), 0))


def _step(conversation: Conversation, turn: int, pairs: Pairs, token: str) -> Response:
    """While the database is away a message can be left: it is fetched when it is back."""
    try:
        with hurried():
            answer = take(conversation, parse_step(turn, pairs, token))
    except SQLAlchemyError as error:
        log.error("a call could not be served: %s", where(error))
        answer = None
    if answer is None:
        return _broken(conversation.content)
    return _xml(twiml.document(answer.script, answer.turn))


def _learn(conversation: Conversation, line_types: LineTypes, pairs: Pairs) -> None:
    try:
        learn_line_type(conversation, line_types, parse_step(0, pairs).number)
    except SQLAlchemyError as error:
        log.error("the kind of a line was not learned: %s", where(error))


def _add_receipts(router: APIRouter, doorstep: Doorstep, gate: Gate) -> None:
    signed = Annotated[FormData, Depends(gate.signed_form)]

    def took(what: What, form: FormData, token: str = "") -> Response:
        doorstep.take(Brought(what, _pairs(form), token))
        return Response(status_code=204)

    @router.post("/status")
    def status(form: signed, token: Token = "") -> Response:
        """A call is over: ours (with a token), or one that came in."""
        return took(What.CALL_RECEIPT, form, token)

    @router.post("/recording")
    def recording(form: signed) -> Response:
        """The carrier's word that a recording exists."""
        return took(What.RECORDING, form)

    @router.post("/transcription")
    def transcription(form: signed) -> Response:
        """The words of a voicemail, or that there are none. It may come before its recording does."""
        return took(What.TRANSCRIPT, form)


def _add_whisper(router: APIRouter, content: Content, gate: Gate) -> None:
    signed = Annotated[FormData, Depends(gate.signed_form)]

    @router.post("/whisper")
    def whisper(form: signed, accept: int = 0) -> Response:
        """What whoever picks up hears before the caller is connected."""
        if accept:
            return _xml(twiml.accepted(dict(_pairs(form)).get("Digits", "")))
        language = content.clinic.languages[0]
        words = content.voice("whisper", language)
        return _xml(twiml.whisper(Script(((language, words),), language, HangUp())))


def _broken(content: Content) -> Response:
    return _xml(twiml.document(trouble(content), 0, action=twiml.THANKS))


def _thanks(content: Content) -> Script:
    language = content.clinic.languages[0]
    keys = ("voicemail_thanks", "goodbye")
    say = tuple((language, content.voice(key, language)) for key in keys)
    return Script(say, language, HangUp())


def _xml(document: str) -> Response:
    return Response(document, media_type="text/xml")


def _pairs(form: FormData) -> Pairs:
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
