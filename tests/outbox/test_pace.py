"""The sender's pace: what carriers would only queue waits here, and never the advice for an emergency."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.line import ROY, TestLine

THREE = [f"+1804555014{number}" for number in range(3)]
FOURTH = "+18045550149"
NUMB = "I can't feel between my legs and I can't pee"


def paced(line: TestLine, *, minute: int = 60, day: int = 1000) -> TestLine:
    """The line, whose carriers take so many texts in a minute, and in a day."""
    outbox = line.house.outbox
    limits = replace(outbox.limits, sender_per_minute=minute, sender_per_day=day)
    line.use(replace(line.house, outbox=replace(outbox, limits=limits)))
    return line


def ask_for_help(line: TestLine, *numbers: str) -> None:
    for number in numbers:
        assert line.post("/twilio/sms", line.form(number, "HELP")) == 200
    line.work()


def reached(line: TestLine) -> list[str]:
    return [
        sent.to for sent in line.sender.sent if sent.to not in line.content.clinic.alerts.numbers
    ]


@pytest.fixture
def busy(line: TestLine) -> TestLine:
    """A line that has sent all it may send in this minute."""
    ask_for_help(paced(line, minute=3), *THREE)
    return line


def test_what_is_too_much_for_one_minute_leaves_in_the_next(busy: TestLine) -> None:
    ask_for_help(busy, FOURTH)
    busy.clock.moment += timedelta(seconds=50)
    busy.work()
    assert reached(busy) == THREE
    busy.clock.moment += timedelta(seconds=11)
    busy.work()
    assert reached(busy) == [*THREE, FOURTH]


def test_advice_in_an_emergency_waits_for_no_pace(busy: TestLine) -> None:
    assert len(busy.text(ROY, NUMB)) == 1


def test_a_clock_that_is_set_back_holds_nothing_up(busy: TestLine) -> None:
    busy.clock.moment -= timedelta(hours=2)
    ask_for_help(busy, FOURTH)
    assert reached(busy) == [*THREE, FOURTH]


def test_the_last_quarter_of_a_day_is_not_for_tips(line: TestLine) -> None:
    paced(line, day=8)
    line.text(ROY, "TIPS")
    line.text(ROY, "1")  # eight in the morning in Phoenix: the first tip is for later
    ask_for_help(line, *THREE, FOURTH)
    assert len(reached(line)) == 6
    line.clock.moment += timedelta(hours=4)
    line.work()
    assert line.new_texts(ROY) == []
    assert len(line.text(ROY, "HELP")) == 1
    line.clock.moment += timedelta(days=1)
    line.work()
    line.wait(timedelta(hours=3))  # it was late, so that it was given another time
    assert line.keys(line.new_texts(ROY)) == [f"tip:{line.content.program('en').steps[0].id}"]


def test_when_the_day_is_used_up_replies_wait_for_midnight_in_the_pacific_zone(
    line: TestLine,
) -> None:
    line.clock.moment = datetime(2026, 12, 1, 7, 30, tzinfo=UTC)
    ask_for_help(paced(line, day=3), *THREE, FOURTH)
    line.clock.moment = datetime(2026, 12, 1, 7, 55, tzinfo=UTC)
    line.work()
    assert reached(line) == THREE
    line.clock.moment = datetime(2026, 12, 1, 8, 5, tzinfo=UTC)
    line.work()
    assert reached(line) == [*THREE, FOURTH]


def test_what_had_to_wait_for_longer_than_an_answer_may_does_not_leave_at_night(
    line: TestLine,
) -> None:
    ask_for_help(paced(line, day=3), *THREE, FOURTH)
    line.clock.moment = datetime(2026, 12, 1, 8, 5, tzinfo=UTC)  # 3:05 in Virginia
    line.work()
    assert reached(line) == THREE
    line.clock.moment = datetime(2026, 12, 1, 14, 0, tzinfo=UTC)
    line.work()
    assert reached(line) == [*THREE, FOURTH]
