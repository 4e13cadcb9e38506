"""Ringing a patient back: by one tap, through the staff member's own phone, until they are reached."""

import html
import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from service.clock import SystemClock
from service.outbox.models import OutboundMessage
from service.review.models import CallBack
from service.staff import sign_in
from tests.line import ANN, LINE, PUBLIC_URL, TestLine
from tests.review.clinic import KIM, Clinic
from tests.review.test_alerts import later
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)

NUMB = "my foot went numb"


class Desk:
    """Somebody signed in at the console of the service under test."""

    def __init__(self, line: TestLine, clinic: Clinic, name: str) -> None:
        self.line = line
        app = line.client.app
        self.browser = Visitor(
            app, base_url=PUBLIC_URL, headers={"Origin": PUBLIC_URL}, follow_redirects=False
        )
        with line.house.database.transaction() as session:
            now = SystemClock().now()
            cookie = sign_in.open_session(session, clinic.ids[name], now, proven=True, how="test")
        self.browser.cookies.set("__Host-staff", cookie)

    def read(self, path: str = "/console") -> str:
        """A page as a person reads it."""
        page = re.sub(r"<[^>]+>", " ", self.browser.get(path).text)
        return " ".join(html.unescape(page).split())

    def do(self, path: str, **fields: object) -> tuple[int, str]:
        """Send a form of the patient's page; the status, and where it leads or what it says."""
        base = f"/console/patients/{self.line.thread(ANN).id}"
        found = re.search(r'name="csrf" value="(\w+)"', self.browser.get(base).text)
        assert found
        answer = self.browser.post(f"{base}/{path}", data={"csrf": found[1], **fields})
        return answer.status_code, answer.headers.get("location", "") or answer.text

    def page(self) -> str:
        """The patient's page."""
        return self.read(f"/console/patients/{self.line.thread(ANN).id}")


@pytest.fixture
def clinic(line: TestLine) -> Clinic:
    return Clinic(line)


@pytest.fixture
def kim(line: TestLine, clinic: Clinic) -> Desk:
    line.text(ANN, NUMB)
    return Desk(line, clinic, "Kim")


def ringing(line: TestLine) -> tuple[str, dict[str, str]]:
    """The token and the form of the call that was placed to staff."""
    line.work()
    call = line.sender.calls[-1]
    assert (call.to, call.spoken_at) == (KIM, "ring")
    with line.house.database.reading() as session:
        placed = select(OutboundMessage.carrier_id).where(OutboundMessage.token == call.token)
        return call.token, {"CallSid": session.scalar(placed) or "", "To": call.to}


def the_try(line: TestLine) -> CallBack:
    with line.house.database.reading() as session:
        return session.scalars(select(CallBack).order_by(CallBack.id.desc())).first()  # type: ignore[return-value]


def test_one_tap_rings_my_phone_whispers_and_connects_on_a_key(line: TestLine, kim: Desk) -> None:
    assert kim.do("ring")[0] == 303
    assert line.items(ANN)[0].state == "claimed"
    token, form = ringing(line)
    _, whisper = line.ask(f"/twilio/voice/ring?m={token}", form)
    assert "You asked to ring 0 1 4 2" in whisper
    assert not re.search(r"numb|foot|urgent|emergency|\+1804", whisper)
    _, connects = line.ask("/twilio/voice/ring?n=1", {**form, "Digits": "1"})
    assert f'callerId="{LINE}"' in connects
    assert ANN in connects
    _, over = line.ask("/twilio/voice/ring?n=2", {**form, "DialCallStatus": "completed"})
    assert "The call has ended" in over
    assert "You were connected" in kim.page()


def test_repeated_webhooks_change_nothing_twice(line: TestLine, kim: Desk) -> None:
    kim.do("ring")
    token, form = ringing(line)
    steps = [
        (f"ring?m={token}", {}),
        ("ring?n=1", {"Digits": "1"}),
        ("ring?n=2", {"DialCallStatus": "no-answer"}),
    ]
    for path, told in steps:
        first = line.ask(f"/twilio/voice/{path}", {**form, **told})
        before = the_try(line)
        line.clock.moment += timedelta(minutes=1)
        assert line.ask(f"/twilio/voice/{path}", {**form, **told}) == first
        again = the_try(line)
        assert (again.connected_at, again.dialled) == (before.connected_at, before.dialled)


