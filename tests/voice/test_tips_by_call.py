"""Tips by call: from signing up on the telephone to the last try."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from service.outbox.models import OutboundMessage
from service.outbox.rules import State
from service.outbox.sender import Outgoing
from service.patients.models import Consent
from service.review.rules import Kind
from service.triage.rules import Level
from tests.line import ANN, ROY, TestLine
from tests.voice.caller import Caller


def sign_up(line: TestLine, number: str = ANN) -> None:
    call = Caller(line, number).ring().press("2")
    assert call.hears("consent_either")
    assert call.press("1").hears("tips_by_call")
    call.hang_up()


def next_call(line: TestLine, number: str = ANN) -> Outgoing:
    """The call that the worker places for the first tip, an hour after signing up."""
    before = len(line.sender.calls)
    line.clock.moment += timedelta(hours=1)
    line.work()
    (placed,) = line.sender.calls[before:]
    assert (placed.to, placed.by_call) == (number, True)
    return placed


def picked_up(line: TestLine, number: str = ANN, by: str = "human") -> Caller:
    token = next_call(line, number).token
    return Caller(line, number, token=token).ring(AnsweredBy=by)


def messages(line: TestLine) -> list[OutboundMessage]:
    with line.house.database.reading() as session:
        return list(session.scalars(select(OutboundMessage).where(OutboundMessage.by_call)))


def test_consent_by_key_keeps_the_words_that_were_spoken(line: TestLine) -> None:
    sign_up(line)
    with line.house.database.reading() as session:
        (consent,) = session.scalars(select(Consent))
    assert (consent.how, consent.answered) == ("key", "Pressed 1")
    assert consent.shown == line.content.voice("consent_either", "en")
    line.work()
    assert line.sender.calls == []  # nobody is rung while still on the telephone


def test_a_tip_call_says_who_calls_and_how_to_stop_before_anything_else(line: TestLine) -> None:
    sign_up(line)
    call = picked_up(line)
    assert call.heard.startswith("This is an automated call from Riverbend")
    assert "press 9" in call.heard.split("Let nobody")[0]
    assert call.hears("check_in")
    assert call.press("1").hears("check_in_thanks")
    call.hang_up()
    assert messages(line)[0].state == State.DELIVERED
    assert line.items(ANN) == []


def test_no_call_waits_for_the_pace_of_texts(line: TestLine) -> None:
    sign_up(line)
    outbox = line.house.outbox
    limits = replace(outbox.limits, sender_per_minute=0)
    line.use(replace(line.house, outbox=replace(outbox, limits=limits)))
    line.clock.moment += timedelta(hours=1)
    line.post("/twilio/sms", line.form(ROY, "HELP"))
    line.work()
    assert line.new_texts(ROY) == []
    assert [call.to for call in line.sender.calls] == [ANN]


def test_two_my_foot_is_numb_is_flagged_and_advised(line: TestLine) -> None:
    sign_up(line)
    call = picked_up(line).say("two, my foot is numb")
    assert call.hears("safety_urgent")
    assert [(item.kind, item.level) for item in line.items(ANN)] == [(Kind.RED_FLAG, Level.URGENT)]


def test_more_and_again_by_key(line: TestLine) -> None:
    sign_up(line)
    call = picked_up(line)
    step = line.content.program("en").steps[0]
    assert step.more in call.press("4").heard
    assert step.spoken in call.press("3").heard


def test_nine_ends_all_calls_and_texts(line: TestLine) -> None:
    sign_up(line)
    call = picked_up(line).press("9")
    assert call.hears("opted_out")
    call.hang_up()
    line.wait(timedelta(days=8))
    assert len(line.sender.calls) == 1
    assert line.new_texts(ANN) == []


def test_a_machine_hears_nothing_of_health(line: TestLine) -> None:
    sign_up(line)
    call = picked_up(line, by="machine_end_beep")
    assert call.waits_for == "Hangup"
    assert call.hears("machine_message")
    said = set(call.heard.lower().replace(".", "").split())
    assert not said & {"tip", "tips", "pain", "numbness", "therapy", "spine", "report"}


def test_nobody_picks_up_three_times_hours_apart_and_then_staff_see_it(line: TestLine) -> None:
    sign_up(line)
    for attempt in range(3):
        token = next_call(line).token if attempt == 0 else line.sender.calls[-1].token
        Caller(line, token=token).hang_up("no-answer" if attempt else "busy")
        if attempt < 2:
            line.clock.moment += timedelta(hours=2)
            line.work()
            assert len(line.sender.calls) == attempt + 1
            line.clock.moment += timedelta(hours=1, minutes=1)
            line.work()
            assert len(line.sender.calls) == attempt + 2
    assert messages(line)[0].state == State.UNDELIVERED
    assert [item.kind for item in line.items(ANN)] == [Kind.FAILED_SEND]


def test_one_call_a_second(line: TestLine) -> None:
    sign_up(line)
    sign_up(line, ROY)
    line.clock.moment += timedelta(hours=1)
    line.work()
    line.work()
    assert len(line.sender.calls) == 1
    line.clock.moment += timedelta(seconds=1)
    line.work()
    assert len(line.sender.calls) == 2


def test_no_call_outside_the_permitted_hours(line: TestLine) -> None:
    line.clock.moment += timedelta(hours=9, minutes=30)  # 19:30 in Virginia
    sign_up(line)
    line.clock.moment += timedelta(hours=1)
    line.work()
    assert line.sender.calls == []
    line.wait(timedelta(hours=12))
    assert line.sender.calls == []
    line.wait(timedelta(hours=8))
    assert len(line.sender.calls) == 1


def test_a_receipt_that_comes_twice_rings_nobody_twice(line: TestLine) -> None:
    sign_up(line)
    call = Caller(line, token=next_call(line).token)
    call.hang_up("no-answer")
    call.hang_up("no-answer")
    line.clock.moment += timedelta(hours=3, minutes=1)
    line.work()
    line.work()
    assert len(line.sender.calls) == 2
