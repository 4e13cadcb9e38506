"""The carrier misbehaving on request: what the line must live through."""

import random
import time

import pytest
import requests

from service.simulator.faults import Fault, Faults
from tests.simulator.world import HELEN, HTTP, LINE, World, refusal


def accepted(here: World) -> int:
    here.later.wait()
    return len(here.client().messages.list(to=HELEN))


@pytest.mark.parametrize(
    ("fault", "expected", "goes_out"),
    [
        (Fault.TOO_MANY, (429, 20429), 0),
        (Fault.BROKEN, (500, 20500), 0),
        (Fault.BROKEN_AFTER, (500, 20500), 1),
    ],
)
def test_an_error_answer_says_nothing_of_whether_the_text_went_out(
    here: World, fault: Fault, expected: tuple[int, int], goes_out: int
) -> None:
    here.carrier.faults.next_creates(fault)
    assert refusal(here.send) == expected
    assert accepted(here) == goes_out
    assert here.send().status == "queued", "only the one request goes wrong"


def test_a_line_cut_in_the_answer_leaves_a_text_that_goes_out(here: World) -> None:
    here.carrier.faults.next_creates(None, Fault.CUT)
    here.send()
    with pytest.raises(requests.exceptions.RequestException):
        here.send(status_callback=f"{here.url}/twilio/sms/status?o=7")
    assert accepted(here) == 2
    assert here.line.statuses() == ["sending", "sent", "delivered"]


def test_a_hanging_create_times_out_after_its_receipts_have_come(here: World) -> None:
    here.carrier.faults.hang_seconds = 3
    here.carrier.faults.next_creates(Fault.HANG)
    began = time.monotonic()
    with pytest.raises(requests.exceptions.Timeout):
        here.client(timeout=0.5).messages.create(
            to=HELEN, from_=LINE, body="x", status_callback=f"{here.url}/twilio/sms/status"
        )
    assert time.monotonic() - began < 2
    assert here.line.statuses() == ["sending", "sent", "delivered"]
    assert HTTP.get(f"{here.url}/phone").status_code == 200, "others are served meanwhile"


def test_a_delivery_can_fail_with_a_code(here: World) -> None:
    here.carrier.faults.next_deliveries(30003, None)
    lost = here.send(status_callback=f"{here.url}/twilio/sms/status")
    here.later.wait()
    last = here.line.hooks[-1].form
    assert (last["MessageStatus"], last["ErrorCode"]) == ("undelivered", "30003")
    assert here.client().messages(lost.sid).fetch().error_code == 30003
    found = here.send()
    here.later.wait()
    assert here.client().messages(found.sid).fetch().status == "delivered"


def test_lost_receipts_do_not_change_what_became_of_the_text(here: World) -> None:
    here.carrier.faults.drop_receipts = 1.0
    sent = here.send(status_callback=f"{here.url}/twilio/sms/status")
    here.later.wait()
    assert here.line.statuses() == []
    assert here.client().messages(sent.sid).fetch().status == "delivered"


def test_shuffled_receipts_leave_the_text_where_it_was(here: World) -> None:
    here.carrier.faults.chance = random.Random(1)
    here.carrier.faults.shuffle_receipts = here.carrier.faults.repeat_receipts = 1.0
    sent = here.send(status_callback=f"{here.url}/twilio/sms/status")
    here.later.wait()
    said = here.line.statuses()
    assert sorted(said) == sorted(["sending", "sent", "delivered"] * 2)
    assert said != sorted(said, key=["sending", "sent", "delivered"].index)
    assert here.client().messages(sent.sid).fetch().status == "delivered"


def test_the_same_seed_makes_the_same_trouble() -> None:
    def run(seed: int) -> list[list[str]]:
        faults = Faults(
            random.Random(seed), drop_receipts=0.3, repeat_receipts=0.3, shuffle_receipts=0.5
        )
        return [faults.distort(["sending", "sent", "delivered"]) for _ in range(50)]

    assert run(7) == run(7)
    assert run(7) != run(8)
    assert any(len(said) < 3 for said in run(7))
    assert any(len(said) > 3 for said in run(7))
