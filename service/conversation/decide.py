"""Decide what to do about something heard. Pure: no database, no clock.

Triage is not one branch among others: its level is acted on first, in any state, and the rest of the
message is served as well ("STOP, I can't feel my legs" is an opt-out and an emergency).
"""

from collections.abc import Collection

from service.content import Intent
from service.conversation import signs_check
from service.conversation.dialogs import answer, ask_again, report_by_link
from service.conversation.effects import (
    AnswerCheckIn,
    Ask,
    Effect,
    Flag,
    OptIn,
    OptOut,
    Pause,
    Prefer,
    Resume,
    Say,
    SayAnswer,
    SayMore,
    SayReport,
    SetLanguage,
    Suspend,
)
from service.conversation.heard import (
    CarrierTook,
    Channel,
    DialogState,
    Heard,
    Known,
    Question,
    Understood,
)
from service.conversation.left import left_by_voice
from service.conversation.report_dialog import begin, correction
from service.conversation.restraint import bounded, without_exercise
from service.drip.rules import SLOWER, STAFF_ONLY, PartOfDay, PausedBy
from service.outbox.rules import Kind as MessageKind
from service.review.rules import FLAGGING
from service.review.rules import Kind as ReviewKind
from service.triage.answers import CheckInAnswer, read_code
from service.triage.rules import UNREAD, Assessment, Level


def decide(
    known: Known, heard: Heard, assessment: Assessment, understood: Understood
) -> list[Effect]:
    """Everything that follows from one message, in the order in which it is to be done."""
    if heard.channel is not Channel.SMS:
        return left_by_voice(heard, assessment, understood)
    effects = _language(known, understood)
    if heard.sender is None:
        return [
            *effects,
            Flag(ReviewKind.UNCLEAR_REPLY, Level.highest([assessment.level, Level.REVIEW])),
        ]
    level = _level(known, heard, assessment, understood)
    if level in FLAGGING:
        effects += _red_flag(known, heard, assessment, understood, level)
    else:
        effects += _served(known, heard, assessment, understood)
    return bounded(known, without_exercise(known, effects))


def _language(known: Known, understood: Understood) -> list[Effect]:
    for intent, language in (("english", "en"), ("spanish", "es")):
        if intent in understood.intents:
            return [SetLanguage(language)]
    if understood.language and understood.language != known.language:
        return [SetLanguage(understood.language)]
    return []


def _level(known: Known, heard: Heard, assessment: Assessment, understood: Understood) -> Level:
    """The level of the words, raised by what they answer: a "2" to a check-in says "I have a sign"."""
    answers_dialog = known.dialog is not None and not known.dialog.suspended
    if known.check_in_open and not answers_dialog and read_code(heard.body) is CheckInAnswer.SOME:
        return Level.highest([assessment.level, Level.URGENT])
    return assessment.level


def _red_flag(
    known: Known, heard: Heard, assessment: Assessment, understood: Understood, level: Level
) -> list[Effect]:
    """Flag, advise at once, then serve an opt-out that stood in the same words.

    Who has opted out hears only the advice that answers an emergency; staff ring them.
    """
    effects: list[Effect] = [Flag(ReviewKind.RED_FLAG, level)]
    opting_out = "opt_out" in understood.intents or heard.carrier_took is CarrierTook.STOP
    if level is Level.EMERGENCY:
        effects.append(Say(assessment.reply or "safety_emergency", MessageKind.SAFETY))
    elif not (opting_out or known.opted_out):
        effects += _urgent_advice(known, heard, assessment, level)
    if opting_out:
        return [*effects, OptOut()]
    if known.dialog is None or known.opted_out:
        return effects
    if known.dialog.question in signs_check.QUESTIONS and not known.dialog.suspended:
        return [*effects, *signs_check.after_flag(known.dialog, assessment, level)]
    return [*effects, Suspend() if level is Level.EMERGENCY else ask_again(known.dialog)]


