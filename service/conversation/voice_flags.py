"""What triage makes of a turn of a call. Pure."""

from dataclasses import replace

from service.conversation.effects import AnswerCheckIn, Flag, OptOut
from service.conversation.heard import Understood
from service.conversation.voice import (
    At,
    Caller,
    CallState,
    HangUp,
    Line,
    Said,
    Turn,
)
from service.conversation.voice_replies import (
    anything_else,
    goodbye,
    listen,
    urgent_advice,
)
from service.review.rules import Kind as ReviewKind
from service.triage.rules import UNREAD, Assessment, Level


def flagged(turn: Turn, said: Said, assessment: Assessment) -> Turn:
    """Words that triage wants read, or that answered nothing, go to a person too."""
    if not said.speech or any(isinstance(each, Flag) for each in turn.effects):
        return turn
    found = any(finding.sign != UNREAD for finding in assessment.findings)
    lost = turn.state.misses > 0 or turn.state.at is At.VOICEMAIL
    if assessment.level is Level.CLEAR and not lost:
        return turn
    if not found and not lost and turn.state.at is not At.MENU:
        return turn
    flag = Flag(ReviewKind.UNCLEAR_REPLY, Level.REVIEW)
    return replace(turn, effects=(flag, *turn.effects), level=Level.REVIEW)


def emergency(
    state: CallState, caller: Caller, assessment: Assessment, understood: Understood
) -> Turn:
    """The flag first, then the advice, then the person on call where there is one."""
    effects: tuple[Flag | OptOut, ...] = (Flag(ReviewKind.RED_FLAG, Level.EMERGENCY),)
    if "opt_out" in understood.intents:
        effects = (*effects, OptOut())
    advice = Line(assessment.reply or "safety_emergency")
    if caller.on_call:
        there = state.go(At.EMERGENCY, served=True)
        lines = (advice, Line("offer_on_call"))
        return Turn(there, lines, listen(speech=False), effects, Level.EMERGENCY)
    over = state.go(At.OVER, served=True)
    return Turn(over, (advice, Line("safety_close")), HangUp(), effects, Level.EMERGENCY)


def with_urgent_advice(state: CallState, turn: Turn, caller: Caller) -> Turn:
    """Advice first. A tip, or more of one, is not spoken after it; a dialog goes on."""
    flag = Flag(ReviewKind.RED_FLAG, Level.URGENT)
    if turn.state.at in (At.TIPS, At.TIP, At.CONSENT, At.FEEL) or turn.state.misses:
        turn = goodbye(state) if state.at is At.TIP else anything_else(state, caller)
    kept = tuple(each for each in turn.effects if not isinstance(each, Flag | AnswerCheckIn))
    return replace(
        turn,
        state=replace(turn.state, served=True, misses=0),
        say=(urgent_advice(), *turn.say),
        effects=(flag, *kept),
        level=Level.URGENT,
    )


def some_sign(state: CallState) -> Turn:
    """ "2" says "I have a sign": flagged before they are asked which."""
    there = state.go(At.FEEL, served=True, also={"some": "1"})
    lines = (urgent_advice(), Line("ask_which_sign"))
    flag = Flag(ReviewKind.RED_FLAG, Level.URGENT)
    return Turn(there, lines, listen(seconds=8), (flag,), Level.URGENT)
