"""One call as it stands, and what a document offers its caller."""

from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from service.simulator.records import Call


@dataclass
class Live:
    """One call with somebody on it. `said` grows; `waits` is what the person can do now."""

    call: Call
    phone: str  # the number of the phone on the page
    base: str
    end_url: str
    said: list[dict[str, str]] = field(default_factory=list)
    verbs: list[Element] = field(default_factory=list)
    waits: dict[str, object] = field(default_factory=dict)
    verb: Element | None = None
    keeps: str = ""  # where a recording of the whole call is told of
    words: list[str] = field(default_factory=list)
    parent: "Live | None" = None
    fetches: int = 0


def offer(verb: Element) -> dict[str, object]:
    """What the person can do at this verb, and how long is waited for it (seconds)."""
    if verb.tag == "Record":
        return {"kind": "record"}
    return {
        "kind": "gather",
        "keys": int(verb.get("numDigits", "20")),
        "speech": "speech" in verb.get("input", "dtmf"),
        "seconds": int(verb.get("timeout", "5")),
    }


def callback_of(start: Element) -> str:
    """Where a recording that was started beside the call is told of; empty when nowhere."""
    found = start.find("Recording")
    return found.get("recordingStatusCallback", "") if found is not None else ""
