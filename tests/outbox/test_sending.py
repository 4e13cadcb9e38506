"""Sending: claim, commit, call, record. Receipts only move forward; doubt is reconciled."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from service.outbox.models import OutboundMessage
from service.outbox.rules import Kind, State
from service.outbox.send import send_due
from service.outbox.sender import Accepted, Handover, Refused, TryAgain, Unknown
from service.review.rules import Kind as ReviewKind
from tests.line import ANN, LUZ, ROY, TestLine


def outbound(line: TestLine) -> list[OutboundMessage]:
    with line.house.database.reading() as session:
        return list(session.scalars(select(OutboundMessage).order_by(OutboundMessage.id)))


def receipt(line: TestLine, message: OutboundMessage, status: str, **more: str) -> int:
    form = {"MessageSid": message.carrier_id or "SM" + "9" * 32, "MessageStatus": status} | more
    return line.post(f"/twilio/sms/status?m={message.token}", form)


def test_a_reply_is_handed_over_once_with_a_validity(line: TestLine) -> None:
    line.text(ANN, "HELP")
    line.work()
    assert len(line.sender.sent) == 1
    assert line.sender.sent[0].validity == timedelta(hours=4)
    assert outbound(line)[0].state == State.ACCEPTED


def test_receipts_move_a_message_only_forward(line: TestLine) -> None:
    line.text(ANN, "HELP")
    message = outbound(line)[0]
    for status, expected in (
        ("delivered", State.DELIVERED),
        ("sent", State.DELIVERED),
        ("queued", State.DELIVERED),
        ("failed", State.DELIVERED),
    ):
        assert receipt(line, message, status) == 204
        assert outbound(line)[0].state == expected


def test_a_receipt_for_an_unknown_message_or_status_changes_nothing(line: TestLine) -> None:
    line.text(ANN, "HELP")
    assert line.post("/twilio/sms/status?m=nobody", {"MessageStatus": "sent"}) == 204
    assert receipt(line, outbound(line)[0], "a new status") == 204
    assert outbound(line)[0].state == State.ACCEPTED


@pytest.mark.parametrize("first", [TryAgain(20429), TryAgain(None)])
def test_what_was_not_processed_is_sent_again_after_a_while(
    line: TestLine, first: Handover
) -> None:
    line.sender.answers = [first]
    line.text(ANN, "HELP")
    assert outbound(line)[0].state == State.QUEUED
    line.clock.moment += timedelta(seconds=2)
    line.work()
    assert [message.state for message in outbound(line)] == [State.ACCEPTED]
    assert len(line.sender.sent) == 2


def test_21610_opts_the_patient_out(line: TestLine) -> None:
    line.sender.answers = [Refused(21610, opted_out=True)]
    line.text(ANN, "HELP")
    assert line.thread(ANN).opted_out_at is not None
    assert line.text(ANN, "REPORT") == []


def test_a_landline_is_not_texted_again(line: TestLine) -> None:
    line.sender.answers = [Refused(21614, untextable=True)]
    line.text(ANN, "HELP")
    assert line.text(ANN, "HELP") == []


def test_a_failed_send_is_put_before_staff(line: TestLine) -> None:
    line.sender.answers = [Refused(30005)]
    line.text(ANN, "HELP")
    assert [item.kind for item in line.items()] == [ReviewKind.FAILED_SEND]


def test_an_ordinary_reply_in_doubt_is_never_sent_again_and_a_person_is_told(
    line: TestLine,
) -> None:
    line.sender.answers = [Unknown()]
    line.text(ANN, "HELP")
    for _ in range(40):
        line.clock.moment += timedelta(minutes=1)
        line.work()
    assert len(line.sender.sent) == 1
    assert outbound(line)[0].state == State.LOST
    assert [item.kind for item in line.items()] == [ReviewKind.UNKNOWN_SEND]


def test_safety_advice_in_doubt_is_sent_again_once_the_carrier_does_not_know_it(
    line: TestLine,
) -> None:
    line.sender.answers = [Unknown()]
    line.text(ANN, "I can't feel between my legs")
    assert outbound(line)[0].kind == Kind.SAFETY
    for _ in range(5):
        line.clock.moment += timedelta(minutes=1)
        line.work()
    assert len([text for text in line.sender.sent if text.to == ANN]) == 2
    assert outbound(line)[0].state == State.ACCEPTED


def test_the_carriers_own_list_settles_what_is_in_doubt(line: TestLine) -> None:
    line.sender.answers = [Unknown()]
    line.text(ANN, "HELP")
    line.sender.listed = Accepted("SM" + "7" * 32)
    line.clock.moment += timedelta(minutes=2)
    line.work()
    message = outbound(line)[0]
    assert (message.state, message.carrier_id) == (State.ACCEPTED, "SM" + "7" * 32)
    assert len(line.sender.sent) == 1


def test_a_receipt_settles_what_is_in_doubt(line: TestLine) -> None:
    line.sender.answers = [Unknown()]
    line.text(ANN, "HELP")
    receipt(line, outbound(line)[0], "delivered")
    assert outbound(line)[0].state == State.DELIVERED
    line.wait(timedelta(hours=1))
    assert len(line.sender.sent) == 1


def test_an_unreachable_phone_is_tried_again_later_three_times_at_most(line: TestLine) -> None:
    line.text(ANN, "HELP")
    for _ in range(3):
        receipt(line, outbound(line)[0], "undelivered", ErrorCode="30003")
        line.wait(timedelta(hours=4))
    assert len(line.sender.sent) == 3
    assert outbound(line)[0].state == State.UNDELIVERED
    assert [item.kind for item in line.items()] == [ReviewKind.FAILED_SEND]


def test_a_receipt_of_the_try_before_does_not_stop_the_next_one(line: TestLine) -> None:
    line.text(ANN, "HELP")
    first = outbound(line)[0]
    receipt(line, first, "undelivered", ErrorCode="30003")
    due = outbound(line)[0].not_before
    receipt(line, first, "sent")
    assert outbound(line)[0].state == State.QUEUED
    line.clock.moment += timedelta(minutes=5)
    receipt(line, first, "undelivered", ErrorCode="30003")
    assert (outbound(line)[0].state, outbound(line)[0].not_before) == (State.QUEUED, due)
    line.wait(timedelta(hours=4))
    assert len(line.sender.sent) == 2


def test_a_process_that_stood_still_before_the_call_asks_the_guard_again(line: TestLine) -> None:
    line.post("/twilio/sms", line.form(ANN, "HELP"))

    def stand_still(_connection: object) -> None:
        line.clock.moment += timedelta(minutes=5)

    engine = line.house.database.engine
    event.listen(engine, "commit", stand_still, once=True)
    send_due(line.house.outbox)
    assert line.sender.sent == []
    line.wait(timedelta(minutes=1))
    assert len(line.sender.sent) == 1


def test_a_copy_that_arrived_is_known_though_another_try_overtook_it(line: TestLine) -> None:
    line.sender.answers = [Unknown()]
    line.text(ANN, "I can't feel between my legs")
    first = outbound(line)[0]
    for _ in range(5):  # the carrier's list does not show it: advice is sent again
        line.wait(timedelta(minutes=1))
    second = outbound(line)[0]
    assert (first.id, second.attempts, second.state) == (second.id, 2, State.ACCEPTED)
    first.carrier_id = "SM" + "7" * 32
    assert receipt(line, first, "undelivered", ErrorCode="30005") == 204
    assert outbound(line)[0].state == State.ACCEPTED
    assert receipt(line, second, "undelivered", ErrorCode="30005") == 204
    assert outbound(line)[0].state == State.UNDELIVERED
    assert receipt(line, first, "delivered") == 204
    assert outbound(line)[0].state == State.DELIVERED


def test_an_hour_without_the_carrier_loses_nothing(line: TestLine) -> None:
    line.sender.answers = [TryAgain(None)] * 70
    line.text(ANN, "I can't feel between my legs")
    for _ in range(90):
        line.clock.moment += timedelta(minutes=1)
        line.work()
    assert {message.state for message in outbound(line)} == {State.ACCEPTED}


def test_what_the_carrier_never_takes_is_put_before_staff_in_the_end(line: TestLine) -> None:
    line.sender.answers = [TryAgain(20429)] * 1000
    line.text(ANN, "HELP")
    line.wait(timedelta(hours=14))
    assert outbound(line)[0].state == State.FAILED
    assert [item.kind for item in line.items()] == [ReviewKind.FAILED_SEND]


def test_a_receipt_takes_back_the_text_that_an_equal_one_was_thought_to_be(line: TestLine) -> None:
    line.sender.answers = [Unknown(), Unknown()]
    line.text(ANN, "HELP")
    line.wait(timedelta(hours=1))
    line.text(ANN, "HELP")
    line.sender.listed = Accepted("SM" + "7" * 32)
    line.clock.moment += timedelta(minutes=2)
    line.work()
    first, second = outbound(line)
    assert (first.state, second.carrier_id) == (State.LOST, "SM" + "7" * 32)
    line.sender.listed = None
    form = {"MessageSid": "SM" + "7" * 32, "MessageStatus": "delivered"}
    assert line.post(f"/twilio/sms/status?m={first.token}", form) == 204
    first, second = outbound(line)
    assert (first.state, first.carrier_id) == (State.DELIVERED, "SM" + "7" * 32)
    assert (second.state, second.carrier_id) == (State.UNKNOWN, None)


def test_two_in_doubt_that_find_the_same_text_do_not_stop_the_rest(line: TestLine) -> None:
    line.sender.answers = [Unknown(), Unknown()]
    line.post("/twilio/sms", line.form(ANN, "HELP"))
    line.post("/twilio/sms", line.form(ANN, "MORE"))
    line.work()
    line.sender.listed = Accepted("SM" + "7" * 32)
    for _ in range(20):
        line.clock.moment += timedelta(minutes=2)
        line.work()
    assert {message.state for message in outbound(line)} <= {State.ACCEPTED, State.UNKNOWN}
    assert [m.carrier_id for m in outbound(line)].count("SM" + "7" * 32) == 1


def test_a_wrong_set_up_is_told_once_and_not_for_every_message(line: TestLine) -> None:
    for number in (ANN, ROY, LUZ):
        line.sender.answers = [Refused(21606, misconfigured=True)]
        line.text(number, "HELP")
    assert [item.kind for item in line.items()] == [ReviewKind.MISCONFIGURED]


def test_after_five_calls_in_vain_only_what_is_pressing_calls_until_one_gets_through(
    line: TestLine,
) -> None:
    for number in range(6):
        line.post("/twilio/sms", line.form(f"+1804555014{number}", "HELP"))
    line.sender.answers = [TryAgain(None)] * 5
    send_due(line.house.outbox)
    assert len(line.sender.sent) == 5
    line.post("/twilio/sms", line.form(ROY, "I can't feel between my legs and I can't pee"))
    line.sender.answers = [TryAgain(None)]
    send_due(line.house.outbox)
    assert [sent.to for sent in line.sender.sent[5:]] == [ROY]
    line.clock.moment += timedelta(seconds=20)
    line.work()
    assert {sent.to for sent in line.sender.sent[6:]} >= {f"+1804555014{n}" for n in range(6)}


def test_the_most_pressing_leaves_first(line: TestLine) -> None:
    line.post("/twilio/sms", line.form(ANN, "HELP"))
    line.post("/twilio/sms", line.form(ROY, "I can't feel between my legs and I can't pee"))
    line.work()
    assert [sent.to for sent in line.sender.sent] == [ROY, ANN]


def test_a_message_whose_fate_its_own_receipt_told_keeps_it_when_its_guessed_id_is_anothers(
    line: TestLine,
) -> None:
    line.text(ANN, "HELP")
    line.text(ANN, "AYUDA")
    first, second = outbound(line)
    guessed = "SM" + "7" * 32
    with line.house.database.transaction() as session:
        session.get_one(OutboundMessage, first.id).carrier_id = guessed
    first.carrier_id, second.carrier_id = "SM" + "8" * 32, guessed
    assert receipt(line, first, "delivered") == 204
    assert receipt(line, second, "delivered") == 204
    assert [(m.carrier_id, m.state) for m in outbound(line)] == [
        ("SM" + "8" * 32, State.DELIVERED),
        (guessed, State.DELIVERED),
    ]
