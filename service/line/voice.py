"""Twilio's webhooks for calls. Every step is known by its CallSid and number, so repeats change nothing."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Query
from fastapi.responses import Response
from starlette.datastructures import FormData

from service.content import Content
from service.conversation.calls import take, trouble
from service.conversation.hang_ups import call_ended
from service.conversation.line_types import LineTypes, learn_line_type
from service.conversation.receive import Conversation, receive
from service.conversation.recordings import keep, untranscribed
from service.conversation.voice import HangUp, Script
from service.line import twiml
from service.line.parse_voice import (
    parse_call_receipt,
    parse_recording,
    parse_step,
    parse_transcript,
)
from service.line.signature import Gate
from service.outbox.receipts import take_receipt
from service.outbox.send import Outbox

Pairs = list[tuple[str, str]]
Token = Annotated[str, Query(alias="m")]


def create_voice(
    conversation: Conversation, outbox: Outbox, gate: Gate, line_types: LineTypes
) -> APIRouter:
    """The routes below /twilio/voice, mounted under /twilio."""
    router = APIRouter(prefix="/voice")
    signed = Annotated[FormData, Depends(gate.signed_form)]
    content = conversation.content

    def step(turn: int, pairs: Pairs, token: str = "") -> Response:
        answer = take(conversation, parse_step(turn, pairs, token))
        if answer is None:
            return _broken(content)
        return _xml(twiml.document(answer.script, answer.turn))

    @router.post("")
    def rings(form: signed, afterwards: BackgroundTasks) -> Response:
        """Somebody rings the line. What kind of line it is, we ask once the caller has been answered."""
        pairs = _pairs(form)
        number = parse_step(0, pairs).number
        afterwards.add_task(learn_line_type, conversation, line_types, number)
        return step(0, pairs)

    @router.post("/tip")
    def tip(form: signed, token: Token = "") -> Response:
        """Somebody, or a machine, has picked up a call that brings a tip."""
        return step(0, _pairs(form), token)

    @router.post("/step")
    def next_step(form: signed, turn: Annotated[int, Query(alias="n", ge=0, le=999)]) -> Response:
        """What the caller did after we said something."""
        pairs = _pairs(form)
        if dict(pairs).get("RecordingUrl") and (recorded := parse_recording(pairs)):
            keep(conversation, recorded)
        return step(turn, pairs)

    _add_fallback(router, content, gate)
    _add_receipts(router, conversation, outbox, gate)
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


def _add_receipts(
    router: APIRouter, conversation: Conversation, outbox: Outbox, gate: Gate
) -> None:
    signed = Annotated[FormData, Depends(gate.signed_form)]

    @router.post("/status")
    def status(form: signed, token: Token = "") -> Response:
        """A call is over: ours (with a token), or one that came in."""
        pairs = _pairs(form)
        receipt = parse_call_receipt(token, pairs)
        if receipt is not None:
            if token:
                with outbox.database.transaction() as session:
                    take_receipt(session, outbox, receipt)
            call_ended(conversation, receipt.carrier_id)
        return Response(status_code=204)

    @router.post("/recording")
    def recording(form: signed) -> Response:
        """The carrier's word that a recording exists."""
        if recorded := parse_recording(_pairs(form)):
            keep(conversation, recorded)
        return Response(status_code=204)

    @router.post("/transcription")
    def transcription(form: signed) -> Response:
        """The words of a voicemail, or that there are none. It may come before its recording does."""
        pairs = _pairs(form)
        recorded = parse_recording(
            [(name, value) for name, value in pairs if name != "RecordingStatus"]
        )
        if recorded is not None:
            keep(conversation, recorded)
            transcript = parse_transcript(pairs)
            if transcript is None:
                untranscribed(conversation, recorded.sid)
            else:
                receive(conversation, transcript)
        return Response(status_code=204)


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
