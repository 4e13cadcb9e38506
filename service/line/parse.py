"""Turn a posted form into what was heard. Total: whatever arrives gives a value that can be kept."""

import hashlib
from collections.abc import Sequence

from service.conversation.heard import CarrierTook, Channel, Heard
from service.line.codes import CodeClass, class_of, refusal
from service.outbox.rules import State
from service.outbox.sender import Receipt
from service.phone import to_e164

Pairs = Sequence[tuple[str, str]]

CARRIER_WORDS = {
    CarrierTook.STOP: {
        "stop", "stopall", "unsubscribe", "end", "quit", "revoke", "optout", "cancel",
    },
    CarrierTook.START: {"start", "unstop", "yes"},
}  # fmt: skip
"""Words Twilio acts on and confirms by itself on a long code, as the whole message:
https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out . Its stock answer to HELP names no
clinic, so ours is sent as well (CTIA asks for the program's name and a contact)."""

STATUSES = {
    "accepted": State.ACCEPTED,
    "scheduled": State.ACCEPTED,
    "queued": State.ACCEPTED,
    "sending": State.ACCEPTED,
    "sent": State.SENT,
    "delivered": State.DELIVERED,
    "read": State.DELIVERED,
    "undelivered": State.UNDELIVERED,
    "failed": State.FAILED,
    "canceled": State.FAILED,
}


def parse_text(pairs: Pairs) -> Heard:
    """An inbound text. Without a MessageSid it is known by a fingerprint of the whole form."""
    fields = dict(pairs)
    body = fields.get("Body", "")
    return Heard(
        carrier_id=fields.get("MessageSid") or _fingerprint(pairs),
        channel=Channel.SMS,
        sender=to_e164(fields.get("From", "")),
        body=body,
        media_count=_count(fields.get("NumMedia")),
        carrier_took=_carrier_took(body, fields.get("OptOutType")),
        raw=tuple(pairs),
    )


def parse_receipt(token: str, pairs: Pairs) -> Receipt | None:
    """A status callback; None when it names a status we do not know (nothing follows from it)."""
    fields = dict(pairs)
    state = STATUSES.get(fields.get("MessageStatus", ""))
    if state is None:
        return None
    code = _count(fields.get("ErrorCode")) or None
    failed = state in (State.FAILED, State.UNDELIVERED)
    return Receipt(
        token=token,
        carrier_id=fields.get("MessageSid", ""),
        state=state,
        code=code,
        refused=refusal(code) if failed and class_of(code) in FINAL else None,
        retry=failed and class_of(code) in (CodeClass.LATER, CodeClass.RATE),
    )


FINAL = (CodeClass.OPTED_OUT, CodeClass.UNTEXTABLE, CodeClass.REFUSED)


def _carrier_took(body: str, opt_out_type: str | None) -> CarrierTook | None:
    """What the carrier did with the message by itself: told (Advanced Opt-Out), or by its defaults."""
    if opt_out_type and opt_out_type.lower() in set(CarrierTook):
        return CarrierTook(opt_out_type.lower())
    word = body.strip().lower()
    return next((took for took, words in CARRIER_WORDS.items() if word in words), None)


def _count(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0


def _fingerprint(pairs: Pairs) -> str:
    return "sha256:" + hashlib.sha256(repr(sorted(pairs)).encode("utf-8", "replace")).hexdigest()
