"""Dialogs: questions whose answer takes more than one message. Pure.

A dialog is one open question with the answers so far. It survives what comes between, and half
answers are kept.
"""

from service.content import Intent
from service.conversation import report_dialog, signs_check
from service.conversation.effects import (
    Ask,
    Effect,
    EndDialog,
    Enroll,
    RequestReport,
    Say,
    SayReport,
)
from service.conversation.heard import DialogState, Heard, Known, Question, Understood
from service.report_requests.rules import Delivery
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


def ask_again(dialog: DialogState) -> Ask:
    """The open question once more, after something came between."""
    return Ask(dialog.question, dialog.answers, again=True)


def answer(known: Known, heard: Heard, understood: Understood, level: Level) -> list[Effect] | None:
    """What a message of this triage level means as an answer to the open question; None when it is none."""
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
        case Question.WEB:
            return report_dialog.confirm_web(dialog.answers, understood)
        case Question.NAME | Question.ADDRESS | Question.ZIP | Question.CONFIRM:
            return report_dialog.answer(known, dialog, heard.body, understood)
        case Question.SADDLE | Question.CONTROL | Question.DETAIL:
            return signs_check.answer(known, dialog, heard.body, level)


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
        return [EndDialog(), SayReport()]
    return [Ask(Question.NAME)]


def _consent(understood: Understood) -> list[Effect] | None:
    if "agree" in understood.intents:
        return [Enroll(), EndDialog(), Say("tips_started")]
    if "decline" in understood.intents:
        return [EndDialog(), Say("tips_declined")]
    return None
