"""Calls that we place: a tip, or news of the report. Who calls and how to stop come first. Pure."""

from dataclasses import replace

from service.conversation.effects import AnswerCheckIn
from service.conversation.heard import Understood
from service.conversation.voice import At, Caller, CallState, HangUp, Line, Said, Turn, Words
from service.conversation.voice_flags import some_sign
from service.conversation.voice_replies import goodbye, listen, opt_out, to_voicemail
from service.triage.answers import CheckInAnswer, read_code


def begin(state: CallState, said: Said, caller: Caller) -> Turn:
    """Somebody, or a machine, has picked up.

    A machine hears no health details (45 CFR 164.530(c): what a household may overhear).
    """
    machine = said.answered_by.startswith("machine") or said.answered_by == "fax"
    if machine or not (caller.news or caller.tip):
        return Turn(state.go(At.OVER, served=True), (Line("machine_message"),), HangUp())
    if caller.tip is None or caller.news:
        return _tell_news(state.go(At.NEWS, served=True), caller, Line("news_call_intro"))
    lines: tuple[Line | Words, ...] = (Line("tip_call_intro"), Words(caller.tip.spoken))
    lines = (*lines, *_tip_question(caller))
    return Turn(state.go(At.TIP, served=True), lines, listen())


def tip(state: CallState, said: Said, caller: Caller, understood: Understood) -> Turn | None:
    """What follows a tip: the check-in's answer, the tip again, more of it, a message, no more calls."""
    if said.keys == "9":
        return opt_out(state)
    if said.keys == "0":
        return to_voicemail(state)
    code = read_code(said.keys or said.speech)
    if code is CheckInAnswer.NONE:
        thanks = goodbye(state, Line("check_in_thanks"))
        return replace(thanks, effects=(AnswerCheckIn(),))
    if code is CheckInAnswer.SOME:
        return some_sign(state)
    wants_more = said.keys == "4" or (said.speech and "more" in understood.intents)
    if caller.tip and (said.keys == "3" or wants_more):
        told = caller.tip.more if wants_more else caller.tip.spoken
        return Turn(state.go(At.TIP), (Words(told), *_tip_question(caller)), listen())
    if said.speech:
        return goodbye(state, Line("person_will_hear"))
    return None


def news(state: CallState, said: Said, caller: Caller, _: Understood) -> Turn | None:
    """What follows news: once more, a message (a better address, say), no more calls."""
    if said.keys == "9":
        return opt_out(state)
    if said.keys == "0":
        return to_voicemail(state)
    if said.keys == "1":
        return _tell_news(state.go(At.NEWS), caller)
    return goodbye(state, Line("person_will_hear")) if said.speech else None


def _tell_news(state: CallState, caller: Caller, *before: Line) -> Turn:
    return Turn(state, (*before, Words(caller.news), Line("news_choices")), listen())


def _tip_question(caller: Caller) -> tuple[Line, ...]:
    asks = caller.tip is not None and caller.tip.check_in
    return (Line("check_in"), Line("tip_choices")) if asks else (Line("tip_choices"),)
