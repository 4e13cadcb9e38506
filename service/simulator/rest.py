"""Twilio's REST API as far as the line uses it, spoken by the simulated carrier.

Nothing here waits for the line: what an order sets off happens later, in the carrier's own thread.
"""

import asyncio
import base64
import binascii
import secrets
from collections.abc import Callable, Coroutine
from importlib.resources import files
from typing import Any, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.datastructures import FormData
from starlette.types import Receive, Scope, Send

from service.simulator import resources
from service.simulator.carrier import Carrier
from service.simulator.faults import Fault
from service.simulator.forms import PICTURE_TYPE
from service.simulator.listing import matches, page_json
from service.simulator.orders import CallOrder, TextOrder
from service.simulator.records import API_VERSION
from service.simulator.refused import Refused
from service.simulator.resources import Json

Kept = TypeVar("Kept")
PICTURE = files(__package__).joinpath("picture.png")


class TwilioRoute(APIRoute):
    """A route whose refusals are answered in Twilio's words."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except Refused as refused:
                return JSONResponse(refused.as_json(), refused.status)

        return answer


class CutAnswer(JSONResponse):
    """Promises a whole answer, sends half of it, and lets the server break the line."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = {
            "type": "http.response.start",
            "status": self.status_code,
            "headers": self.raw_headers,
        }
        await send(head)
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})


def create_rest(carrier: Carrier) -> APIRouter:
    """The API of the carrier's one account, under /2010-04-01/Accounts/{sid}, and Lookup."""
    router = APIRouter(
        prefix=f"/{API_VERSION}/Accounts",
        route_class=TwilioRoute,
        include_in_schema=False,
    )
    _add_messages(router, carrier)
    _add_calls(router, carrier)
    _add_recordings(router, carrier)
    _add_account(router, carrier)
    whole = APIRouter()
    whole.include_router(router)
    whole.include_router(_create_lookup(carrier))
    return whole


def _add_messages(router: APIRouter, carrier: Carrier) -> None:
    sid, ledger = carrier.account_sid, carrier.ledger

    @router.post("/{account}/Messages.json")
    async def create_message(account: str, request: Request) -> Response:
        _authenticate(carrier, account, request)
        fault = carrier.faults.take_create()
        if fault and not fault.accepts:
            raise Refused(20429 if fault is Fault.TOO_MANY else 20500)
        message = carrier.create_message(_text_order(await request.form()))
        return await _answer(carrier, fault, resources.message_json(sid, message))

    @router.get("/{account}/Messages.json")
    async def list_messages(account: str, request: Request) -> Json:
        _authenticate(carrier, account, request)
        asked = request.query_params.multi_items()
        with ledger.reading():
            newest_first = reversed(ledger.messages.values())
            found = [
                resources.message_json(sid, m) for m in newest_first if matches(m, dict(asked))
            ]
        return page_json("messages", request.url.path, asked, found)

    @router.get("/{account}/Messages/{message}.json")
    async def fetch_message(account: str, message: str, request: Request) -> Json:
        _authenticate(carrier, account, request)
        with ledger.reading():
            return resources.message_json(sid, _known(ledger.messages, message))

    @router.get("/{account}/Messages/{message}/Media/{media}")
    async def fetch_media(account: str, message: str, media: str, request: Request) -> Response:
        _authenticate(carrier, account, request)
        if media not in _known(ledger.messages, message).media:
            raise Refused(20404)
        return Response(PICTURE.read_bytes(), media_type=PICTURE_TYPE)


def _add_calls(router: APIRouter, carrier: Carrier) -> None:
    sid, ledger = carrier.account_sid, carrier.ledger

    @router.post("/{account}/Calls.json", status_code=201)
    async def create_call(account: str, request: Request) -> Json:
        _authenticate(carrier, account, request)
        return resources.call_json(sid, carrier.place_call(_call_order(await request.form())))

    @router.get("/{account}/Calls.json")
    async def list_calls(account: str, request: Request) -> Json:
        _authenticate(carrier, account, request)
        asked = request.query_params
        with ledger.reading():
            found = [
                resources.call_json(sid, call)
                for call in reversed(ledger.calls.values())
                if asked.get("To", call.to) == call.to
                and asked.get("Status", call.status) == call.status
            ]
        return page_json("calls", request.url.path, asked.multi_items(), found)

    @router.get("/{account}/Calls/{call}.json")
    async def fetch_call(account: str, call: str, request: Request) -> Json:
        _authenticate(carrier, account, request)
        with ledger.reading():
            return resources.call_json(sid, _known(ledger.calls, call))


