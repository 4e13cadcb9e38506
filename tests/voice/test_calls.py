"""Calls to the line, from the first ring to the goodbye."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from service.conversation import menu
from service.conversation.models import CallStep, Event, InboundMessage, Recording
from service.outbox.models import OutboundMessage
from service.patients.models import Thread
from service.report_requests.models import ReportRequest
from service.review.models import ReviewItem
from service.review.rules import Kind
from service.triage.rules import Level
from tests.line import ANN, LUZ, TestLine
from tests.voice.caller import Caller

ADDRESS = "901 East Broad Street Richmond Virginia"
WRITTEN = "901 East Broad Street\nRichmond, VA 23219"


def counts(line: TestLine) -> list[int]:
    tables = (Event, InboundMessage, CallStep, ReviewItem, OutboundMessage, Recording)
    with line.house.database.reading() as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def requests(line: TestLine) -> list[ReportRequest]:
    with line.house.database.reading() as session:
        return list(session.scalars(select(ReportRequest)))


def kinds(line: TestLine, number: str = ANN) -> list[tuple[str, str]]:
    return [(item.kind, item.level) for item in line.items(number)]


def test_the_line_says_who_it_is_and_911_first(line: TestLine) -> None:
    call = Caller(line).ring()
    assert call.heard.startswith("You have reached Riverbend")
    assert "dial 9 1 1" in call.heard.split("press")[0]
    assert "Para español, oprima el 9." in call.heard
    assert call.waits_for == "Gather"


def test_spanish_is_chosen_by_key_and_remembered(line: TestLine) -> None:
    call = Caller(line, LUZ).ring().press("9")
    assert call.hears("menu", "es")
    assert "For English, press 9." in call.heard
    later = Caller(line, LUZ).ring()
    assert later.hears("greeting", "es")
    assert later.root.find("Gather").attrib["language"] == "es-US"  # type: ignore[union-attr]


def test_the_report_is_asked_for_by_voice(line: TestLine) -> None:
    call = Caller(line).ring().press("1").press("1")
    assert call.hears("will_be_recorded")
    assert call.root.find("Start/Recording") is not None
    call.say("my name is Ann Walker").say(ADDRESS)
    assert call.hears("ask_zip")
    call.press("23219")
    assert call.hears("confirm_address", name="Ann Walker", address=WRITTEN)
    assert call.press("1").hears("report_confirmed")
    (request,) = requests(line)
    assert (request.recipient, request.address, request.hold) == ("Ann Walker", WRITTEN, None)
    assert line.items(ANN) == []


def test_the_report_is_asked_for_in_spanish(line: TestLine) -> None:
    call = Caller(line, LUZ).ring().press("9").say("quiero el reporte").press("1")
    assert call.hears("will_be_recorded", "es")
    call.say("me llamo Luz Herrera").say("901 East Broad Street Richmond Virginia 23219")
    assert call.press("1").hears("report_confirmed", "es")
    assert requests(line)[0].recipient == "Luz Herrera"


@pytest.mark.parametrize(
    ("street", "zip_code", "confidence"),
    [
        (ADDRESS, "90210", "0.9"),  # the ZIP lies in California
        (ADDRESS, "00000", "0.9"),  # no such ZIP
        ("the blue house by the river", "23219", "0.9"),  # no street
        (ADDRESS, "23219", "0.2"),  # the recogniser was unsure
    ],
)
def test_a_doubtful_address_goes_to_a_person(
    line: TestLine, street: str, zip_code: str, confidence: str
) -> None:
    call = Caller(line).ring().press("1").press("1").say("Ann Walker")
    call.say(street, confidence).press(zip_code).press("1")
    assert call.hears("report_person_checks")
    assert [(request.state, request.hold) for request in requests(line)] == [
        ("confirmed", "address_in_doubt")
    ]
    assert kinds(line) == [(Kind.REPORT_HELD, Level.REVIEW)]


def test_a_wrong_address_is_asked_again_and_then_goes_to_a_person(line: TestLine) -> None:
    call = Caller(line).ring().press("1").press("1")
    for _ in range(3):
        call.say("Ann Walker").say(f"{ADDRESS} 23219").press("2")
    assert call.hears("report_person_checks")


def test_a_mobile_may_finish_by_text(line: TestLine) -> None:
    assert Caller(line).ring().press("1").press("2").hears("report_by_text")
    line.work()
    assert line.keys(line.new_texts(ANN)) == ["report_how"]


def test_a_landline_gives_the_address_at_once(line: TestLine) -> None:
    Caller(line).ring()
    with line.house.database.transaction() as session:
        session.get_one(Thread, line.thread(ANN).id).textable = False
    assert Caller(line).ring().press("1").hears("ask_name")


def test_an_emergency_is_flagged_before_the_advice_is_spoken(line: TestLine) -> None:
    call = Caller(line).ring().press("3").say("my legs gave way and I wet myself")
    assert call.hears("safety_cauda_equina")
    assert call.waits_for == "Hangup"
    assert kinds(line) == [(Kind.RED_FLAG, Level.EMERGENCY)]


def test_an_emergency_in_the_middle_of_the_address_is_no_address(line: TestLine) -> None:
    call = Caller(line).ring().press("1").press("1").say("Ann Walker")
    call.say("I can't feel my legs and I can't pee")
    assert kinds(line) == [(Kind.RED_FLAG, Level.EMERGENCY)]
    call.hang_up()
    assert requests(line)[0].recipient == "Ann Walker" if requests(line) else True


def test_a_key_that_says_i_have_a_sign_is_urgent_and_the_words_are_heard_too(
    line: TestLine,
) -> None:
    call = Caller(line).ring().press("3").press("2")
    assert call.hears("safety_urgent")
    assert kinds(line) == [(Kind.RED_FLAG, Level.URGENT)]
    call.say("I cannot feel my groin and I cannot pee")
    assert kinds(line)[-1] == (Kind.RED_FLAG, Level.EMERGENCY)


def test_a_voicemail_with_a_red_flag_reaches_staff_and_is_answered_by_text(line: TestLine) -> None:
    call = Caller(line).ring().press("4").press("2")
    assert "You will be recorded" in call.heard
    sid = call.record()
    assert call.hears("voicemail_thanks")
    assert kinds(line) == [(Kind.VOICEMAIL, Level.REVIEW)]
    assert call.recorded(sid) == 204
    assert call.transcribed(sid, "my legs gave way and I wet myself") == 204
    assert kinds(line)[-1] == (Kind.RED_FLAG, Level.EMERGENCY)
    line.work()
    assert line.keys(line.new_texts(ANN)) == ["safety_cauda_equina"]


def test_the_receipts_of_a_voicemail_come_twice_and_in_any_order(line: TestLine) -> None:
    call = Caller(line).ring().press("0")
    sid = "RE" + "7" * 32
    for _ in range(2):
        call.transcribed(sid, "please call me about my bill")
        call.recorded(sid, 9)
    call.record(sid=sid)
    before = counts(line)
    call.again()
    call.recorded(sid)
    call.transcribed(sid, "please call me about my bill")
    assert counts(line) == before
    with line.house.database.reading() as session:
        (kept,) = session.scalars(select(Recording))
    assert (kept.seconds, kept.message_id is not None) == (9, True)


def test_a_spanish_voicemail_is_urgent_because_nothing_reads_it(line: TestLine) -> None:
    call = Caller(line, LUZ).ring().press("9").press("0")
    record = call.root.find("Record")
    assert record is not None
    assert "transcribe" not in record.attrib
    call.record()
    assert kinds(line, LUZ) == [(Kind.VOICEMAIL, Level.URGENT)]


@pytest.mark.parametrize("how", ["failed", "late"])
def test_a_voicemail_without_a_transcript_becomes_urgent(line: TestLine, how: str) -> None:
    call = Caller(line).ring().press("0")
    sid = call.record()
    if how == "failed":
        call.transcribed(sid, "", "failed")
    else:
        line.clock.moment += timedelta(minutes=11)
        line.work()
    assert kinds(line) == [(Kind.VOICEMAIL, Level.URGENT)]


def test_silence_alone_leads_to_a_message_and_then_a_goodbye(line: TestLine) -> None:
    call = Caller(line).ring().silence()
    assert call.hears("not_heard")
    assert call.silence().waits_for == "Record"
    assert call.silence().hears("goodbye")
    assert call.waits_for == "Hangup"


def test_a_hidden_caller_is_asked_for_a_number_and_staff_can_ring_it(line: TestLine) -> None:
    call = Caller(line, "anonymous").ring()
    assert call.hears("ask_number")
    call.press("8045550123")
    assert call.hears("menu")
    call.press("4").press("1")
    assert call.hears("call_back_promised")
    (item,) = line.items()
    with line.house.database.reading() as session:
        thread = session.get_one(Thread, item.thread_id)
    assert (thread.phone, thread.phone_index) == ("+18045550123", None)


def test_a_hidden_caller_without_a_number_leaves_a_message(line: TestLine) -> None:
    call = Caller(line, "anonymous").ring().silence().silence()
    assert call.hears("menu")
    assert call.press("4").waits_for == "Record"
    sid = call.record()
    call.transcribed(sid, "I can't feel my legs and I wet myself")
    items = line.items()
    assert [item.kind for item in items] == [Kind.VOICEMAIL, Kind.RED_FLAG]
    assert items[0].thread_id == items[1].thread_id


def test_two_hidden_callers_are_two_people(line: TestLine) -> None:
    for _ in range(2):
        call = Caller(line, "anonymous").ring().silence().silence()
        call.press("0").record()
    first, second = line.items()
    assert first.thread_id != second.thread_id


def test_hanging_up_in_the_middle_leaves_what_was_said_with_a_person(line: TestLine) -> None:
    call = Caller(line).ring().press("1").press("1").say("Ann Walker").say(ADDRESS)
    assert call.hang_up() == 204
    (request,) = requests(line)
    assert (request.state, request.recipient, request.address) == (
        "requested",
        "Ann Walker",
        "901 East Broad Street\nRichmond, VA",
    )
    assert kinds(line) == [(Kind.HALF_REQUEST, Level.REVIEW)]
    before = counts(line)
    call.hang_up()
    assert counts(line) == before


def test_a_missed_caller_gets_one_text_a_day(line: TestLine) -> None:
    for _ in range(3):
        Caller(line).ring().hang_up()
        line.work()
    assert line.keys(line.new_texts(ANN)) == ["missed_call"]
    line.clock.moment += timedelta(days=1)
    Caller(line).ring().hang_up()
    line.work()
    assert line.keys(line.new_texts(ANN)) == ["missed_call"]


def test_who_was_served_or_has_opted_out_gets_no_text_for_a_missed_call(line: TestLine) -> None:
    call = Caller(line).ring().press("4").press("1")
    call.hang_up()
    Caller(line, LUZ).ring().say("stop calling me").hang_up()
    Caller(line, LUZ).ring().hang_up()
    line.work()
    assert line.new_texts(ANN) == []
    assert line.new_texts(LUZ) == []


def test_opting_out_by_voice_stops_texts_too(line: TestLine) -> None:
    call = Caller(line).ring().say("stop texting me")
    assert call.hears("opted_out")
    assert line.thread(ANN).opted_out_at is not None


def test_a_repeated_or_late_step_changes_nothing(line: TestLine) -> None:
    call = Caller(line).ring().press("4").press("1")
    before, said = counts(line), call.again()
    assert call.again() == said
    early = call.again(1)
    assert "To be called back on this number" in early
    assert counts(line) == before
    call.press("3")
    assert call.hears("ask_feel")


def test_a_step_out_of_order_is_answered_where_the_call_stands(line: TestLine) -> None:
    call = Caller(line).ring().press("3")
    call.post("/twilio/voice/step?n=7", Digits="1")
    assert call.hears("ask_feel")


def test_a_step_of_a_call_nobody_knows_is_answered(line: TestLine) -> None:
    call = Caller(line)
    call.post("/twilio/voice/step?n=4", SpeechResult="my legs gave way and I wet myself")
    assert call.hears("safety_cauda_equina")
    assert kinds(line) == [(Kind.RED_FLAG, Level.EMERGENCY)]


def test_an_unsigned_call_gets_403(line: TestLine) -> None:
    call = Caller(line)
    for path in ("", "/step?n=1", "/status", "/recording", "/transcription", "/fallback", "/tip"):
        assert line.post(f"/twilio/voice{path}", call.form(), signature="wrong") == 403
    assert counts(line) == [0] * 6


def test_what_breaks_is_kept_and_the_caller_can_leave_a_message(
    line: TestLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = Caller(line).ring()

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(menu, "step", broken)
    call.say("my foot is numb")
    assert call.hears("trouble")
    assert call.waits_for == "Record"
    assert kinds(line) == [(Kind.FAILED_EVENT, Level.URGENT)]
    monkeypatch.undo()
    sid = call.record()
    assert call.hears("voicemail_thanks")
    assert call.recorded(sid) == 204
    line.work()  # handles the failed event again
    assert Kind.RED_FLAG in [kind for kind, _ in kinds(line)]
