"""Nobody unseen: who is told of a red flag, when, by what, and how it is acknowledged."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from service.conversation.alerting import climb_ladders
from service.outbox.models import OutboundMessage
from service.outbox.sender import Accepted, TryAgain, Unknown
from service.review.models import AlertNotice
from service.review.resolve import claim, close, hand_back
from service.review.rules import Outcome
from service.staff import accounts
from tests.line import ANN, ROY, TestLine
from tests.review.clinic import JO, KIM, SAM, Clinic

EMERGENCY = "no feeling between my legs and I wet myself"
URGENT = "my foot went numb"

NUMBERS = {"Kim": KIM, "Sam": SAM, "Jo": JO}

on_sqlite = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


@pytest.fixture
def clinic(line: TestLine) -> Clinic:
    return Clinic(line)


def later(line: TestLine, minutes: float) -> None:
    """Let minutes pass and the worker look."""
    line.clock.moment += timedelta(minutes=minutes)
    line.work()


def rung(line: TestLine, number: str) -> int:
    """How often a phone was rung."""
    return sum(call.to == number for call in line.sender.calls)


def code(line: TestLine, number: str) -> str:
    """The code in the last alert to a phone."""
    found = re.search(r"\b\d{4}\b", line.sender.to(number)[-1])
    assert found
    return found[0]


@on_sqlite
def test_who_is_on_duty_is_told_at_once_and_nobody_else(line: TestLine, clinic: Clinic) -> None:
    line.text(ANN, URGENT)
    (told,) = line.sender.to(KIM)
    assert "urgent" in told
    assert "/console/items/1" in told
    assert (line.sender.to(SAM), line.sender.to(JO), rung(line, KIM)) == ([], [], 0)


@on_sqlite
def test_an_alert_holds_no_health_data(line: TestLine, clinic: Clinic) -> None:
    line.text(ANN, EMERGENCY)
    for body in [*line.sender.to(KIM), *(call.body for call in line.sender.calls)]:
        assert not re.search(rf"legs|wet|feeling|{ANN[2:]}|{ANN[-7:]}", body)


@on_sqlite
def test_an_emergency_also_rings_at_once(line: TestLine, clinic: Clinic) -> None:
    line.text(ANN, EMERGENCY)
    assert rung(line, KIM) == 1


@on_sqlite
def test_a_phone_rings_for_the_next_emergency_but_not_twice_within_a_minute(
    line: TestLine, clinic: Clinic
) -> None:
    line.text(ANN, EMERGENCY)
    line.text(ROY, EMERGENCY)
    assert rung(line, KIM) == 1
    line.clock.moment += timedelta(seconds=61)
    line.text("+18045550161", EMERGENCY)
    assert rung(line, KIM) == 2


@on_sqlite
def test_an_alert_by_text_alone_keeps_no_emergency_from_ringing(
    line: TestLine, clinic: Clinic
) -> None:
    line.text(ANN, URGENT)
    line.text(ROY, EMERGENCY)
    assert rung(line, KIM) == 1


@on_sqlite
def test_the_ladder_climbs_to_everyone_within_a_quarter_of_an_hour(
    line: TestLine, clinic: Clinic
) -> None:
    line.text(ANN, URGENT)
    seen = []
    for _ in range(15):
        later(line, 1)
        seen.append(tuple(len(line.sender.to(number)) for number in (KIM, SAM, JO)))
    assert seen[1:4] == [(1, 0, 0), (2, 0, 0), (2, 0, 0)]  # again after 3 minutes
    assert seen[6] == (2, 1, 0)  # the backup after 7
    assert seen[11] == (3, 2, 1)  # everyone after 12
    assert clinic.alert().last_rung_at == clinic.alert().started_at + timedelta(minutes=12)


@on_sqlite
def test_after_a_standstill_missed_rungs_are_caught_up_with(line: TestLine, clinic: Clinic) -> None:
    line.text(ANN, URGENT)
    later(line, 14)
    for _ in range(5):
        later(line, 0.02)
    assert [len(line.sender.to(number)) for number in (KIM, SAM, JO)] == [3, 2, 1]


@on_sqlite
def test_the_last_rung_repeats_until_somebody_acknowledges(line: TestLine, clinic: Clinic) -> None:
    line.text(ANN, URGENT)
    for _ in range(60):
        later(line, 1)
    assert len(line.sender.to(JO)) == 11  # at 12, then at every fifth minute of the clock
    line.text(JO, code(line, JO))
    told = len(line.sender.to(KIM))
    later(line, 30)
    assert len(line.sender.to(KIM)) == told


@on_sqlite
def test_the_code_in_a_reply_takes_the_item(line: TestLine, clinic: Clinic) -> None:
    line.text(ANN, URGENT)
    line.text(KIM, f" {code(line, KIM)} ok")
    (item,) = line.items(ANN)
    assert (item.state, item.claimed_by) == ("claimed", clinic.ids["Kim"])
    assert "yours now" in line.sender.to(KIM)[-1]
    later(line, 20)
    assert line.sender.to(SAM) == []
    assert [each.kind for each in line.items()] == ["red_flag"]  # Kim was not taken for a patient


@on_sqlite
def test_a_code_that_came_too_late_says_so(line: TestLine, clinic: Clinic) -> None:
    line.text(ANN, URGENT)
    later(line, 3)
    later(line, 4)
    line.text(SAM, code(line, SAM))
    line.text(KIM, code(line, KIM))
    assert "somebody has it already" in line.sender.to(KIM)[-1]
    assert line.items(ANN)[0].claimed_by == clinic.ids["Sam"]


@on_sqlite
def test_a_code_from_a_strange_phone_takes_nothing(line: TestLine, clinic: Clinic) -> None:
    line.text(ANN, URGENT)
    line.text("+18045550166", code(line, KIM))
    assert line.items(ANN)[0].state == "open"


@on_sqlite
def test_a_wrong_code_is_answered(line: TestLine, clinic: Clinic) -> None:
    line.text(ANN, URGENT)
    wrong = "1000" if code(line, KIM) != "1000" else "1001"
    line.text(KIM, wrong)
    assert "do not know that code" in line.sender.to(KIM)[-1]


@on_sqlite
def test_a_member_of_staff_with_symptoms_is_a_patient_too(line: TestLine, clinic: Clinic) -> None:
    line.text(ANN, URGENT)
    line.text(KIM, f"{code(line, KIM)} and I cannot feel my own legs")
    assert line.levels(KIM) == ["emergency"]
    assert line.items(ANN)[0].state == "claimed"


def ringing(line: TestLine) -> tuple[str, dict[str, str]]:
    """The token and the form of the alert call that was placed."""
    (call,) = line.sender.calls
    with line.house.database.reading() as session:
        placed = select(OutboundMessage.carrier_id).where(OutboundMessage.token == call.token)
        return call.token, {"CallSid": session.scalar(placed) or "", "To": call.to}


@on_sqlite
def test_a_key_in_the_call_takes_the_item(line: TestLine, clinic: Clinic) -> None:
    line.text(ANN, EMERGENCY)
    token, form = ringing(line)
    status, said = line.ask(f"/twilio/voice/alert?m={token}", form)
    assert status == 200
    assert "An emergency is waiting" in said
    again, gone_on = line.ask("/twilio/voice/alert?n=1", {**form, "Digits": "2"})
    assert (again, "An emergency" in gone_on) == (200, True)
    answers = {line.ask("/twilio/voice/alert?n=2", {**form, "Digits": "1"})[1] for _ in range(2)}
    assert len(answers) == 1
    assert "It is yours" in answers.pop()
    assert line.items(ANN)[0].claimed_by == clinic.ids["Kim"]


@on_sqlite
def test_a_key_takes_the_item_in_a_call_that_another_try_has_overtaken(
    line: TestLine, clinic: Clinic
) -> None:
    line.sender.answers = [Accepted("SM" + "8" * 32), Accepted("SM" + "9" * 32), Unknown()]
    line.text(ANN, EMERGENCY)
    for _ in range(2):  # the carrier's list does not show the call: it is placed again
        line.wait(timedelta(minutes=2))
    first, second = [call for call in line.sender.calls if call.to == KIM][:2]
    assert first.token != second.token
    form = {"CallSid": "CA" + "7" * 32, "To": KIM}
    line.ask(f"/twilio/voice/alert?m={first.token}", form)
    assert "It is yours" in line.ask("/twilio/voice/alert?n=1", {**form, "Digits": "1"})[1]
    assert line.items(ANN)[0].claimed_by == clinic.ids["Kim"]


@on_sqlite
def test_a_call_in_which_no_key_is_pressed_ends_and_acknowledges_nothing(
    line: TestLine, clinic: Clinic
) -> None:
    line.text(ANN, EMERGENCY)
    token, form = ringing(line)
    line.ask(f"/twilio/voice/alert?m={token}", form)
    said = [line.ask(f"/twilio/voice/alert?n={turn}", form)[1] for turn in (1, 2, 3)]
    assert "<Hangup" in said[-1]
    assert line.items(ANN)[0].state == "open"


@on_sqlite
def test_claiming_in_the_console_silences_and_handing_back_tells_again(
    line: TestLine, clinic: Clinic
) -> None:
    line.text(ANN, URGENT)
    with line.house.database.transaction() as session:
        claim(session, [1], clinic.ids["Jo"], line.clock.now())
    later(line, 14)
    assert len(line.sender.to(KIM)) == 1
    with line.house.database.transaction() as session:
        hand_back(session, [1], clinic.ids["Jo"], line.clock.now())
    later(line, 0)
    assert len(line.sender.to(KIM)) == 2


@on_sqlite
def test_what_was_taken_and_forgotten_is_told_of_again(line: TestLine, clinic: Clinic) -> None:
    line.text(ANN, URGENT)
    line.text(KIM, code(line, KIM))
    told = len(line.sender.to(KIM))
    later(line, 59)
    assert len(line.sender.to(KIM)) == told
    later(line, 2)
    assert len(line.sender.to(KIM)) == told + 1


@on_sqlite
def test_closing_ends_the_ladder(line: TestLine, clinic: Clinic) -> None:
    line.text(ANN, URGENT)
    with line.house.database.transaction() as session:
        now, kim = line.clock.now(), clinic.ids["Kim"]
        claim(session, [1], kim, now)
        close(session, [1], staff_id=kim, outcome=Outcome.HANDLED, note="", now=now)
    later(line, 120)
    assert clinic.alert().due_at is None
    assert len(line.sender.to(KIM)) == 1


@on_sqlite
def test_several_at_once_are_one_text_and_one_code(line: TestLine, clinic: Clinic) -> None:
    for number in (ANN, "+18045550161", "+18045550162"):
        form = line.form(number, URGENT)
        assert line.post("/twilio/sms", form) == 200
    line.work()
    (told,) = line.sender.to(KIM)
    assert "3 items wait" in told
    line.text(KIM, code(line, KIM))
    assert {item.state for item in line.items()} == {"claimed"}


@on_sqlite
def test_an_alert_that_cannot_leave_holds_back_none_of_a_later_emergency(
    line: TestLine, clinic: Clinic
) -> None:
    line.sender.answers = [TryAgain(20429)] * 12
    line.text(ANN, URGENT)
    line.text(ROY, EMERGENCY)
    later(line, 4)
    line.sender.answers = []
    later(line, 2)
    told = " ".join(line.sender.to(KIM))
    assert "emergency" in told
    assert "urgent" in told
    with line.house.database.reading() as session:
        waiting = select(OutboundMessage.to).where(OutboundMessage.state == "queued")
        assert KIM not in session.scalars(waiting).all()


@on_sqlite
def test_with_nobody_on_duty_everyone_is_told_at_once(line: TestLine) -> None:
    Clinic(line, days=range(0))
    line.text(ANN, EMERGENCY)
    assert [len(line.sender.to(number)) for number in (KIM, SAM, JO)] == [1, 1, 1]
    for _ in range(2):
        later(line, 0.05)  # one call begins in a second
    assert [rung(line, number) for number in (KIM, SAM, JO)] == [1, 1, 1]


@on_sqlite
def test_whose_account_is_closed_is_told_of_nothing(line: TestLine) -> None:
    clinic = Clinic(line, days=range(0))
    with line.house.database.transaction() as session:
        accounts.disable(session, clinic.ids["Jo"], line.clock.now())
    line.text(ANN, URGENT)
    assert [len(line.sender.to(number)) for number in (KIM, SAM, JO)] == [1, 1, 0]


@on_sqlite
def test_an_alert_that_waits_for_one_phone_holds_back_none_to_another(
    line: TestLine, clinic: Clinic
) -> None:
    line.sender.answers = [TryAgain(20429)] * 2
    line.text(ANN, URGENT)
    line.sender.answers = []
    with line.house.database.transaction() as session:
        stuck = update(OutboundMessage).where(OutboundMessage.state == "queued")
        session.execute(stuck.values(not_before=line.clock.now() + timedelta(hours=1)))
    later(line, 4)
    later(line, 4)
    tried = [len(line.sender.to(number)) for number in (KIM, SAM)]
    assert tried == [1, 1]  # the one to Kim was not taken, and waits


@on_sqlite
def test_an_unreachable_phone_becomes_one_item_a_day_and_no_alert_of_its_own(
    line: TestLine, clinic: Clinic
) -> None:
    line.text(ANN, URGENT)
    for _ in range(2):
        token = [text.token for text in line.sender.sent if text.to == KIM][-1]
        undelivered = {"MessageSid": "SM" + "9" * 32, "MessageStatus": "undelivered"}
        line.post(f"/twilio/sms/status?m={token}", undelivered | {"ErrorCode": "30003"})
        later(line, 4)
    assert [item.level for item in line.items() if item.kind == "failed_send"] == ["review"]


@on_sqlite
class TestMorningDigest:
    """Counts only, to whoever is on duty, once a day."""

    def test_tells_what_is_open_once(self, line: TestLine, clinic: Clinic) -> None:
        line.text(ANN, "could someone look at my form when I bend")
        line.clock.moment += timedelta(hours=21, minutes=31)  # Tuesday, 7:31 at the clinic
        line.work()
        (told,) = line.sender.to(KIM)
        assert "0 emergency, 0 urgent, 1 to read. Overdue: 0" in told
        later(line, 30)
        assert len(line.sender.to(KIM)) == 1
        assert line.sender.to(JO) == []

    def test_says_nothing_when_nothing_is_open(self, line: TestLine, clinic: Clinic) -> None:
        line.clock.moment += timedelta(hours=21, minutes=31)
        line.work()
        assert line.sender.sent == []


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
class TestTwoWorkers:
    """A deploy runs two workers for a while, and on PostgreSQL there may always be several."""

    def test_a_rung_is_told_once(self, line: TestLine) -> None:
        Clinic(line)
        for number in range(8):
            form = line.form(f"+1804555010{number}", URGENT)
            assert line.post("/twilio/sms", form) == 200
        conversation = line.house.conversation
        with ThreadPoolExecutor(4) as workers:
            told = list(workers.map(lambda _: climb_ladders(conversation), range(8)))
        assert sum(told) == 8
        with line.house.database.reading() as session:
            notices = session.scalars(select(AlertNotice)).all()
        assert sorted(item for notice in notices for item in notice.items) == list(range(1, 9))

    def test_one_of_two_who_answer_at_once_has_it(self, line: TestLine) -> None:
        clinic = Clinic(line, days=range(0))  # nobody is on duty: everyone is told
        line.text(ANN, URGENT)
        forms = [line.form(number, code(line, number)) for number in (KIM, SAM, JO)]
        with ThreadPoolExecutor(3) as people:
            assert set(people.map(lambda form: line.post("/twilio/sms", form), forms)) == {200}
        line.work()
        holder = line.items(ANN)[0].claimed_by
        answers = {name: line.sender.to(number)[-1] for name, number in NUMBERS.items()}
        assert sorted("yours now" in said for said in answers.values()) == [False, False, True]
        (winner,) = [name for name, said in answers.items() if "yours now" in said]
        assert clinic.ids[winner] == holder
        assert {item.kind for item in line.items()} == {"red_flag"}  # nobody's text failed
