"""The two questions for whoever would rather press than write, and then: what else is it? Pure.

Both ask for signs of cauda equina syndrome (CES warning card; both legs weak: NICE NG59), so a "2" is an
emergency. What was flagged before they are asked stands, whatever the answers are.
"""

from collections.abc import Callable
from typing import Final

from service.conversation.effects import Ask, Effect, EndDialog, Flag, Say
from service.conversation.heard import DialogState, Known, Question, Understood
from service.review.rules import Kind as ReviewKind
from service.triage.answers import CheckInAnswer, read_choice
from service.triage.joined import assess_answer
from service.triage.rules import UNREAD, Assessment, Finding, Level

SIGNS: Final = {Question.SADDLE: "check_saddle", Question.CONTROL: "check_control"}
QUESTIONS: Final = (*SIGNS, Question.DETAIL)

_SHORT = 6  # words: an unclear answer, not a letter


def begin(words: str, level: Level) -> Ask:
    """The first question, with what was said and how it was judged."""
    return Ask(Question.SADDLE, {"words": words, "level": level})


def unclear(known: Known, body: str, assessment: Assessment) -> bool:
    """Whether it answers a check-in so that nobody can tell what is meant: "kinda", "3"."""
    found = [finding.sign for finding in assessment.findings]
    free = known.check_in_open and known.dialog is None
    return free and found == [UNREAD] and len(body.split()) <= _SHORT


def weighed(
    dialog: DialogState | None,
    body: str,
    understood: Understood,
    assess: Callable[[str], Assessment],
) -> Assessment:
    """What triage makes of a message where it may answer one of these questions.

    An answer is read together with the words it completes, and "2" means the sign that was asked for.
    Nothing here is lower than the words alone.
    """
    alone = assess(body)
    if dialog is None or dialog.suspended or dialog.question not in QUESTIONS:
        return alone
    if dialog.question is Question.DETAIL:
        return assess_answer(body, dialog.answers.get("words", ""), assess)
    return _pressed(dialog.question, body, understood, alone)


def _pressed(
    question: Question, body: str, understood: Understood, alone: Assessment
) -> Assessment:
    choice = read_choice(body)
    if choice is CheckInAnswer.SOME:
        return _raised(alone, question, body, Level.EMERGENCY, "safety_cauda_equina", "yes")
    told = alone.level is not Level.REVIEW or any(f.sign != UNREAD for f in alone.findings)
    if choice or told or understood.intents or understood.question or not body.strip():
        return alone
    return _raised(alone, question, body, Level.URGENT, "safety_urgent", "neither yes nor no")


def _raised(
    alone: Assessment, question: Question, body: str, level: Level, reply: str, said: str
) -> Assessment:
    if alone.level.at_least(level):
        return alone
    finding = Finding(SIGNS[question], level, body.strip(), 0, len(body), f"answered {said}")
    return Assessment(level, (finding,), alone.version, reply)


def after_flag(dialog: DialogState, assessment: Assessment, level: Level) -> list[Effect]:
    """How the check goes on once an answer was flagged: over, the next question, or the same again."""
    if level is Level.EMERGENCY or dialog.question is Question.DETAIL:
        return [EndDialog()]
    if any(finding.sign in SIGNS.values() for finding in assessment.findings):
        return _next(dialog)
    return [Ask(dialog.question, dialog.answers, again=True)]


def answer(known: Known, dialog: DialogState, body: str, level: Level) -> list[Effect] | None:
    """What follows from an answer that raised nothing; None when it is no answer."""
    if dialog.question is Question.DETAIL:
        return _told(known, dialog)
    if read_choice(body) is CheckInAnswer.NONE or level is Level.CLEAR:
        return _next(dialog)
    return None


def _next(dialog: DialogState) -> list[Effect]:
    following = {Question.SADDLE: Question.CONTROL, Question.CONTROL: Question.DETAIL}
    return [Ask(following[dialog.question], dialog.answers)]


def _told(known: Known, dialog: DialogState) -> list[Effect]:
    """The details stand beside the flag they belong to; where that is closed, a person reads anew."""
    stood = Level(dialog.answers.get("level", Level.REVIEW))
    kind = ReviewKind.RED_FLAG if stood is Level.URGENT else ReviewKind.UNCLEAR_REPLY
    beside = known.flagged and stood is Level.URGENT
    anew: list[Effect] = [] if beside else [Flag(kind, stood)]
    return [EndDialog(), *anew, Say("person_will_read")]
