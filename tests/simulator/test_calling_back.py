"""Calling back through the simulated carrier: my phone rings, I press 1, the patient's phone rings."""

from collections.abc import Mapping

import pytest
from sqlalchemy import select

from service.outbox.models import OutboundMessage
from service.review.call_back import ring
from service.review.models import CallBack
from service.simulator.exchange import Exchange
from service.simulator.ledger import Ledger
from service.simulator.records import Call, new_sid
from service.simulator.webhooks import Answer, Form
from tests.line import ANN, LINE, PUBLIC_URL, TOKEN, TestLine
from tests.review.clinic import KIM, Clinic

pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


@pytest.fixture
def exchange(line: TestLine) -> Exchange:
    """The carrier's live calls, whose webhooks go to the service under test."""

    def post(url: str, form: Form, headers: Mapping[str, str]) -> Answer:
        path = url.removeprefix(PUBLIC_URL)
        answer = line.client.post(path, data=form, headers=dict(headers))
        return Answer(answer.status_code, answer.text)

    return Exchange("AC" + "0" * 32, TOKEN, LINE, PUBLIC_URL, Ledger(line.clock), post)


def rung(line: TestLine, exchange: Exchange) -> str:
    """Kim asks to ring Ann, and her phone rings; the call's id."""
    kim = Clinic(line).ids["Kim"]
    line.text(ANN, "my foot went numb")
    with line.house.database.transaction() as session:
        ring(session, session.merge(line.thread(ANN)), kim, line.clock.now())
    line.work()
    call = line.sender.calls[-1]
    with line.house.database.transaction() as session:
        sent = select(OutboundMessage).where(OutboundMessage.token == call.token)
        message = session.scalars(sent).one()
        message.carrier_id = new_sid("CA")
        sid = message.carrier_id
    now = line.clock.now()
    placed = Call(
        sid, LINE, call.to, now, now, "queued", f"{PUBLIC_URL}/twilio/voice/status?m={call.token}"
    )
    exchange.ring_phone(placed, f"{PUBLIC_URL}/twilio/voice/{call.spoken_at}?m={call.token}")
    return sid


def on(exchange: Exchange, number: str) -> dict[str, object]:
    """What a phone can do now."""
    return next((live.waits for live in exchange.live.values() if live.phone == number), {})


def the_try(line: TestLine) -> CallBack:
    with line.house.database.reading() as session:
        return session.scalars(select(CallBack)).one()


def test_two_phones_are_connected_by_a_key(line: TestLine, exchange: Exchange) -> None:
    sid = rung(line, exchange)
    exchange.answer(sid)
    assert on(exchange, KIM)["kind"] == "gather"
    assert on(exchange, ANN) == {}
    exchange.press(sid, "1")
    assert (on(exchange, KIM)["kind"], on(exchange, ANN)["kind"]) == ("dial", "ring")
    (patient,) = [live for live in exchange.live.values() if live.phone == ANN]
    assert patient.call.sender == LINE  # the clinic's number is shown
    exchange.answer(patient.call.sid)
    assert on(exchange, KIM)["kind"] == on(exchange, ANN)["kind"] == "bridged"
    exchange.hang_up(patient.call.sid)
    assert exchange.live == {}
    assert the_try(line).dialled == "completed"


def test_nobody_picks_up_at_the_patients(line: TestLine, exchange: Exchange) -> None:
    sid = rung(line, exchange)
    exchange.answer(sid)
    exchange.press(sid, "1")
    (patient,) = [live for live in exchange.live.values() if live.phone == ANN]
    exchange.leave(patient.call.sid)
    assert exchange.live == {}
    assert the_try(line).dialled == "no-answer"


def test_no_key_and_the_patient_is_left_alone(line: TestLine, exchange: Exchange) -> None:
    sid = rung(line, exchange)
    exchange.answer(sid)
    for _ in range(3):
        exchange.be_silent(sid)
    assert exchange.live == {}
    assert the_try(line).connected_at is None
