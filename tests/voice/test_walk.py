"""The whole state space of a call: from every state, by everything a caller can do, in both languages."""

from collections.abc import Iterator, Sequence
from functools import cache
from unittest.mock import patch

import pytest

from service.config import ROOT
from service.content import Content, load
from service.conversation import menu, report_dialog, voice_report, voice_rung
from service.conversation.calls import fill_in
from service.conversation.heard import Known, Understood
from service.conversation.staff_calls import MOST_TIMES, Pressed, Step, ring_script, spoken, step_of
from service.conversation.understand import understand
from service.conversation.voice import (
    At,
    Caller,
    CallState,
    Gather,
    HangUp,
    Record,
    Ring,
    Said,
    Script,
    Tip,
    Turn,
)
from service.line.twiml import document
from service.report_requests.address import read_address
from service.triage.assess import assess
from service.triage.lexicon import compile_lexicon
from service.triage.rules import Assessment
from tests.voice.grammar import faults

MOST_STEPS = 4
"""So many silences, wrong keys or mumbled words at most until a person, a recording or a goodbye."""

SPEECH = (
    "Ann Walker",
    "901 East Broad Street Richmond Virginia 23219",
    "901 East Broad Street Richmond Texas 23219",
    "the blue house",
    "my legs gave way and I wet myself",
    "I want to kill myself",
    "two my foot is numb",
    "none of these",
    "stop calling me",
    "please call me back",
    "quiero el reporte",
    "more",
    "blah blah",
    "no se me siente la pierna",
)
INPUTS = (
    Said(),
    *(Said(keys=key) for key in "0123479*"),
    Said(keys="23219"),
    Said(keys="8045550123"),
    Said(keys="0000000000"),
    *(Said(speech=words, confidence=0.9) for words in SPEECH),
    Said(speech="Ann Walker", confidence=0.1),
    *(Said(dialled=how) for how in ("completed", "busy", "no-answer", "failed", "canceled")),
    Said(recorded=True),
)


def someone(
    *,
    number: bool = True,
    texts: bool = True,
    tip: bool = True,
    on_call: bool = False,
    desk: bool = False,
    opted_out: bool = False,
    flagged: bool = False,
    report: bool = False,
    news: str = "",
) -> Caller:
    known = Known(
        language="en", opted_out=opted_out, flagged=flagged, check_in_open=True, report_open=report
    )
    return Caller(
        known=known,
        has_number=number,
        texts=texts,
        desk="+18045550143" if desk else "",
        on_call="+18045550142" if on_call else "",
        tip=Tip("Walk a little.", "Walk slowly.", check_in=True) if tip else None,
        news=news,
    )  # fmt: skip


CALLERS = (
    someone(),
    someone(texts=False, on_call=True, tip=False, desk=True),
    someone(number=False, texts=False, tip=False, on_call=True),
    someone(opted_out=True, report=True),
    someone(flagged=True, on_call=True, tip=False),
    someone(texts=False, tip=False, news="Your report is in the mail."),
)


@pytest.fixture(scope="module", autouse=True)
def the_same_address_is_read_once() -> Iterator[None]:
    """It is pure, and most of the walk's time."""
    read_once = cache(read_address)
    with (
        patch.object(report_dialog, "read_address", read_once),
        patch.object(voice_report, "read_address", read_once),
    ):
        yield


@cache
def words() -> Content:
    return load(ROOT / "messages")


@cache
def judged(text: str) -> tuple[Assessment, Understood]:
    lexicon = _lexicon()
    return assess(text, lexicon), understand(text, words())


@cache
def _lexicon():  # type: ignore[no-untyped-def]
    return compile_lexicon(words().red_flags)


def go_on(state: CallState, said: Said, caller: Caller) -> Turn:
    return menu.step(state, said, caller, *judged(said.speech))


def seen(state: CallState) -> tuple[object, ...]:
    """What decides of what follows: which answers there are, not what they say."""
    matter = frozenset(state.answers) & {"number", "some", "doubt"}
    return (state.at, state.language, state.misses, matter, state.answers.get("tries"))


@cache
def walk(caller: Caller, language: str) -> Sequence[tuple[CallState, Said | None, Turn]]:
    """Every turn that can follow from every state that can be reached."""
    return list(_walk(caller, language))


