"""What the carrier has and we do not is fetched and taken in, with the time at which it was written."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from service.conversation.missed import Listed
from service.conversation.models import Gap, InboundMessage
from service.line.parse import parse_text
from service.review.rules import Kind as ReviewKind
from service.triage.rules import Level
from tests.line import ANN, TestLine


def listed(line: TestLine, body: str, at: datetime) -> Listed:
    return Listed(parse_text(list(line.form(ANN, body).items())), at)


def look(line: TestLine) -> None:
    """Let the worker look at the carrier's list, which it has done before today's trouble."""
    line.work()


def test_a_text_that_never_reached_us_is_answered_and_the_gap_is_put_before_staff(
    line: TestLine,
) -> None:
    look(line)
    written = line.clock.moment + timedelta(minutes=10)
    line.clock.moment += timedelta(hours=2)
    line.sender.inbox = [listed(line, "I can't feel between my legs", written)]
    line.work()
    line.work()
    assert [message.to for message in line.sender.sent] == [ANN]
    assert line.levels(ANN) == [Level.EMERGENCY]
    with line.house.database.reading() as session:
        assert session.scalars(select(InboundMessage)).one().received_at == written
        gap = session.scalars(select(Gap)).one()
    assert (gap.began_at, gap.ended_at, gap.texts) == (written, line.clock.moment, 1)
    assert [item.kind for item in line.items()] == [ReviewKind.GAP, ReviewKind.RED_FLAG]


def test_what_arrived_by_webhook_is_not_taken_in_again(line: TestLine) -> None:
    look(line)
    form = line.form(ANN, "HELP")
    line.post("/twilio/sms", form)
    line.clock.moment += timedelta(minutes=5)
    line.sender.inbox = [
        Listed(parse_text(list(form.items())), line.clock.moment - timedelta(minutes=5))
    ]
    line.work()
    assert len(line.new_texts(ANN)) == 1
    assert line.items() == []


def test_nothing_from_before_the_first_start_is_answered(line: TestLine) -> None:
    line.sender.inbox = [listed(line, "HELP", line.clock.moment - timedelta(hours=3))]
    line.work()
    line.clock.moment += timedelta(hours=1)
    line.work()
    assert line.new_texts(ANN) == []


def test_a_clock_that_had_run_ahead_hides_nothing(line: TestLine) -> None:
    look(line)
    written = line.clock.moment + timedelta(minutes=10)
    line.clock.moment += timedelta(hours=5)
    line.work()
    line.clock.moment -= timedelta(hours=4)
    line.sender.inbox = [listed(line, "HELP", written)]
    line.work()
    assert len(line.new_texts(ANN)) == 1


def test_when_the_carrier_cannot_be_asked_the_next_round_looks_from_the_same_point(
    line: TestLine,
) -> None:
    look(line)
    written = line.clock.moment + timedelta(minutes=1)
    line.sender.inbox = None
    line.wait(timedelta(hours=30))
    line.sender.inbox = [listed(line, "HELP", written)]
    line.wait(timedelta(minutes=5))
    assert len(line.new_texts(ANN)) == 1


def test_a_start_written_before_the_stop_does_not_take_it_back(line: TestLine) -> None:
    look(line)
    written = line.clock.moment + timedelta(seconds=5)
    line.clock.moment += timedelta(minutes=2)
    line.text(ANN, "please stop texting me")
    line.clock.moment += timedelta(minutes=2)
    line.sender.inbox = [listed(line, "START", written)]
    line.work()
    assert line.thread(ANN).opted_out_at is not None
    line.text(ANN, "START")
    assert line.thread(ANN).opted_out_at is None


def test_a_start_whose_webhook_comes_after_a_later_stop_does_not_take_it_back(
    line: TestLine,
) -> None:
    line.text(ANN, "STOP", OptOutType="STOP")
    start = line.form(ANN, "START")
    written = Listed(parse_text(list(start.items())), line.clock.moment + timedelta(seconds=5))
    line.clock.moment += timedelta(minutes=5)
    line.text(ANN, "please stop texting me")
    line.clock.moment += timedelta(minutes=5)
    line.sender.inbox = [written]
    line.post("/twilio/sms", start)
    assert line.thread(ANN).opted_out_at is not None


@pytest.mark.parametrize("by_webhook", [True, False])
def test_a_stop_that_was_noted_by_a_clock_an_hour_slow_is_not_taken_back_by_an_earlier_start(
    line: TestLine, by_webhook: bool
) -> None:
    look(line)
    line.text(ANN, "STOP", OptOutType="STOP")
    start, written = line.form(ANN, "START"), line.clock.moment + timedelta(minutes=1)
    stop = line.form(ANN, "please stop texting me")
    line.clock.moment -= timedelta(hours=1)
    line.post("/twilio/sms", stop)
    line.sender.inbox = [
        Listed(parse_text(list(start.items())), written),
        Listed(parse_text(list(stop.items())), written + timedelta(minutes=5)),
    ]
    if by_webhook:
        line.post("/twilio/sms", start)
    line.wait(timedelta(hours=2))
    assert line.thread(ANN).opted_out_at is not None


def test_a_start_that_cannot_be_dated_comes_with_the_carriers_list(line: TestLine) -> None:
    look(line)
    line.text(ANN, "please stop texting me")
    start = line.form(ANN, "START")
    line.sender.inbox = None
    assert line.post("/twilio/sms", start) == 503
    assert line.thread(ANN).opted_out_at is not None
    line.sender.inbox = [
        Listed(parse_text(list(start.items())), line.clock.moment + timedelta(seconds=5))
    ]
    line.wait(timedelta(minutes=10))
    assert line.thread(ANN).opted_out_at is None


def test_a_stop_and_a_start_that_were_both_missed_are_taken_in_their_order(
    line: TestLine,
) -> None:
    look(line)
    start = line.clock.moment
    line.clock.moment += timedelta(hours=1)
    line.sender.inbox = [
        listed(line, "START", start + timedelta(minutes=9)),
        listed(line, "please stop texting me", start + timedelta(minutes=5)),
    ]
    line.work()
    assert line.thread(ANN).opted_out_at is None
