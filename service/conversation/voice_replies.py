"""The turns that several rules of a call end in. Pure."""

from dataclasses import replace

from service.conversation.effects import OptOut
from service.conversation.voice import (
    At,
    Caller,
    CallState,
    Gather,
    HangUp,
    Line,
    Record,
    Turn,
    Words,
)

ASKED_BY: dict[At, str] = {
    At.NUMBER: "ask_number",
    At.MENU: "menu",
    At.REPORT: "report_how",
    At.NAME: "ask_name",
    At.ADDRESS: "ask_address",
    At.ZIP: "ask_zip",
    At.TIPS: "tips_menu",
    At.RESUME: "resume_offer",
    At.FEEL: "ask_feel",
    At.MESSAGE: "message_choice",
    At.EMERGENCY: "offer_on_call",
    At.TIP: "tip_choices",
    At.NEWS: "news_choices",
}


def listen(digits: int = 1, *, speech: bool = True, seconds: int = 6) -> Gather:
    """Wait for one key or for words."""
    return Gather(digits, speech, seconds)


def goodbye(state: CallState, *before: Line) -> Turn:
    """The end, said aloud."""
    return Turn(state.go(At.OVER), (*before, Line("goodbye")), HangUp())


def opt_out(state: CallState) -> Turn:
    """No more texts and calls, from now on."""
    over = state.go(At.OVER, served=True)
    return Turn(over, (Line("opted_out"), Line("goodbye")), HangUp(), (OptOut(),))


def to_menu(state: CallState, caller: Caller, *before: Line) -> Turn:
    """Four choices; the other language is offered in its own words."""
    other = "en" if state.language == "es" else "es"
    lines = (*before, Line("other_language", language=other), Line("menu"))
    return Turn(state.go(At.MENU), lines, listen())


def anything_else(state: CallState, caller: Caller, *before: Line) -> Turn:
    """The menu once more, after something was done."""
    return Turn(state.go(At.MENU), (*before, Line("anything_else"), Line("menu")), listen())


def message_choice(state: CallState, caller: Caller, *before: Line) -> Turn:
    """Be rung back, or leave a message; a caller without a number can only leave one."""
    if not (caller.has_number or state.answers.get("number")):
        return to_voicemail(state, *before)
    return Turn(state.go(At.MESSAGE), (*before, Line("message_choice")), listen())


def to_voicemail(state: CallState, *before: Line) -> Turn:
    """Take a message; that it is recorded is said first. The carrier transcribes English only."""
    lines = (*before, Line("voicemail_prompt"))
    return Turn(state.go(At.VOICEMAIL), lines, Record(transcribe=state.language == "en"))


def to_consent(state: CallState, caller: Caller) -> Turn:
    """The exact words of consent to calls, or to texts where the number can get them."""
    words = Line("consent_either" if caller.texts else "consent_calls")
    return Turn(state.go(At.CONSENT), (words,), listen(speech=False, seconds=8))


def urgent_advice() -> Line:
    """What is said to an urgent sign."""
    return Line("safety_urgent")


def again(state: CallState, caller: Caller, *before: Line | Words) -> Turn:
    """The open question once more."""
    match state.at:
        case At.CONSENT:
            turn = to_consent(state, caller)
        case At.CONFIRM:
            params = {name: state.answers[name] for name in ("name", "address")}
            turn = Turn(state, (Line("confirm_address", params),), listen())
        case At.NUMBER | At.ZIP:
            digits = 10 if state.at is At.NUMBER else 5
            gather = Gather(digits, speech=state.at is At.ZIP, seconds=10)
            turn = Turn(state, (Line(ASKED_BY[state.at]),), gather)
        case _:
            turn = Turn(state, (Line(ASKED_BY[state.at]),), listen(seconds=8))
    return replace(turn, state=state, say=(*before, *turn.say))