def _walk(caller: Caller, language: str) -> Iterator[tuple[CallState, Said | None, Turn]]:
    first = CallState(At.MENU, language)
    waiting = [menu.begin(first, caller)]
    waiting += [
        voice_rung.begin(first, Said(answered_by=who), caller)
        for who in ("human", "unknown", "machine_end_beep", "fax")
    ]
    yield from ((first, None, turn) for turn in waiting)
    known = {seen(turn.state) for turn in waiting}
    while waiting:
        state = waiting.pop().state
        if state.at is At.OVER:
            continue
        for said in INPUTS:
            turn = go_on(state, said, caller)
            yield state, said, turn
            if seen(turn.state) not in known:
                known.add(seen(turn.state))
                waiting.append(turn)


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_turn_is_valid_twiml_and_is_said_aloud(language: str) -> None:
    checked: set[str] = set()
    for caller in CALLERS:
        for state, said, turn in walk(caller, language):
            key = repr((turn.say, turn.then, turn.state.language))
            if key in checked:
                continue
            checked.add(key)
            script = fill_in(words(), turn)
            assert faults(document(script, 7)) == [], (state, said)
            assert script.say, f"silence at {state.at} after {said}"
            assert Script.from_json(script.as_json()) == script
    assert len(checked) > 60


@pytest.mark.parametrize("language", ["en", "es"])
def test_nobody_is_ever_more_than_a_few_steps_from_a_person_or_a_goodbye(language: str) -> None:
    stubborn = (Said(), Said(keys="7"), Said(speech="blah blah", confidence=0.9))
    states: dict[object, tuple[CallState, Caller]] = {}
    for caller in CALLERS:
        for _, _, turn in walk(caller, language):
            if isinstance(turn.then, Gather):
                states.setdefault((seen(turn.state), id(caller)), (turn.state, caller))
    assert {state.at for state, _ in states.values()} >= set(At) - {
        At.DESK, At.VOICEMAIL, At.ON_CALL, At.OVER,
    }  # fmt: skip
    for state, caller in states.values():
        for said in stubborn:
            assert _steps_to_end(state, said, caller) <= MOST_STEPS, (state, said)


def _steps_to_end(state: CallState, said: Said, caller: Caller) -> int:
    for steps in range(1, 20):
        turn = go_on(state, said, caller)
        if isinstance(turn.then, Record | Ring | HangUp):
            return steps
        state = turn.state
    return 99


@pytest.mark.parametrize("language", ["en", "es"])
def test_an_emergency_in_any_state_is_flagged_and_answered(language: str) -> None:
    said = Said(speech="my legs gave way and I wet myself")
    reached = {
        repr(turn.state): turn.state
        for caller in CALLERS[:2]
        for _, _, turn in walk(caller, language)
        if isinstance(turn.then, Gather) and turn.then.speech
    }
    for state in reached.values():
        for caller in CALLERS[:2]:
            turn = go_on(state, said, caller)
            assert turn.level == "emergency"
            assert "9 1 1" in fill_in(words(), turn).say[0][1]
            at_once = isinstance(turn.then, Gather) if caller.on_call else True
            assert at_once


STAFF_LINES = (
    "alert_call_emergency",
    "alert_call_urgent",
    "alert_call_taken",
    "alert_call_gone",
    "alert_call_left",
    "goodbye",
)


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_turn_of_a_call_to_staff_is_valid_twiml_and_says_something(language: str) -> None:
    clinic = words().clinic.model_copy(update={"languages": (language,)})
    content = words().model_copy(update={"clinic": clinic})
    scripts = [spoken(content, key, asks=asks) for key in STAFF_LINES for asks in (True, False)]
    scripts += [
        ring_script(content, step, whom, "+18045550142", "+18045550100")
        for step in Step
        for whom in ("Ann Walker", "0 1 4 2", "<Ann & Sons>")
    ]
    for script in scripts:
        assert faults(document(script, 0, action="/twilio/voice/ring?n=1")) == []
        assert script.say


def test_a_call_to_staff_asks_a_few_times_and_does_only_what_the_key_says() -> None:
    for turn in range(10):
        for keys in ("", "0", "2", "9", "*", "11"):
            step = step_of(Pressed("CA1", "", turn, keys))
            assert step is (Step.LEAVE if turn >= MOST_TIMES else Step.ASK)
        assert step_of(Pressed("CA1", "", turn, "1")) is (Step.DO if turn else Step.ASK)
        for how in ("completed", "busy", "no-answer", "failed", "canceled"):
            assert step_of(Pressed("CA1", "", turn, "1", how)) is Step.OVER
