"""Twilio's webhooks. What could not be kept, in the database or on disk, is answered 5xx, never 200."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from starlette.datastructures import FormData
from twilio.twiml.messaging_response import MessagingResponse

from service.conversation.line_types import LineTypes
from service.line.doorstep import Brought, Doorstep, What
from service.line.signature import Gate
from service.line.voice import create_voice

SILENT = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


def create_line(doorstep: Doorstep, gate: Gate, line_types: LineTypes) -> APIRouter:
    """The routes under /twilio."""
    router = APIRouter(prefix="/twilio")
    signed = Annotated[FormData, Depends(gate.signed_form)]

    @router.post("/sms")
    def sms(form: signed) -> Response:
        """An inbound text: kept, handled, answered by the outbox. A repeat gets the same answer."""
        return twiml(doorstep.take(Brought(What.TEXT, _pairs(form))))

    @router.post("/sms/fallback")
    def sms_fallback(form: signed) -> Response:
        """The same text again, after the first address failed: kept once, whichever came through."""
        return twiml(doorstep.take(Brought(What.TEXT, _pairs(form))))

    @router.post("/sms/status")
    def sms_status(form: signed, token: Annotated[str, Query(alias="m")] = "") -> Response:
        """A receipt; the opaque token in the address says for which attempt."""
        doorstep.take(Brought(What.RECEIPT, _pairs(form), token))
        return Response(status_code=204)

    router.routes.extend(create_voice(doorstep, gate, line_types).routes)
    return router


def twiml(words: str | None) -> Response:
    """A TwiML answer: silent, unless the words cannot wait for the outbox."""
    document = SILENT
    if words is not None:
        spoken = MessagingResponse()
        spoken.message(words)
        document = str(spoken)
    return Response(document, media_type="text/xml")


def _pairs(form: FormData) -> list[tuple[str, str]]:
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
