"""What the phone page does with calls: ring the line, answer, press keys, speak, leave a message."""

import base64
import binascii
from typing import Any, Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field

from service.simulator.carrier import Carrier

LONGEST_AUDIO = 8_000_000  # characters of base64: about six minutes of telephone sound


class Ring(BaseModel):
    """Somebody rings the line, with or without showing their number."""

    sender: str = Field(alias="from")
    hidden: bool = False


class Deed(BaseModel):
    """What somebody does in a call."""

    do: Literal["answer", "machine", "decline", "press", "say", "silent", "record", "hang_up"]
    keys: str = Field("", max_length=20, pattern=r"^[0-9*#]*$")
    words: str = Field("", max_length=2000)
    audio: str = Field("", max_length=LONGEST_AUDIO)


def add_calls(router: APIRouter, carrier: Carrier) -> None:
    """The calls of the phone page."""

    @router.post("/api/calls", status_code=201)
    async def ring(ring: Ring) -> dict[str, Any]:
        if ring.sender not in carrier.ledger.phones:
            raise HTTPException(404, "There is no such phone on this page.")
        if any(live.phone == ring.sender for live in list(carrier.exchange.live.values())):
            raise HTTPException(409, "This phone is on a call already.")
        return {"sid": carrier.ring_line(ring.sender, hidden=ring.hidden).sid}

    @router.post("/api/calls/{sid}", status_code=202)
    async def act(sid: str, deed: Deed) -> dict[str, Any]:
        if sid not in carrier.exchange.live:
            raise HTTPException(404, "That call is over.")
        audio = _decoded(deed.audio)
        carrier.later(lambda: _do(carrier, sid, deed, audio))
        return {"sid": sid}


def _do(carrier: Carrier, sid: str, deed: Deed, audio: bytes | None) -> None:
    exchange = carrier.exchange
    match deed.do:
        case "answer":
            exchange.answer(sid)
        case "machine":
            exchange.answer(sid, "machine_end_beep")
        case "decline":
            exchange.leave(sid, "busy")
        case "press":
            exchange.press(sid, deed.keys)
        case "say":
            exchange.speak(sid, deed.words)
        case "silent":
            exchange.be_silent(sid)
        case "record":
            exchange.record(sid, deed.words, audio)
        case "hang_up":
            exchange.hang_up(sid)


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True) if text else None
    except binascii.Error as error:
        raise HTTPException(422, "That is no sound file.") from error