def test_without_the_key_the_patient_is_not_rung(line: TestLine, kim: Desk) -> None:
    kim.do("ring")
    token, form = ringing(line)
    line.ask(f"/twilio/voice/ring?m={token}", form)
    said = [line.ask(f"/twilio/voice/ring?n={turn}", form)[1] for turn in (1, 2, 3)]
    assert not any("<Dial" in each for each in said)
    assert "<Hangup" in said[-1]


def test_a_second_tap_is_the_same_call(line: TestLine, kim: Desk) -> None:
    kim.do("ring")
    kim.do("ring")
    line.work()
    assert len(line.sender.calls) == 1


def test_two_people_never_ring_the_same_patient(line: TestLine, clinic: Clinic, kim: Desk) -> None:
    kim.do("ring")
    status, said = Desk(line, clinic, "Sam").do("ring")
    assert (status, "A colleague has this patient" in said) == (409, True)


def test_without_a_number_of_my_own_i_am_told_where_to_keep_it(
    line: TestLine, clinic: Clinic, kim: Desk
) -> None:
    clinic.give("Kim", "")
    status, said = kim.do("ring")
    assert (status, "Keep your number on the page Rota" in said) == (409, True)


def test_who_was_not_reached_stays_on_the_list_with_the_next_try(line: TestLine, kim: Desk) -> None:
    for count, pause in ((1, 15), (2, 30)):
        kim.do("ring")
        made = the_try(line)
        kim.do(f"calls/{made.id}", outcome="no_answer")
        assert line.items(ANN)[0].state == "claimed"
        assert the_try(line).next_try_at == line.clock.now() + timedelta(minutes=pause)
        assert f"{count} {'try' if count == 1 else 'tries'}, next at" in kim.read()
        line.clock.moment += timedelta(minutes=pause)
        assert "try again now" in kim.read()


def test_the_next_try_is_mine_to_set(line: TestLine, kim: Desk) -> None:
    kim.do("ring")
    path = f"calls/{the_try(line).id}"
    kim.do(path, outcome="voicemail_left", next_try="2026-11-30T14:30")
    chosen = datetime(2026, 11, 30, 14, 30, tzinfo=line.content.clinic.zone)
    assert the_try(line).next_try_at == chosen
    assert kim.do(path, outcome="no_answer")[0] == 409  # it is written down


def test_alerts_rest_until_the_next_try_and_begin_again_after_it(
    line: TestLine, clinic: Clinic, kim: Desk
) -> None:
    kim.do("ring")
    kim.do(f"calls/{the_try(line).id}", outcome="no_answer")
    told = len(line.sender.to(KIM))
    for _ in range(5):
        later(line, 4)
    assert len(line.sender.to(KIM)) == told
    later(line, 6)
    assert len(line.sender.to(KIM)) == told + 1


def test_who_was_reached_is_closed_with_the_outcome(line: TestLine, kim: Desk) -> None:
    kim.do("ring")
    status, place = kim.do(
        f"calls/{the_try(line).id}", outcome="sent_to_emergency_care", note="Goes now."
    )
    assert (status, place) == (303, "/console?said=closed")
    (item,) = line.items(ANN)
    assert (item.state, item.outcome, item.note) == (
        "closed",
        "sent_to_emergency_care",
        "Goes now.",
    )
    assert line.thread(ANN).flagged_at is None


def test_a_try_by_another_telephone_is_counted_and_closes_nothing(
    line: TestLine, kim: Desk
) -> None:
    (item,) = line.items(ANN)
    kim.do("claim", item=item.id)
    assert kim.do("close", item=item.id, outcome="no_answer")[1].endswith("said=tried")
    assert line.items(ANN)[0].state == "claimed"
    assert the_try(line).outbound_id is None


def test_nobody_writes_down_anothers_call(line: TestLine, clinic: Clinic, kim: Desk) -> None:
    kim.do("ring")
    sam = Desk(line, clinic, "Sam")
    assert sam.do(f"calls/{the_try(line).id}", outcome="reached_and_advised")[0] == 404
