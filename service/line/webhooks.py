"""Twilio's webhooks. Each is one transaction; what could not be kept is answered 5xx, never 200."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from starlette.datastructures import FormData

from service.conversation.line_types import LineTypes
from service.conversation.receive import Conversation, receive
from service.line.parse import parse_receipt, parse_text
from service.line.signature import Gate
from service.line.voice import create_voice
from service.outbox.receipts import take_receipt
from service.outbox.send import Outbox

SILENT = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


def create_line(
    conversation: Conversation, outbox: Outbox, gate: Gate, line_types: LineTypes
) -> APIRouter:
    """The routes under /twilio."""
    router = APIRouter(prefix="/twilio")
    signed = Annotated[FormData, Depends(gate.signed_form)]

    @router.post("/sms")
    def sms(form: signed) -> Response:
        """An inbound text: kept, handled, answered by the outbox. A repeat gets the same answer."""
        receive(conversation, parse_text(_pairs(form)))
        return twiml(SILENT)

    @router.post("/sms/fallback")
    def sms_fallback(form: signed) -> Response:
        """The same text again, after the first address failed: kept once, whichever came through."""
        receive(conversation, parse_text(_pairs(form)))
        return twiml(SILENT)

    @router.post("/sms/status")
    def sms_status(form: signed, token: Annotated[str, Query(alias="m")] = "") -> Response:
        """A receipt; the opaque token in the address says for which attempt."""
        receipt = parse_receipt(token, _pairs(form))
        if receipt is not None:
            with outbox.database.transaction() as session:
                take_receipt(session, outbox, receipt)
        return Response(status_code=204)

    router.include_router(create_voice(conversation, outbox, gate, line_types))
    return router


def twiml(document: str) -> Response:
    """A TwiML answer."""
    return Response(document, media_type="text/xml")


def _pairs(form: FormData) -> list[tuple[str, str]]:
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
