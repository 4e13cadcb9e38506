"""Twilio's webhooks for the calls that we place to staff."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from starlette.datastructures import FormData

from service.conversation.receive import Conversation
from service.conversation.staff_calls import Pressed, alert_step, ring_step
from service.conversation.voice import Script
from service.line import twiml
from service.line.parse_voice import dialled
from service.line.signature import Gate

Token = Annotated[str, Query(alias="m")]
Turn = Annotated[int, Query(alias="n", ge=0, le=9)]


def create_staff_calls(conversation: Conversation, gate: Gate, line_number: str) -> APIRouter:
    """The routes of calls to staff, beside those of the line."""
    router = APIRouter(prefix="/twilio/voice")
    signed = Annotated[FormData, Depends(gate.signed_form)]

    @router.post("/alert")
    def alert(form: signed, token: Token = "", turn: Turn = 0) -> Response:
        """A member of staff has picked up an alert, or pressed a key in it."""
        return _said("alert", turn, alert_step(conversation, _pressed(form, token, turn)))

    @router.post("/ring")
    def ring(form: signed, token: Token = "", turn: Turn = 0) -> Response:
        """A member of staff has picked up to be connected with a patient, or was connected."""
        script = ring_step(conversation, _pressed(form, token, turn), line_number)
        return _said("ring", turn, script)

    return router


def _pressed(form: FormData, token: str, turn: int) -> Pressed:
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    return Pressed(
        fields.get("CallSid", ""), token, turn, fields.get("Digits", ""), dialled(fields)
    )


def _said(route: str, turn: int, script: Script) -> Response:
    action = f"/twilio/voice/{route}?n={min(turn + 1, 9)}"
    return Response(twiml.document(script, 0, action=action), media_type="text/xml")
