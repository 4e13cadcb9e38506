"""What the phone page shows: every phone with its thread, as JSON."""

from datetime import datetime
from typing import Any

from service.phone import pretty, zone_of
from service.simulator.carrier import Carrier
from service.simulator.live import Live
from service.simulator.records import Call, Message, Phone, Refusal

Json = dict[str, Any]

_ON_THE_PHONE = ("sent", "delivered", "read")
_ON_THE_WAY = ("accepted", "queued", "sending")
_REFUSED = {
    21610: "The line tried to text; the carrier refused it, because this phone has opted out (21610).",
    21614: "The line tried to text; the carrier refused it, because this is a landline (21614).",
}
_ENDED = {
    "no-answer": "The line rang; nobody picked up.",
    "busy": "The line rang; the call was declined.",
    "completed": "The line rang and was answered.",
}
SUGGESTIONS = {
    "en": ["REPORT", "TIPS", "MORE", "1", "HELP", "my foot went numb", "CALL ME", "STOP"],
    "es": ["REPORTE", "CONSEJOS", "MÁS", "1", "se me durmió el pie", "LLÁMEME", "AYUDA", "STOP"],
}


def snapshot(carrier: Carrier) -> list[Json]:
    """Every phone, in the order in which they came, with its thread in the order of time."""
    ledger = carrier.ledger
    with ledger.reading():
        threads: dict[str, list[Json]] = {number: [] for number in ledger.phones}
        for message in ledger.messages.values():
            threads[message.sender if message.inbound else message.to].append(_text(message))
        for refusal in ledger.refusals:
            threads[refusal.to].append(_refusal(refusal))
        for call in ledger.calls.values():
            if (number := _end_on_page(call)) in threads:
                threads[number].append(_call(call))
        live = {each.phone: each for each in list(carrier.exchange.live.values())}
        return [
            _phone(carrier, phone, threads[phone.number], live.get(phone.number))
            for phone in ledger.phones.values()
        ]


def _phone(carrier: Carrier, phone: Phone, thread: list[Json], live: Live | None) -> Json:
    zone = zone_of(phone.number) or zone_of(carrier.line_number)
    return {
        "number": phone.number,
        "pretty": pretty(phone.number),
        "name": phone.name,
        "kind": phone.kind,
        "lang": phone.lang,
        "zone": zone.key if zone else "UTC",
        "optedOut": phone.opted_out,
        "call": _live(live) if live else None,
        "suggestions": SUGGESTIONS.get(phone.lang, []),
        "thread": sorted(thread, key=lambda item: str(item["at"])),
    }


def _text(message: Message) -> Json:
    """A bubble; or a note where the text never came; or dots while it is on its way."""
    if message.inbound:
        return _item(
            message, "phone", {None: "sent", True: "received", False: "failed"}[message.heard]
        )
    if message.status in _ON_THE_WAY:
        return _item(message, "line", "arriving") | {"text": ""}
    if message.status in _ON_THE_PHONE:
        return _item(message, "carrier" if message.by_carrier else "line", message.status)
    text = f"A text from the line did not arrive ({message.error_code})."
    return _item(message, "note", message.status) | {"text": text}


def _item(message: Message, side: str, status: str) -> Json:
    return {
        "key": message.sid,
        "from": side,
        "text": message.body,
        "picture": bool(message.media),
        "status": status,
        "at": _iso(message.created),
    }


def _refusal(refusal: Refusal) -> Json:
    text = _REFUSED.get(refusal.code, refusal.reason)
    return _note(refusal.key, text, refusal.at)


def _live(live: Live) -> Json:
    """A call that goes on: what was said so far, and what can be done now."""
    inbound = live.call.direction == "inbound"
    return {
        "sid": live.call.sid,
        "from": "phone" if inbound else "line",
        "status": live.call.status,
        "said": list(live.said),
        "waits": dict(live.waits),
    }


def _end_on_page(call: Call) -> str:
    return call.sender if call.direction == "inbound" else call.to


def _call(call: Call) -> Json:
    if call.direction == "inbound":
        text = "Rang the line."
    elif call.status in ("queued", "ringing", "in-progress"):
        text = "The line is ringing."
    else:
        text = _ENDED.get(call.status, "The line rang.")
    return _note(f"{call.sid}{call.status}", text, call.created)


def _note(key: str, text: str, at: datetime) -> Json:
    return {
        "key": key,
        "from": "note",
        "text": text,
        "picture": False,
        "status": "",
        "at": _iso(at),
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")
