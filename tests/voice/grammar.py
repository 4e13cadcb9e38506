"""Twilio's grammar for voice TwiML, as far as the line uses it, and what it refuses.

Elements, attributes, nesting and limits: www.twilio.com/docs/voice/twiml and its pages for each verb.
"""

import re
from collections.abc import Callable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

Check = Callable[[str], bool]


def one_of(*values: str) -> Check:
    return lambda value: value in values


def whole(low: int, high: int) -> Check:
    return lambda value: value.isdigit() and low <= int(value) <= high


def address(value: str) -> bool:
    """A relative address of ours that holds at most a step's number."""
    return re.fullmatch(r"/twilio/voice/[a-z]+(\?(n=\d{1,3}|accept=1))?", value) is not None


def keys(value: str) -> bool:
    return re.fullmatch(r"[0-9*#]*", value) is not None


def number(value: str) -> bool:
    return re.fullmatch(r"\+[1-9]\d{7,14}", value) is not None


def events(value: str) -> bool:
    return set(value.split()) <= {"in-progress", "completed", "absent"}


YES_NO, POST = one_of("true", "false"), one_of("POST")
LOCALES = one_of("en-US", "es-US")
VERBS: dict[str, dict[str, Check]] = {
    "Say": {"language": LOCALES, "voice": one_of("Polly.Joanna", "Polly.Lupe")},
    "Pause": {"length": whole(1, 60)},
    "Gather": {
        "action": address, "method": POST, "input": one_of("dtmf", "speech", "dtmf speech"),
        "numDigits": whole(1, 20), "timeout": whole(1, 60), "finishOnKey": keys,
        "language": LOCALES, "actionOnEmptyResult": YES_NO, "speechTimeout": one_of("auto"),
    },
    "Record": {
        "action": address, "method": POST, "maxLength": whole(1, 14400), "timeout": whole(0, 60),
        "finishOnKey": keys, "playBeep": YES_NO, "recordingStatusCallback": address,
        "recordingStatusCallbackEvent": events, "transcribe": YES_NO,
        "transcribeCallback": address,
    },
    "Dial": {
        "action": address, "method": POST, "timeout": whole(5, 600), "answerOnBridge": YES_NO,
        "callerId": number,
    },
    "Number": {"url": address, "method": POST},
    "Redirect": {"method": POST},
    "Hangup": {},
    "Start": {},
    "Recording": {
        "recordingStatusCallback": address, "recordingStatusCallbackEvent": events,
        "channels": one_of("mono", "dual"), "track": one_of("inbound", "outbound", "both"),
    },
}  # fmt: skip
NESTED = {
    "Response": {"Say", "Pause", "Gather", "Record", "Dial", "Redirect", "Hangup", "Start"},
    "Gather": {"Say", "Pause"},
    "Dial": {"Number"},
    "Start": {"Recording"},
}
ENDS = ("Hangup", "Redirect", "Dial")
MOST_BYTES, LONGEST_SAY = 64_000, 4096


def faults(document: str) -> list[str]:
    """Everything that Twilio would refuse or pass over in silence."""
    root = ElementTree.fromstring(document)
    if root.tag != "Response" or root.attrib:
        return ["it is no <Response>"]
    found = ["it is too long"] if len(document.encode()) > MOST_BYTES else []
    return [*found, *_inside(root), *_order(list(root))]


def _inside(parent: Element) -> list[str]:
    found: list[str] = []
    for element in parent:
        tag = element.tag
        if tag not in NESTED.get(parent.tag, set()):
            found.append(f"<{tag}> inside <{parent.tag}>")
            continue
        for name, value in element.attrib.items():
            check = VERBS[tag].get(name)
            if check is None or not check(value):
                found.append(f'<{tag} {name}="{value}">')
        if tag == "Say" and not 0 < len((element.text or "").strip()) <= LONGEST_SAY:
            found.append("<Say> with nothing, or too much")
        if tag == "Number" and not re.fullmatch(r"\+[1-9]\d{7,14}", element.text or ""):
            found.append("<Number> that is none")
        found += _rules(element) + _inside(element)
    return found


def _rules(element: Element) -> list[str]:
    told = element.attrib
    if element.tag == "Record" and told.get("transcribe") == "true":
        return [] if int(told["maxLength"]) < 120 else ["transcribed for 120 s or more"]
    if element.tag in ("Gather", "Record", "Dial") and "action" not in told:
        return [f"<{element.tag}> without action asks for the same document again"]
    if element.tag == "Gather" and told.get("actionOnEmptyResult") != "true":
        return ["<Gather> that says nothing of silence"]
    return []


def _order(verbs: list[Element]) -> list[str]:
    """Nothing stands behind a verb that never comes back; the last verb leads on or hangs up."""
    tags = [verb.tag for verb in verbs]
    found = [f"what follows <{tag}> is never reached" for tag in tags[:-1] if tag in ENDS]
    if not tags or tags[-1] not in (*ENDS, "Gather"):
        found.append("it ends in silence")
    return found
