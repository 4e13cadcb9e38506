"""What was heard and what is known, as plain values: all that a decision may look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from service.content import Intent
from service.patients.rules import Means


class Channel(StrEnum):
    """How it came in."""

    SMS = "sms"
    CALL = "call"  # said or keyed in on the telephone
    VOICEMAIL = "voicemail"  # the transcript of a recording


class CarrierTook(StrEnum):
    """A word the carrier acts on and answers by itself, before we see it."""

    STOP = "stop"
    START = "start"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing that came in, parsed; `raw` is the form as it was posted, every field of it."""

    carrier_id: str
    channel: Channel
    sender: str | None  # E.164; None when hidden, missing or no number
    body: str
    media_count: int
    carrier_took: CarrierTook | None
    raw: tuple[tuple[str, str], ...]
    call: str | None = None  # the carrier's id of the call it was said in
    recording: str | None = None  # the carrier's id of the recording it is the transcript of
    means: Means = Means.TEXT
    taken_back: bool = False  # a START whose sender has opted out since, by the carrier's list


class Question(StrEnum):
    """What a dialog is waiting to be told."""

    REPORT_HOW = "report_how"
    NAME = "name"
    ADDRESS = "address"
    ZIP = "zip"
    CONFIRM = "confirm"
    CONSENT_TIPS = "consent_tips"
    WEB = "web"  # was the form on the public page meant?
    SADDLE = "saddle"  # numb between the legs or on wiping?
    CONTROL = "control"  # trouble with urine or stool, or both legs weak?
    DETAIL = "detail"  # which place, and since when?


@dataclass(frozen=True, slots=True)
class DialogState:
    """The open question and the answers so far."""

    question: Question
    answers: Mapping[str, str]
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Understood:
    """What a message asks for, by the word lists; nothing of it is about symptoms."""

    intents: frozenset[Intent]
    language: str | None  # the language it is surely in, if that can be told
    question: str | None  # the frequently asked question it puts


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the thread at this moment."""

    language: str
    is_new: bool = False
    opted_out: bool = False
    opted_out_later: bool = False  # after these words were written: they cannot take it back
    flagged: bool = False  # an urgent or emergency flag is open
    dialog: DialogState | None = None
    program: str | None = None  # "active", "paused" or None
    paused_by: str | None = None  # PausedBy, while paused
    check_in_open: bool = False
    more_open: bool = False  # there is a last tip that MORE can expand
    report_open: bool = False  # a report is on its way by mail, or was mailed within the year
    report_to: str | None = None  # whom it goes to, while it can still be changed
    report_address: str | None = None
    last_address: str | None = None  # the address last given on this phone
    replies_last_hour: int = 0