def _urgent_advice(
    known: Known, heard: Heard, assessment: Assessment, level: Level
) -> list[Effect]:
    advice = assessment.reply if assessment.level is level else None
    effects: list[Effect] = [Say(advice or "safety_urgent", MessageKind.ADVICE)]
    if read_code(heard.body) is CheckInAnswer.SOME and known.dialog is None:
        effects.append(signs_check.begin("", level))
    return effects


def _served(
    known: Known, heard: Heard, assessment: Assessment, understood: Understood
) -> list[Effect]:
    """A message without a red flag: the carrier's words first, then the dialog, then wishes."""
    if "opt_out" in understood.intents or heard.carrier_took is CarrierTook.STOP:
        return _opt_out(heard, assessment)
    if known.opted_out:
        if "start" in understood.intents and not (known.opted_out_later or heard.taken_back):
            return _opt_in(known, heard)
        return _while_opted_out(heard, assessment, understood)
    if "help" in understood.intents:
        return [*_unless_carrier_helped(heard), *_asked_again(known)]
    answered = answer(known, heard, understood, assessment.level) if known.dialog else None
    if answered is not None:
        return [*answered, *_worth_reading(assessment)]
    wish = _wish(known, heard, assessment, understood)
    if known.dialog and _asks_instead(known.dialog, wish):
        return wish
    return [*wish, *_asked_again(known)]


def _opt_out(heard: Heard, assessment: Assessment) -> list[Effect]:
    """Stop at once. The carrier confirms its own words itself; a second confirmation breaks its rules."""
    effects: list[Effect] = [OptOut()]
    if heard.carrier_took is CarrierTook.STOP:
        return effects
    effects.append(Say("opted_out", MessageKind.OPT_OUT_CONFIRMATION))
    if assessment.level is Level.REVIEW:
        effects.append(Flag(ReviewKind.OPT_OUT_IN_WORDS, Level.REVIEW))
    return effects


def _opt_in(known: Known, heard: Heard) -> list[Effect]:
    effects: list[Effect] = [OptIn()]
    if known.program:
        effects.append(Resume())
    if heard.carrier_took is not CarrierTook.START:
        effects.append(Say("opted_in"))
    return effects


def _while_opted_out(heard: Heard, assessment: Assessment, understood: Understood) -> list[Effect]:
    """Nothing is sent; what should be read is put in front of a person, who may ring."""
    if "help" in understood.intents or (assessment.level is Level.CLEAR and not heard.media_count):
        return []
    return [Flag(_review_kind(understood), Level.REVIEW)]


def _unless_carrier_helped(heard: Heard) -> list[Effect]:
    return [] if heard.carrier_took is CarrierTook.HELP else [Say("help")]


def _asked_again(known: Known) -> list[Effect]:
    """After something came between, the open question is asked again."""
    return [ask_again(known.dialog)] if known.dialog else []


def _asks_instead(dialog: DialogState, wish: list[Effect]) -> bool:
    """Whether another question takes the place of the check: it keeps no half answers."""
    return dialog.question in signs_check.QUESTIONS and any(isinstance(e, Ask) for e in wish)


def _wish(
    known: Known, heard: Heard, assessment: Assessment, understood: Understood
) -> list[Effect]:
    """What the words ask for; what asks for nothing we know goes to a person."""
    intents = understood.intents
    if not heard.body.strip():
        key = "media_only" if heard.media_count else "not_understood"
        return [Flag(ReviewKind.UNCLEAR_REPLY, Level.REVIEW), Say(key)]
    if known.check_in_open and _answers_none(heard, assessment):
        if known.paused_by == PausedBy.SILENCE:
            return [AnswerCheckIn(), *_resume(known)]
        return [AnswerCheckIn(), Say("check_in_thanks")]
    if "english" in intents or "spanish" in intents:
        return [Say("welcome" if known.is_new else "language_set")]
    if "call_me" in intents:
        return [Flag(ReviewKind.CALL_BACK, Level.REVIEW), Say("call_back_promised")]
    if known.report_address and (corrected := correction(known, heard.body)):
        return corrected
    effects = _menu_wish(known, heard, understood)
    if effects is not None:
        return [*effects, *_worth_reading(assessment)]
    if understood.question:
        return [SayAnswer(understood.question), Flag(ReviewKind.QUESTION, Level.REVIEW)]
    if signs_check.unclear(known, heard.body, assessment):
        return [
            Flag(ReviewKind.UNCLEAR_REPLY, Level.REVIEW),
            signs_check.begin(heard.body, Level.REVIEW),
        ]
    return _no_wish(known, assessment, understood)


