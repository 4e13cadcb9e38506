"""The rules of a call: from where it stands and what the caller did to what is said next. Pure.

Triage comes first in any state, as with texts. Every state answers a key, words, silence and a wrong
key, and two misses in a row lead on: to a message on the way in, to a goodbye when we have rung.
"""

from collections.abc import Callable
from dataclasses import replace

from service.conversation import voice_report, voice_rung
from service.conversation.effects import AnswerCheckIn, Flag, OptIn, SetLanguage
from service.conversation.heard import Understood
from service.conversation.voice import (
    At,
    Caller,
    CallState,
    Gather,
    HangUp,
    Line,
    Ring,
    Said,
    Turn,
    Words,
)
from service.conversation.voice_flags import emergency, flagged, some_sign, with_urgent_advice
from service.conversation.voice_replies import (
    again,
    anything_else,
    goodbye,
    listen,
    message_choice,
    opt_out,
    to_consent,
    to_menu,
    to_voicemail,
)
from service.review.rules import Kind as ReviewKind
from service.triage.answers import CheckInAnswer, read_code
from service.triage.rules import Assessment, Level

MOST_MISSES = 2

ON_CALL_SECONDS = 30

Rule = Callable[[CallState, Said, Caller, Understood], Turn | None]


def begin(state: CallState, caller: Caller) -> Turn:
    """Answer the telephone: say who we are, ring the front desk while it is open, else the menu."""
    hello = Line("greeting")
    if caller.desk:
        ring = Ring(caller.desk, caller.desk_seconds)
        return Turn(state.go(At.DESK), (hello, Line("connecting")), ring)
    return _first_question(state, caller, hello)


def step(
    state: CallState,
    said: Said,
    caller: Caller,
    assessment: Assessment,
    understood: Understood,
) -> Turn:
    """What follows from what the caller just did."""
    if said.speech and assessment.level is Level.EMERGENCY:
        return emergency(state, caller, assessment, understood)
    if said.speech and "opt_out" in understood.intents:
        return flagged(opt_out(state), said, assessment)
    turn = _turn(state, said, caller, understood)
    if said.speech and assessment.level is Level.URGENT:
        return with_urgent_advice(state, turn, caller)
    return flagged(turn, said, assessment)


def _turn(state: CallState, said: Said, caller: Caller, understood: Understood) -> Turn:
    if _asks_for_a_person(state, said, understood):
        return message_choice(state, caller)
    rule = RULES[state.at]
    turn = rule(state, said, caller, understood)
    return turn if turn is not None else _missed(state, said, caller)


def _asks_for_a_person(state: CallState, said: Said, understood: Understood) -> bool:
    if state.at in (At.MESSAGE, At.VOICEMAIL, At.OVER, At.EMERGENCY):
        return False
    return bool(said.speech) and "call_me" in understood.intents


def _missed(state: CallState, said: Said, caller: Caller) -> Turn:
    """Silence, a wrong key or words that answer nothing: ask once more, then lead on."""
    misses = state.misses + 1
    if misses < MOST_MISSES:
        heard = Line("not_understood" if said.keys or said.speech else "not_heard")
        return again(replace(state, misses=misses), caller, heard)
    if state.at in (At.TIP, At.NEWS, At.EMERGENCY, At.OVER):
        return goodbye(state)
    return to_voicemail(state)


def _first_question(state: CallState, caller: Caller, *before: Line) -> Turn:
    if caller.has_number or "number" in state.answers:
        return to_menu(state, caller, *before)
    lines = (*before, Line("ask_number"))
    return Turn(state.go(At.NUMBER), lines, Gather(digits=10, speech=False, seconds=10))


def _desk(state: CallState, said: Said, caller: Caller, _: Understood) -> Turn:
    if said.dialled == "completed":
        return Turn(state.go(At.OVER, served=True), (Line("goodbye"),), HangUp())
    return _first_question(state, caller, Line("desk_busy"))


def _number(state: CallState, said: Said, caller: Caller, _: Understood) -> Turn | None:
    """Ten digits are kept for staff to ring; going on without a number is fine too."""
    if len(said.keys) == 10 and said.keys[0] in "23456789" and said.keys[3] in "23456789":
        return to_menu(
            state.go(At.NUMBER, also={"number": f"+1{said.keys}"}), caller, Line("number_kept")
        )
    if not said.keys and state.misses:
        return to_menu(state.go(At.NUMBER, also={"number": ""}), caller)
    return None


def _menu(state: CallState, said: Said, caller: Caller, understood: Understood) -> Turn | None:
    intents = understood.intents if said.speech else frozenset()
    if said.keys == "9" or intents & {"english", "spanish"}:
        return _other_language(state, caller, intents)
    if said.keys == "1" or intents & {"report", "mail", "link"}:
        return voice_report.begin(state, caller)
    if said.keys == "2" or intents & {"tips", "more", "resume", "start"}:
        return _to_tips(state, caller)
    if said.keys == "3":
        return Turn(state.go(At.FEEL), (Line("ask_feel"),), listen(seconds=8))
    if said.keys == "4":
        return message_choice(state, caller)
    if said.keys == "0":
        return to_voicemail(state)
    if said.keys == "*":
        return to_menu(state, caller)
    if said.speech and (intents & {"thanks", "decline"}):
        return goodbye(state)
    return None


