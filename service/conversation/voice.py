"""A telephone call as plain values: where it stands, what the caller did, what is said and awaited."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from service.conversation.effects import Effect
from service.conversation.heard import Known
from service.triage.rules import Level

MOST_TURNS = 60
"""No call goes on for longer than this many steps: a goodbye ends it."""


class At(StrEnum):
    """Where a call stands: what the next thing the caller does will answer."""

    DESK = "desk"  # the front desk is being rung
    NUMBER = "number"  # a hidden caller is asked for a number
    MENU = "menu"
    REPORT = "report"  # by voice now, or by text
    NAME = "name"
    ADDRESS = "address"
    ZIP = "zip"
    CONFIRM = "confirm"
    TIPS = "tips"  # the last tip: again, more, stop
    RESUME = "resume"  # opted out: take it back?
    CONSENT = "consent"
    FEEL = "feel"
    MESSAGE = "message"  # be rung back, or leave a message
    VOICEMAIL = "voicemail"
    EMERGENCY = "emergency"  # be connected at once?
    ON_CALL = "on_call"  # the person on call is being rung
    TIP = "tip"  # a tip by call was spoken
    NEWS = "news"  # what became of the report was told, to somebody no text reaches
    OVER = "over"


DIALOG = (At.NAME, At.ADDRESS, At.ZIP, At.CONFIRM)
"""Where a hang-up leaves half a report request."""


@dataclass(frozen=True, slots=True)
class CallState:
    """Where the call stands. `misses` counts silences and wrong keys in a row."""

    at: At
    language: str
    answers: Mapping[str, str] = field(default_factory=dict)
    misses: int = 0
    served: bool = False  # the caller got, or left, something: no text for a missed call

    def go(
        self, at: At, *, served: bool | None = None, also: Mapping[str, str] = MappingProxyType({})
    ) -> "CallState":
        """The state after something was understood; `also` are answers that were given."""
        return replace(
            self,
            at=at,
            misses=0,
            answers={**self.answers, **also},
            served=self.served if served is None else served,
        )


@dataclass(frozen=True, slots=True)
class Said:
    """What the caller (or the carrier) did at one step; nothing of it set is silence."""

    keys: str = ""
    speech: str = ""
    confidence: float | None = None  # 0 to 1; recognisers do not always tell
    dialled: str = ""  # DialCallStatus, after a Ring
    recorded: bool = False
    answered_by: str = ""  # human, machine_end_beep, ..., when we rang


@dataclass(frozen=True, slots=True)
class Tip:
    """A step of the program as it is spoken."""

    spoken: str
    more: str
    check_in: bool


@dataclass(frozen=True, slots=True)
class Caller:
    """What is known of who is on the telephone, and whom they can be connected to now."""

    known: Known
    has_number: bool
    texts: bool  # texts can be taken to arrive
    desk: str = ""  # E.164, only while it is open
    desk_seconds: int = 20
    on_call: str = ""
    tip: Tip | None = None
    news: str = ""  # what we ring to say, when it is no tip


@dataclass(frozen=True, slots=True)
class Line:
    """Say the line `key` of voice.toml; in the call's language unless another is named."""

    key: str
    params: Mapping[str, str] = field(default_factory=dict)
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """Say these words as they are: a tip."""

    text: str


@dataclass(frozen=True, slots=True)
class Gather:
    """Wait for keys (`digits` of them at most; 0 for none) or, with `speech`, for words."""

    digits: int = 1
    speech: bool = True
    seconds: int = 6
    record: bool = False  # keep the caller's voice from here on; it was announced


@dataclass(frozen=True, slots=True)
class Record:
    """Take a message. `transcribe` only where the carrier can: American English."""

    transcribe: bool


@dataclass(frozen=True, slots=True)
class Ring:
    """Connect to `number`. With `whisper` they must press a key: no mailbox can swallow the caller."""

    number: str
    seconds: int
    whisper: bool = True
    caller_id: str = ""  # shown to them; empty: the carrier's default


@dataclass(frozen=True, slots=True)
class HangUp:
    """The call is over."""


Then = Gather | Record | Ring | HangUp


@dataclass(frozen=True, slots=True)
class Turn:
    """What follows from one step: effects, then what is said, then what is awaited in which state."""

    state: CallState
    say: tuple[Line | Words, ...]
    then: Then
    effects: tuple[Effect, ...] = ()
    level: Level = Level.CLEAR


@dataclass(frozen=True, slots=True)
class Script:
    """A turn with its words filled in: all that is needed to build the document, and can be stored."""

    say: tuple[tuple[str, str], ...]  # (language, text)
    language: str
    then: Then

    def as_json(self) -> dict[str, Any]:
        """A plain value to keep."""
        told = {name: getattr(self.then, name) for name in type(self.then).__slots__}
        return {
            "say": [list(line) for line in self.say],
            "language": self.language,
            "then": {"kind": type(self.then).__name__, **told},
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Script":
        """What `as_json` gave."""
        say = tuple((str(language), str(text)) for language, text in kept["say"])
        told = dict(kept["then"])
        kind = {each.__name__: each for each in (Gather, Record, Ring, HangUp)}[told.pop("kind")]
        return cls(say, str(kept["language"]), kind(**told))


def load_state(kept: Mapping[str, Any]) -> CallState:
    """The state as it was kept."""
    return replace(CallState(**kept), at=At(kept["at"]))
