"""Many texts at once: from a patient in a hurry, from another machine, to a number that is bad."""

from datetime import timedelta

import pytest

from service.outbox.sender import Refused
from tests.line import ANN, LUZ, ROY, TestLine

pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


def test_what_somebody_writes_at_one_go_is_answered_once_and_read_whole(line: TestLine) -> None:
    line.text(ANN, "hello")
    line.clock.moment += timedelta(minutes=20)
    for body in ("my back hurts", "since monday", "i was lifting a box", "what now"):
        line.post("/twilio/sms", line.form(ANN, body))
        line.clock.moment += timedelta(seconds=3)
    line.work()
    assert line.keys(line.new_texts(ANN)) == ["safety_review"]
    assert len(line.items(ANN)) == 4
    line.clock.moment += timedelta(minutes=10)
    assert line.keys(line.text(ANN, "it still hurts")) == ["safety_review"]


def test_a_red_flag_in_the_middle_of_it_is_answered_at_once(line: TestLine) -> None:
    line.text(ANN, "my back hurts")
    said = line.keys(line.text(ANN, "and I can't feel anything between my legs"))
    assert said == ["safety_cauda_equina"]


def test_two_machines_that_text_each_other_stop(line: TestLine) -> None:
    answers = 0
    for _ in range(60):
        answers += len(line.text(ANN, "HELP"))
        line.clock.moment += timedelta(seconds=20)
    assert answers == 12
    assert line.items(ANN)


def test_a_number_that_is_bad_stops_nobody_elses_text(line: TestLine) -> None:
    for number in (ANN, ROY, LUZ):
        line.post("/twilio/sms", line.form(number, "HELP"))
    line.sender.answers = [Refused(21211, untextable=True)]
    line.work()
    assert line.keys(line.new_texts(ROY)) == ["help"]
    assert line.keys(line.new_texts(LUZ)) == ["help"]
