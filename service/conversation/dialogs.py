"""Dialogs: questions whose answer takes more than one message. Pure.

A dialog is one open question with the answers so far. It survives what comes between, and half
answers are kept.
"""

from collections.abc import Mapping

from service.content import Intent
from service.conversation.effects import (
    Ask,
    Effect,
    EndDialog,
    Enroll,
    Flag,
    RequestReport,
    Say,
)
from service.conversation.heard import DialogState, Heard, Known, Question, Understood
from service.report_requests.address import ZIP, clean_name, looks_like_address, read_address
from service.report_requests.rules import Delivery
from service.review.rules import Kind as ReviewKind
from service.triage.rules import Level

COMMANDS: frozenset[Intent] = frozenset(
    {
        "call_me",
        "pause",
        "resume",
        "slower",
        "morning",
        "evening",
        "more",
        "tips",
        "report",
        "english",
        "spanish",
    }
)
"""Wishes that stand for themselves even while a question is open."""

OPEN_ENDED = (Question.NAME, Question.ADDRESS, Question.ZIP)
"""Questions answered in the patient's own words: a word we act on is no answer to them."""

MOST_TRIES = 3


def ask_again(dialog: DialogState) -> Ask:
    """The open question once more, after something came between."""
    return Ask(dialog.question, dialog.answers, again=True)


def answer(known: Known, heard: Heard, understood: Understood) -> list[Effect] | None:
    """What the message means as an answer to the open question; None when it is not one."""
    dialog = known.dialog
    if dialog is None or dialog.suspended or not heard.body.strip():
        return None
    if understood.question or (understood.intents & COMMANDS and not _fits(dialog, understood)):
        return None
    if dialog.question in OPEN_ENDED and understood.intents:
        declined = "decline" in understood.intents
        return [EndDialog(), Say("menu")] if declined else None
    match dialog.question:
        case Question.REPORT_HOW:
            return _how(known, understood)
        case Question.CONSENT_TIPS:
            return _consent(understood)
        case Question.NAME:
            return _name(heard.body, dialog.answers)
        case Question.ADDRESS:
            return _address(heard.body, dialog.answers)
        case Question.ZIP:
            return _zip(heard.body, dialog.answers)
        case Question.CONFIRM:
            return _confirm(dialog.answers, understood)


def _fits(dialog: DialogState, understood: Understood) -> bool:
    """Whether a wish is at the same time an answer: "mail me the report" to "mail or link?"."""
    if dialog.question is Question.REPORT_HOW:
        return bool(understood.intents & {"mail", "link"})
    return dialog.question is Question.CONSENT_TIPS and "agree" in understood.intents


def report_by_link() -> list[Effect]:
    """Hand out the link at once."""
    return [EndDialog(), RequestReport(Delivery.LINK), Say("report_link")]


def _how(known: Known, understood: Understood) -> list[Effect] | None:
    if "link" in understood.intents:
        return report_by_link()
    if "mail" not in understood.intents:
        return None
    if known.report_open:
        return [EndDialog(), Say("report_already")]
    return [Ask(Question.NAME)]


def _consent(understood: Understood) -> list[Effect] | None:
    if "agree" in understood.intents:
        return [Enroll(), EndDialog(), Say("tips_started")]
    if "decline" in understood.intents:
        return [EndDialog(), Say("tips_declined")]
    return None


def _name(text: str, answers: Mapping[str, str]) -> list[Effect]:
    """A name; or a name with the address behind it, which saves a question."""
    if looks_like_address(text):
        return _address(text, answers)
    return [Ask(Question.ADDRESS, {**answers, "name": clean_name(text)})]


def _address(text: str, answers: Mapping[str, str]) -> list[Effect]:
    read = read_address(text)
    known = dict(answers)
    if read.recipient and not known.get("name"):
        known["name"] = read.recipient
    if not looks_like_address(read.text):
        return _unclear(text, known)
    known["address"] = read.text
    if not known.get("name"):
        return [Ask(Question.NAME, known)]
    return [Ask(Question.CONFIRM if read.zip else Question.ZIP, known)]


def _unclear(text: str, known: dict[str, str]) -> list[Effect]:
    """Ask once more; then a person takes over with what was said."""
    tries = int(known.get("tries", "0")) + 1
    known |= {"tries": str(tries), f"said {tries}": text[:200]}
    if tries < MOST_TRIES:
        return [Ask(Question.ADDRESS, known, key="address_unclear")]
    return [
        EndDialog(),
        Flag(ReviewKind.HALF_REQUEST, Level.REVIEW),
        Say("person_will_read"),
    ]


def _zip(text: str, answers: Mapping[str, str]) -> list[Effect]:
    found = ZIP.search(text)
    if found is None:
        return [Ask(Question.ZIP, answers, again=True)]
    address = f"{answers['address']} {found.group(1)}"
    return [Ask(Question.CONFIRM, {**answers, "address": address})]


def _confirm(answers: Mapping[str, str], understood: Understood) -> list[Effect] | None:
    if "confirm" in understood.intents:
        request = RequestReport(Delivery.MAIL, answers["name"], answers["address"])
        return [request, EndDialog(), Say("report_confirmed")]
    if "change" in understood.intents:
        return [Ask(Question.NAME)]
    return None
