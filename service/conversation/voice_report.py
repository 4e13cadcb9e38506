"""The report, and consent to tips, asked for by voice. Pure.

What is doubtful goes to a person with the recording: words the recogniser was unsure of, an address
that does not parse, a ZIP that is unknown or lies elsewhere than the rest of the address.
"""

from dataclasses import replace

from service.conversation.effects import (
    Ask,
    Enroll,
    RequestReport,
    TipsByCall,
)
from service.conversation.heard import Question, Understood
from service.conversation.voice import At, Caller, CallState, Gather, Line, Said, Turn
from service.conversation.voice_replies import anything_else, listen
from service.report_requests.address import ZIP, clean_name, read_address
from service.report_requests.rules import Delivery

SURE = 0.5
"""Below this confidence of the recogniser (0 to 1) a person listens to what was said."""


def begin(state: CallState, caller: Caller) -> Turn:
    """Ask how: a mobile may finish by text."""
    if caller.known.report_open:
        return anything_else(replace(state, served=True), caller, Line("report_already"))
    if caller.texts and not caller.known.opted_out:
        return Turn(state.go(At.REPORT), (Line("report_how"),), listen(speech=False))
    return _ask_name(state)


def choose(state: CallState, said: Said, caller: Caller, _: Understood) -> Turn | None:
    """By voice now, or by text."""
    if said.keys == "1":
        return _ask_name(state)
    if said.keys == "2" and caller.texts:
        served = replace(state, served=True)
        turn = anything_else(served, caller, Line("report_by_text"))
        return replace(turn, effects=(Ask(Question.REPORT_HOW),))
    return None


def _ask_name(state: CallState) -> Turn:
    lines = (Line("will_be_recorded"), Line("ask_name"))
    then = Gather(digits=1, speech=True, seconds=8, record="recording" not in state.answers)
    return Turn(state.go(At.NAME, also={"recording": "1"}), lines, then)


def name(state: CallState, said: Said, caller: Caller, _: Understood) -> Turn | None:
    """Whom it is for."""
    if not said.speech:
        return None
    there = state.go(At.ADDRESS, also={"name": clean_name(said.speech), **_doubt(said)})
    return Turn(there, (Line("ask_address"),), listen(seconds=8))


def address(state: CallState, said: Said, caller: Caller, _: Understood) -> Turn | None:
    """Street, town and state; the ZIP too if it was said."""
    if not said.speech:
        return None
    read = read_address(said.speech)
    there = state.go(At.ZIP, also={"said": said.speech, "address": read.text, **_doubt(said)})
    if read.zip:
        return _read_back(there)
    return Turn(there, (Line("ask_zip"),), Gather(digits=5, speech=True, seconds=10))


def zip_code(state: CallState, said: Said, caller: Caller, _: Understood) -> Turn | None:
    """Five digits, best by key."""
    found = ZIP.search(said.keys or said.speech.replace(" ", ""))
    if found is None:
        return None
    return _read_back(state.go(At.ZIP, also={"said": f"{state.answers['said']} {found.group(1)}"}))


def _read_back(state: CallState) -> Turn:
    read = read_address(state.answers["said"])
    doubt = {"doubt": "address"} if read.hard else {}
    there = state.go(At.CONFIRM, also={"address": read.text, **doubt})
    told = {"name": there.answers["name"], "address": read.text}
    return Turn(there, (Line("confirm_address", told),), listen())


def confirm(state: CallState, said: Said, caller: Caller, understood: Understood) -> Turn | None:
    """Right: on the list, or to a person if anything was doubtful. Wrong: once more, twice at most."""
    intents = understood.intents if said.speech else frozenset()
    if said.keys == "1" or "confirm" in intents:
        return _settled(state, caller)
    if said.keys == "2" or "change" in intents:
        tries = int(state.answers.get("tries", "0")) + 1
        if tries > 2:
            return _settled(state.go(At.CONFIRM, also={"doubt": "wrong"}), caller)
        fresh = {key: state.answers[key] for key in ("number", "recording") if key in state.answers}
        return _ask_name(replace(state, answers={**fresh, "tries": str(tries)}))
    return None


def _settled(state: CallState, caller: Caller) -> Turn:
    doubtful = "doubt" in state.answers
    effects = (
        RequestReport(Delivery.MAIL, state.answers["name"], state.answers["address"], doubtful),
    )
    said = Line("report_person_checks" if doubtful else "report_confirmed")
    kept = {key: each for key, each in state.answers.items() if key in ("number", "recording")}
    done = replace(state, answers=kept, served=True)
    return replace(anything_else(done, caller, said), effects=effects)


def consent(state: CallState, said: Said, caller: Caller) -> Turn | None:
    """Tips: 1 by call, 2 by text where the number can get texts, 3 not at all."""
    served = replace(state, served=True)
    if said.keys == "1" and caller.has_number:
        turn = anything_else(served, caller, Line("tips_by_call"))
        return replace(turn, effects=(TipsByCall(by_call=True), Enroll()))
    if said.keys == "2" and caller.texts:
        turn = anything_else(served, caller, Line("tips_by_text"))
        return replace(turn, effects=(TipsByCall(by_call=False), Enroll()))
    if said.keys in ("2", "3"):
        return anything_else(state, caller, Line("tips_declined"))
    if said.keys == "1":
        return anything_else(state, caller, Line("tips_need_number"))
    return None


def _doubt(said: Said) -> dict[str, str]:
    unsure = said.confidence is not None and said.confidence < SURE
    return {"doubt": "unsure"} if unsure else {}


__all__ = ["address", "begin", "choose", "confirm", "consent", "name", "zip_code"]