def _add_recordings(router: APIRouter, carrier: Carrier) -> None:
    sid, kept = carrier.account_sid, carrier.ledger.recordings

    @router.get("/{account}/Recordings.json")
    async def list_recordings(account: str, request: Request) -> Json:
        _authenticate(carrier, account, request)
        with carrier.ledger.reading():
            found = [resources.recording_json(sid, each) for each in reversed(kept.values())]
        asked = request.query_params.multi_items()
        return page_json("recordings", request.url.path, asked, found)

    @router.get("/{account}/Recordings/{recording}.mp3")
    async def fetch_audio(account: str, recording: str, request: Request) -> Response:
        _authenticate(carrier, account, request)
        return Response(_known(kept, recording).audio, media_type="audio/x-wav")

    @router.delete("/{account}/Recordings/{recording}.json", status_code=204)
    async def delete_recording(account: str, recording: str, request: Request) -> Response:
        _authenticate(carrier, account, request)
        _known(kept, recording)
        with carrier.ledger.change():
            del kept[recording]
        return Response(status_code=204)

    @router.delete("/{account}/Transcriptions/{transcription}.json", status_code=204)
    async def delete_transcription(account: str, transcription: str, request: Request) -> Response:
        _authenticate(carrier, account, request)
        return Response(status_code=204)


def _add_account(router: APIRouter, carrier: Carrier) -> None:
    born = carrier.clock.now()

    @router.get("/{account}.json")
    async def fetch_account(account: str, request: Request) -> Json:
        _authenticate(carrier, account, request)
        return resources.account_json(account, born)

    @router.get("/{account}/IncomingPhoneNumbers.json")
    async def list_numbers(account: str, request: Request) -> Json:
        _authenticate(carrier, account, request)
        own = resources.number_json(account, carrier.line_number, carrier.public_url, born)
        wanted = request.query_params.get("PhoneNumber", carrier.line_number)
        found = [own] if wanted == carrier.line_number else []
        asked = request.query_params.multi_items()
        return page_json("incoming_phone_numbers", request.url.path, asked, found)


def _create_lookup(carrier: Carrier) -> APIRouter:
    router = APIRouter(prefix="/v2", route_class=TwilioRoute, include_in_schema=False)

    @router.get("/PhoneNumbers/{number}")
    async def look_up(number: str, request: Request) -> Json:
        _authenticate(carrier, carrier.account_sid, request)
        with carrier.ledger.reading():
            phone = carrier.ledger.phones.get(number)
        return resources.lookup_json(number, phone.kind if phone else None)

    return router


def _authenticate(carrier: Carrier, account: str, request: Request) -> None:
    """Refused (20003) unless the request carries this account's identifier and token."""
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    try:
        plain = base64.b64decode(given, validate=True)
    except binascii.Error as error:
        raise Refused(20003) from error
    right = f"{carrier.account_sid}:{carrier.auth_token}".encode()
    if not (
        kind.lower() == "basic"
        and account == carrier.account_sid
        and secrets.compare_digest(plain, right)
    ):
        raise Refused(20003)


async def _answer(carrier: Carrier, fault: Fault | None, body: Json) -> Response:
    if fault is Fault.BROKEN_AFTER:
        raise Refused(20500)
    if fault is Fault.HANG:
        await asyncio.sleep(carrier.faults.hang_seconds)
    return (CutAnswer if fault is Fault.CUT else JSONResponse)(body, 201)


def _text_order(form: FormData) -> TextOrder:
    return TextOrder(
        to=_text(form, "To"),
        body=_text(form, "Body"),
        sender=_text(form, "From"),
        service_sid=_text(form, "MessagingServiceSid"),
        media_urls=_texts(form, "MediaUrl"),
        receipt_url=_text(form, "StatusCallback"),
        validity=_text(form, "ValidityPeriod") or TextOrder.validity,
    )


def _call_order(form: FormData) -> CallOrder:
    return CallOrder(
        to=_text(form, "To"),
        sender=_text(form, "From"),
        url=_text(form, "Url"),
        twiml=_text(form, "Twiml"),
        receipt_url=_text(form, "StatusCallback"),
        receipt_events=_texts(form, "StatusCallbackEvent") or CallOrder.receipt_events,
    )


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _texts(form: FormData, name: str) -> tuple[str, ...]:
    return tuple(value for value in form.getlist(name) if isinstance(value, str))


def _known(kept: dict[str, Kept], sid: str) -> Kept:
    if sid not in kept:
        raise Refused(20404)
    return kept[sid]
