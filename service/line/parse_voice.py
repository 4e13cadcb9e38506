"""Turn the webhooks of a call into what was heard. Total, as for texts."""

import re
from collections.abc import Sequence

from service.conversation.calls import CallHeard
from service.conversation.heard import Channel, Heard
from service.conversation.receive import UNREADABLE
from service.conversation.recordings import Kind, Recorded
from service.conversation.voice import Said
from service.line.parse import parse_text
from service.outbox.rules import State
from service.outbox.sender import Receipt
from service.patients.rules import Means
from service.phone import to_e164
from service.spool import Unreadable

Pairs = Sequence[tuple[str, str]]

HIDDEN = {"", "anonymous", "unknown", "restricted", "private", "unavailable", "+266696687"}
"""What stands in From when the caller's number is hidden; +266696687 spells ANONYMOUS."""

_RECORDING = re.compile(r"\bRE[0-9a-f]{32}\b")

CALL_STATES = {
    "completed": State.DELIVERED,
    "busy": State.UNDELIVERED,
    "no-answer": State.UNDELIVERED,
    "failed": State.FAILED,
    "canceled": State.FAILED,
}


def parse_step(turn: int, pairs: Pairs, token: str = "") -> CallHeard:
    """One step of a call: keys, speech, the outcome of a connection or of a recording, or nothing."""
    fields = dict(pairs)
    return CallHeard(
        call=fields.get("CallSid", ""),
        turn=turn,
        number=patient_number(fields),
        said=Said(
            keys=_keys(fields.get("Digits", "")) if "RecordingUrl" not in fields else "",
            speech=fields.get("SpeechResult", "").strip(),
            confidence=_confidence(fields.get("Confidence")),
            dialled=dialled(fields),
            recorded="RecordingUrl" in fields,
            answered_by=fields.get("AnsweredBy", ""),
        ),
        raw=tuple(pairs),
        token=token,
    )


def patient_number(fields: dict[str, str]) -> str | None:
    """The number at the other end, whoever rang; None when it is hidden."""
    ours = fields.get("Direction", "").startswith("outbound")
    number = fields.get("To" if ours else "From", "")
    return None if number.strip().lower() in HIDDEN else to_e164(number)


def parse_recording(pairs: Pairs) -> Recorded | None:
    """A recording that exists; None for one that is absent or whose id is none."""
    fields = dict(pairs)
    sid = fields.get("RecordingSid", "") or _sid_in(fields.get("RecordingUrl", ""))
    if not _RECORDING.fullmatch(sid) or fields.get("RecordingStatus", "completed") != "completed":
        return None
    duration = fields.get("RecordingDuration", "")
    source = fields.get("RecordingSource", "RecordVerb")
    return Recorded(
        sid=sid,
        call=fields.get("CallSid", ""),
        number=patient_number(fields),
        kind=Kind.VOICEMAIL if source == "RecordVerb" else Kind.DIALOG,
        seconds=int(duration) if duration.isascii() and duration.isdigit() else 0,
    )


def parse_transcript(pairs: Pairs) -> Heard | None:
    """The words of a voicemail; None when the carrier could not make them out."""
    fields = dict(pairs)
    words = fields.get("TranscriptionText", "").strip()
    if fields.get("TranscriptionStatus", "completed") != "completed" or not words:
        return None
    return Heard(
        carrier_id=fields.get("TranscriptionSid") or fields.get("RecordingSid", ""),
        channel=Channel.VOICEMAIL,
        sender=patient_number(fields),
        body=words,
        media_count=0,
        carrier_took=None,
        raw=tuple(pairs),
        call=fields.get("CallSid"),
        recording=fields.get("RecordingSid"),
        means=Means.SPEECH,
    )


def parse_event(pairs: Pairs) -> Heard:
    """Whatever was kept, for handling it again: a text, a transcript, or words said in a call.

    Unreadable for a file that was set aside: there is nothing in it to handle.
    """
    fields = dict(pairs)
    if UNREADABLE in fields:
        raise Unreadable(f"{fields[UNREADABLE]} cannot be read")
    if "CallSid" not in fields or "MessageSid" in fields:
        return parse_text(pairs)
    if transcript := parse_transcript(pairs):
        return transcript
    heard = parse_step(0, pairs)
    return Heard(
        carrier_id=heard.call,
        channel=Channel.CALL,
        sender=heard.number,
        body=heard.said.speech or heard.said.keys,
        media_count=0,
        carrier_took=None,
        raw=tuple(pairs),
        call=heard.call,
        means=Means.SPEECH if heard.said.speech else Means.KEY,
    )


def parse_call_receipt(token: str, pairs: Pairs) -> Receipt | None:
    """What became of a call we placed; None for a status that is not the end."""
    fields = dict(pairs)
    state = CALL_STATES.get(fields.get("CallStatus", ""))
    if state is None:
        return None
    return Receipt(
        token=token,
        carrier_id=fields.get("CallSid", ""),
        state=state,
        code=None,
        retry=state is State.UNDELIVERED,
    )


def _keys(text: str) -> str:
    return "".join(key for key in text if key in "0123456789*#")[:20]


def _confidence(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def dialled(fields: dict[str, str]) -> str:
    """Completed only when the two were really connected: a refused whisper is no conversation."""
    status = fields.get("DialCallStatus", "")
    if status not in ("completed", "answered"):
        return status
    return "no-answer" if fields.get("DialBridged") == "false" else "completed"


def _sid_in(url: str) -> str:
    found = _RECORDING.search(url)
    return found[0] if found else ""