def _other_language(state: CallState, caller: Caller, intents: frozenset[str]) -> Turn:
    if intents & {"english", "spanish"}:
        language = "en" if "english" in intents else "es"
    else:
        language = "en" if state.language == "es" else "es"
    turn = to_menu(replace(state, language=language, misses=0), caller)
    return replace(turn, effects=(SetLanguage(language), *turn.effects))


def _to_tips(state: CallState, caller: Caller) -> Turn:
    if caller.known.opted_out:
        return Turn(state.go(At.RESUME), (Line("resume_offer"),), listen(speech=False))
    if caller.known.flagged:
        return message_choice(state, caller, Line("tips_rest"))
    if caller.tip is None and caller.known.program is None:
        return to_consent(state, caller)
    return Turn(state.go(At.TIPS), (Line("tips_menu"),), listen())


def _tips(state: CallState, said: Said, caller: Caller, understood: Understood) -> Turn | None:
    intents = understood.intents if said.speech else frozenset()
    if said.keys == "9":
        return opt_out(state)
    if said.keys == "3":
        return to_consent(state, caller)
    if said.keys in ("1", "2") or "more" in intents:
        if caller.tip is None:
            return anything_else(state, caller, Line("no_tip_yet"))
        told = caller.tip.more if said.keys == "2" or "more" in intents else caller.tip.spoken
        heard = state.go(At.TIPS, served=True)
        return Turn(heard, (Words(told), Line("tips_menu")), listen())
    return to_menu(state, caller) if said.keys == "*" else None


def _resume(state: CallState, said: Said, caller: Caller, _: Understood) -> Turn | None:
    """Only an explicit wish takes an opt-out back."""
    if said.keys == "1":
        turn = to_consent(state, caller)
        return replace(turn, effects=(OptIn(), *turn.effects))
    return anything_else(state, caller) if said.keys == "2" else None


def _feel(state: CallState, said: Said, caller: Caller, _: Understood) -> Turn | None:
    code = read_code(said.keys or said.speech)
    if code is CheckInAnswer.NONE:
        effects = (AnswerCheckIn(),) if caller.known.check_in_open else ()
        served = replace(state, served=True)
        return replace(anything_else(served, caller, Line("check_in_thanks")), effects=effects)
    if code is CheckInAnswer.SOME and "some" not in state.answers:
        return some_sign(state)
    if said.speech:
        return anything_else(replace(state, served=True), caller, Line("person_will_hear"))
    return anything_else(state, caller) if "some" in state.answers else None


def _consent(state: CallState, said: Said, caller: Caller, _: Understood) -> Turn | None:
    return voice_report.consent(state, said, caller)


def _message(state: CallState, said: Said, caller: Caller, understood: Understood) -> Turn | None:
    if said.keys == "1" or (said.speech and "call_me" in understood.intents):
        flag = Flag(ReviewKind.CALL_BACK, Level.REVIEW)
        served = replace(state, served=True)
        turn = anything_else(served, caller, Line("call_back_promised"))
        return replace(turn, effects=(flag,), level=Level.REVIEW)
    return to_voicemail(state) if said.keys == "2" else None


def _voicemail(state: CallState, said: Said, caller: Caller, _: Understood) -> Turn:
    if said.recorded:
        over = state.go(At.OVER, served=True)
        return Turn(over, (Line("voicemail_thanks"), Line("goodbye")), HangUp())
    return goodbye(state)


def _connect(state: CallState, said: Said, caller: Caller, _: Understood) -> Turn | None:
    if said.keys == "1" and caller.on_call:
        ring = Ring(caller.on_call, ON_CALL_SECONDS)
        return Turn(state.go(At.ON_CALL), (Line("connecting"),), ring)
    return None


def _on_call(state: CallState, said: Said, caller: Caller, _: Understood) -> Turn:
    over = state.go(At.OVER)
    if said.dialled == "completed":
        return Turn(over, (Line("goodbye"),), HangUp())
    return Turn(over, (Line("on_call_missed"), Line("safety_emergency")), HangUp())


def _over(state: CallState, said: Said, caller: Caller, _: Understood) -> Turn:
    return goodbye(state)


RULES: dict[At, Rule] = {
    At.DESK: _desk,
    At.NUMBER: _number,
    At.MENU: _menu,
    At.REPORT: voice_report.choose,
    At.NAME: voice_report.name,
    At.ADDRESS: voice_report.address,
    At.ZIP: voice_report.zip_code,
    At.CONFIRM: voice_report.confirm,
    At.TIPS: _tips,
    At.RESUME: _resume,
    At.CONSENT: _consent,
    At.FEEL: _feel,
    At.MESSAGE: _message,
    At.VOICEMAIL: _voicemail,
    At.EMERGENCY: _connect,
    At.ON_CALL: _on_call,
    At.TIP: voice_rung.tip,
    At.NEWS: voice_rung.news,
    At.OVER: _over,
}
