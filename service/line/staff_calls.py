"""Twilio's webhooks for the calls that we place to staff."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from starlette.datastructures import FormData

from service.conversation.alert_calls import Pressed, alert_step
from service.conversation.receive import Conversation
from service.line import twiml
from service.line.signature import Gate

Token = Annotated[str, Query(alias="m")]
Turn = Annotated[int, Query(alias="n", ge=0, le=9)]

ALERT = "/twilio/voice/alert"


def create_staff_calls(conversation: Conversation, gate: Gate) -> APIRouter:
    """The routes of calls to staff, mounted under /twilio."""
    router = APIRouter(prefix="/voice")
    signed = Annotated[FormData, Depends(gate.signed_form)]

    @router.post("/alert")
    def alert(form: signed, token: Token = "", turn: Turn = 0) -> Response:
        """A member of staff has picked up an alert, or pressed a key in it."""
        script = alert_step(conversation, _pressed(form, token, turn))
        return _xml(twiml.document(script, 0, action=f"{ALERT}?n={turn + 1}"))

    return router


def _pressed(form: FormData, token: str, turn: int) -> Pressed:
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    return Pressed(fields.get("CallSid", ""), token, turn, fields.get("Digits", ""))


def _xml(document: str) -> Response:
    return Response(document, media_type="text/xml")