def _menu_wish(known: Known, heard: Heard, understood: Understood) -> list[Effect] | None:
    """START, REPORT, TIPS, PAUSE, RESUME, MORE; None when it is none of them."""
    intents = understood.intents
    if "start" in intents:
        return [Say("welcome" if known.is_new else "menu")]
    if intents & {"report", "mail", "link"}:
        return _report(known, heard, understood)
    if "tips" in intents:
        return [Say("tips_already")] if known.program == "active" else _tips(known)
    if "pause" in intents:
        return [Pause(), Say("paused")] if known.program else [Say("not_enrolled")]
    if "resume" in intents:
        return _resume(known) if known.program else [Say("not_enrolled")]
    if intents & {"slower", "morning", "evening"}:
        return _prefer(intents) if known.program else [Say("not_enrolled")]
    if "more" in intents:
        return [SayMore()] if known.more_open else [Say("no_more")]
    return None


def _tips(known: Known) -> list[Effect]:
    if known.program == "paused":
        return _resume(known)
    return [Ask(Question.CONSENT_TIPS)]


def _resume(known: Known) -> list[Effect]:
    """Go on; after a flag only when a person who knows the case says so."""
    if known.paused_by in STAFF_ONLY:
        return [Flag(ReviewKind.UNCLEAR_REPLY, Level.REVIEW), Say("person_will_read")]
    return [Resume(), Say("resumed")]


def _prefer(intents: Collection[Intent]) -> list[Effect]:
    """How often and when tips come, as the patient likes."""
    if "slower" in intents:
        return [Prefer(pace=SLOWER), Say("slower")]
    if "evening" in intents:
        return [Prefer(part=PartOfDay.EVENING), Say("evenings")]
    return [Prefer(part=PartOfDay.MORNING), Say("mornings")]


def _report(known: Known, heard: Heard, understood: Understood) -> list[Effect]:
    if "link" in understood.intents:
        return report_by_link()
    if known.report_open:
        return [SayReport()]
    if begun := begin(known, heard.body):
        return begun
    return [Ask(Question.NAME if "mail" in understood.intents else Question.REPORT_HOW)]


def _no_wish(known: Known, assessment: Assessment, understood: Understood) -> list[Effect]:
    """Thanks and emoji need no answer; everything else is read by a person, and the patient told so."""
    greeting: list[Effect] = [Say("welcome")] if known.is_new else []
    courtesy = "thanks" in understood.intents and not _found_a_sign(assessment)
    if courtesy or (assessment.level is Level.CLEAR and not _bare_code(understood)):
        return greeting
    kind = Flag(ReviewKind.UNCLEAR_REPLY, Level.REVIEW)
    if greeting:
        return [kind, Say("person_will_read"), *greeting]
    return [kind, Say(assessment.reply or "not_understood")]


def _answers_none(heard: Heard, assessment: Assessment) -> bool:
    return assessment.level is Level.CLEAR and read_code(heard.body) is CheckInAnswer.NONE


def _bare_code(understood: Understood) -> bool:
    """A "1" or "2" that answers no question we have asked."""
    return bool(understood.intents & {"none", "confirm", "change", "agree", "decline"})


def _worth_reading(assessment: Assessment) -> list[Effect]:
    """What was understood and served is read by a person all the same when triage found a sign in it."""
    if assessment.level is Level.REVIEW and _found_a_sign(assessment):
        return [Flag(ReviewKind.UNCLEAR_REPLY, Level.REVIEW)]
    return []


def _found_a_sign(assessment: Assessment) -> bool:
    return any(finding.sign != UNREAD for finding in assessment.findings)


def _review_kind(understood: Understood) -> ReviewKind:
    return ReviewKind.CALL_BACK if "call_me" in understood.intents else ReviewKind.UNCLEAR_REPLY
