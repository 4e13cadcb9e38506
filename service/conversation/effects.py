"""What a decision can bring about. Plain values; `apply` turns each into one call."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.conversation.heard import Question
from service.drip.rules import PartOfDay
from service.outbox.rules import Kind as MessageKind
from service.report_requests.rules import Delivery
from service.review.rules import Kind as ReviewKind
from service.triage.rules import Level


@dataclass(frozen=True, slots=True)
class Say:
    """Send the reply `key` of replies.toml."""

    key: str
    kind: MessageKind = MessageKind.REPLY
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SayMore:
    """Send the longer form of the last tip."""


@dataclass(frozen=True, slots=True)
class SayAnswer:
    """Send our answer to a frequently asked question."""

    question: str


@dataclass(frozen=True, slots=True)
class Flag:
    """Put the message in front of staff; urgent and emergency also alert them."""

    kind: ReviewKind
    level: Level


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """Speak this language from now on."""

    language: str


@dataclass(frozen=True, slots=True)
class OptOut:
    """Stop everything to this number."""


@dataclass(frozen=True, slots=True)
class OptIn:
    """The patient has said START."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask a question and wait for its answer."""

    question: Question
    answers: Mapping[str, str] = field(default_factory=dict)
    again: bool = False  # it was asked before: something came between
    key: str | None = None  # the reply to ask it by, where it is not the usual one


@dataclass(frozen=True, slots=True)
class Suspend:
    """Keep the open question, but take nothing as its answer until it was asked again."""


@dataclass(frozen=True, slots=True)
class EndDialog:
    """The open question is settled or dropped."""


@dataclass(frozen=True, slots=True)
class RequestReport:
    """Record a wish for the report, confirmed by the patient, and tell what came of it."""

    delivery: Delivery
    recipient: str | None = None
    address: str | None = None
    doubtful: bool = False  # the address stayed in doubt: a person looks at it first


@dataclass(frozen=True, slots=True)
class CorrectReport:
    """Change where the package that is not yet mailed goes."""

    recipient: str
    address: str


@dataclass(frozen=True, slots=True)
class SayReport:
    """Tell somebody who asks again how their request stands."""


@dataclass(frozen=True, slots=True)
class KeepWebConsent:
    """Record the consent to texts about the report, ticked on the page and confirmed by text."""


@dataclass(frozen=True, slots=True)
class TipsByCall:
    """How tips are to reach this number from now on: by call, or by text."""

    by_call: bool


@dataclass(frozen=True, slots=True)
class Enroll:
    """Record the consent just given and start the program."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Rest the program at the patient's wish."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on with the program at the patient's wish."""


@dataclass(frozen=True, slots=True)
class Prefer:
    """Send tips at this part of the day, or at this pace, from now on."""

    part: PartOfDay | None = None
    pace: int | None = None


@dataclass(frozen=True, slots=True)
class AnswerCheckIn:
    """The last check-in was answered with "none of these"."""


Effect = (
    Say
    | SayMore
    | SayAnswer
    | Flag
    | SetLanguage
    | OptOut
    | OptIn
    | Ask
    | Suspend
    | EndDialog
    | RequestReport
    | CorrectReport
    | SayReport
    | KeepWebConsent
    | TipsByCall
    | Enroll
    | Pause
    | Resume
    | Prefer
    | AnswerCheckIn
)
