"""The rules of the conversation, over a great many random histories: no database, no clock."""

from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from service.content import Content, Intent
from service.content_models import Intent as IntentType
from service.conversation.decide import decide
from service.conversation.effects import (
    Ask,
    Effect,
    Enroll,
    Flag,
    OptIn,
    OptOut,
    RequestReport,
    Resume,
    Say,
    SayAnswer,
    SayMore,
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
from service.conversation.restraint import MOST_REPLIES_AN_HOUR
from service.outbox.rules import Kind
from service.triage.rules import Assessment, Finding, Level

INTENTS: tuple[Intent, ...] = get_args(IntentType)
ANSWERS = {"name": "Ann Tester", "address": "14 Oak Lane, Warsaw VA 22572", "delivery": "mail"}

dialogs = st.none() | st.builds(
    DialogState, st.sampled_from(Question), st.just(ANSWERS), st.booleans()
)
knowns = st.builds(
    Known,
    language=st.sampled_from(["en", "es"]),
    is_new=st.booleans(),
    opted_out=st.booleans(),
    flagged=st.booleans(),
    dialog=dialogs,
    program=st.sampled_from([None, "active", "paused"]),
    check_in_open=st.booleans(),
    more_open=st.booleans(),
    report_open=st.booleans(),
    replies_last_hour=st.sampled_from([0, 1, MOST_REPLIES_AN_HOUR]),
)
heards = st.builds(
    Heard,
    carrier_id=st.just("SM1"),
    channel=st.just(Channel.SMS),
    sender=st.sampled_from([None, "+18045550142", "+18045550142", "+18045550142"]),
    body=st.sampled_from(["", "1", "2", "yes", "my foot", "Ann Tester", "22572", "none"]),
    media_count=st.sampled_from([0, 1]),
    carrier_took=st.none() | st.sampled_from(CarrierTook),
    raw=st.just(()),
)
FINDING = Finding("numbness", Level.REVIEW, "foot", 3, 7, "a test")
assessments = st.builds(
    lambda level, found: Assessment(
        level, (FINDING,) if found else (), "1", None if level is Level.CLEAR else f"safety_{level}"
    ),
    st.sampled_from(Level),
    st.booleans(),
)
understoods = st.builds(
    Understood,
    st.frozensets(st.sampled_from(INTENTS), max_size=3),
    st.sampled_from([None, "en", "es"]),
    st.sampled_from([None, "safe_to_pop"]),
)
histories = given(knowns, heards, assessments, understoods)
many = settings(max_examples=300, deadline=None)


def said(effects: list[Effect]) -> list[Effect]:
    return [each for each in effects if isinstance(each, Say | SayMore | SayAnswer | Ask)]


def flags(effects: list[Effect]) -> list[Flag]:
    return [each for each in effects if isinstance(each, Flag)]


@many
@histories
def test_every_red_flag_is_put_before_staff_at_its_level(
    known: Known, heard: Heard, assessment: Assessment, understood: Understood
) -> None:
    effects = decide(known, heard, assessment, understood)
    if assessment.level in (Level.URGENT, Level.EMERGENCY):
        assert assessment.level in [flag.level for flag in flags(effects)]


@many
@histories
def test_an_emergency_is_answered_first_and_at_once_with_safety_advice(
    known: Known, heard: Heard, assessment: Assessment, understood: Understood
) -> None:
    effects = decide(known, heard, assessment, understood)
    if assessment.level is Level.EMERGENCY and heard.sender:
        assert said(effects) == [Say("safety_emergency", Kind.SAFETY)]


@many
@histories
def test_an_opt_out_is_always_obeyed_whatever_else_is_said(
    known: Known, heard: Heard, assessment: Assessment, understood: Understood
) -> None:
    effects = decide(known, heard, assessment, understood)
    asked = "opt_out" in understood.intents or heard.carrier_took is CarrierTook.STOP
    if asked and heard.sender:
        assert OptOut() in effects
        assert not [each for each in effects if isinstance(each, Ask | Enroll | OptIn | Resume)]


@many
@histories
def test_after_an_opt_out_only_start_resumes_and_only_advice_is_said(
    known: Known, heard: Heard, assessment: Assessment, understood: Understood
) -> None:
    effects = decide(known, heard, assessment, understood)
    if (
        known.opted_out
        and "start" not in understood.intents
        and "opt_out" not in understood.intents
    ):
        assert not [each for each in effects if isinstance(each, OptIn | Enroll | RequestReport)]
        if assessment.level not in (Level.URGENT, Level.EMERGENCY):
            confirmations = [Say("opted_out", Kind.OPT_OUT_CONFIRMATION)]
            assert said(effects) in ([], confirmations)


@many
@histories
def test_nobody_with_an_open_red_flag_is_led_on_to_exercise(
    known: Known, heard: Heard, assessment: Assessment, understood: Understood
) -> None:
    effects = decide(known, heard, assessment, understood)
    if known.flagged:
        assert not [each for each in effects if isinstance(each, SayMore | SayAnswer)]
        keys = [each.key for each in effects if isinstance(each, Say)]
        assert not {"resumed", "tips_started"} & set(keys)


@many
@histories
def test_what_is_not_clearly_fine_and_not_understood_goes_to_a_person(
    known: Known, heard: Heard, assessment: Assessment, understood: Understood
) -> None:
    effects = decide(known, heard, assessment, understood)
    understood_nothing = not understood.intents and understood.question is None
    unanswered = known.dialog is None or known.dialog.suspended
    check_in = known.check_in_open and assessment.level is Level.CLEAR
    if understood_nothing and unanswered and not check_in and assessment.level is not Level.CLEAR:
        assert flags(effects) or heard.carrier_took


@many
@histories
def test_a_chatty_machine_at_the_other_end_is_answered_no_more(
    known: Known, heard: Heard, assessment: Assessment, understood: Understood
) -> None:
    effects = decide(known, heard, assessment, understood)
    if known.replies_last_hour >= MOST_REPLIES_AN_HOUR:
        plain = [
            each for each in said(effects) if not isinstance(each, Say) or each.kind is Kind.REPLY
        ]
        assert not plain


@many
@histories
def test_no_text_is_flagged_twice(
    known: Known, heard: Heard, assessment: Assessment, understood: Understood
) -> None:
    levels = [flag.level for flag in flags(decide(known, heard, assessment, understood))]
    assert len(levels) <= 1 or levels[0].rank == max(level.rank for level in levels)


def test_every_reply_that_can_be_said_exists(content: Content) -> None:
    known = Known(language="en", is_new=True)
    heard = Heard("SM1", Channel.SMS, "+18045550142", "hello", 0, None, ())
    effects = decide(
        known, heard, Assessment(Level.REVIEW, (), "1", None), Understood(frozenset(), None, None)
    )
    for effect in effects:
        if isinstance(effect, Say):
            assert content.reply(effect.key, "en")
