"""While the database is away nothing that arrives is lost, and an emergency is answered all the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from service.conversation import receive
from service.conversation.missed import Listed
from service.conversation.models import Event, EventState, Gap, InboundMessage
from service.line.parse import parse_text
from service.outbox.models import OutboundMessage
from service.outbox.rules import State
from service.review.rules import Kind
from service.worker import SEND, timetable
from tests.line import ANN, ROY, TestLine

pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)

EMERGENCY = "I can't feel between my legs and I can't pee"


@contextmanager
def away(line: TestLine) -> Iterator[None]:
    """The table that keeps events cannot be written."""
    with line.house.database.transaction() as session:
        session.execute(text("ALTER TABLE events RENAME TO events_away"))
    try:
        yield
    finally:
        with line.house.database.transaction() as session:
            session.execute(text("ALTER TABLE events_away RENAME TO events"))


def bodies(line: TestLine) -> list[str]:
    with line.house.database.reading() as session:
        return list(session.scalars(select(InboundMessage.body).order_by(InboundMessage.id)))


def spooled(line: TestLine) -> list[Path]:
    return line.house.doorstep.spool.waiting()


def test_texts_are_acknowledged_kept_and_taken_in_in_order_with_their_own_time(
    line: TestLine,
) -> None:
    with away(line):
        at = line.clock.moment
        for body in ("one", "same", "same", "four"):
            assert line.ask("/twilio/sms", line.form(ANN, body))[1].endswith("<Response/>")
        line.clock.moment += timedelta(minutes=10)
        assert line.house.doorstep.take_in() == 0
        assert len(spooled(line)) == 4
    line.work()
    assert bodies(line) == ["one", "same", "same", "four"]
    with line.house.database.reading() as session:
        assert set(session.scalars(select(InboundMessage.received_at))) == {at}
    assert spooled(line) == []


def test_a_repeat_is_kept_once(line: TestLine) -> None:
    form = line.form(ANN, "HELP")
    with away(line):
        line.post("/twilio/sms", form)
        line.post("/twilio/sms/fallback", form)
        assert len(spooled(line)) == 1
    line.post("/twilio/sms", form)
    line.work()
    line.post("/twilio/sms", form)
    assert bodies(line) == ["HELP"]
    assert len(line.new_texts(ANN)) == 1


def test_what_comes_while_others_wait_is_put_behind_them(line: TestLine) -> None:
    with away(line):
        line.post("/twilio/sms", line.form(ANN, "first"))
    line.post("/twilio/sms", line.form(ANN, "second"))
    assert bodies(line) == []
    line.work()
    assert bodies(line) == ["first", "second"]


def test_an_emergency_is_answered_in_the_answer_itself_and_not_a_second_time(
    line: TestLine,
) -> None:
    with away(line):
        _, document = line.ask("/twilio/sms", line.form(ANN, EMERGENCY))
    advice = line.content.reply("safety_cauda_equina", "en")
    assert f"<Message>{advice}</Message>" in document
    assert line.ask("/twilio/sms", line.form(ROY, "thanks"))[1].endswith("<Response/>")
    line.work()
    assert advice not in line.new_texts(ANN)
    with line.house.database.reading() as session:
        rows = session.scalars(select(OutboundMessage).where(OutboundMessage.kind == "safety"))
        assert [(row.body, row.state) for row in rows] == [(advice, State.ACCEPTED)]
    assert [item.kind for item in line.items(ANN)] == [Kind.RED_FLAG]


def test_nor_when_the_worker_looks_at_the_carriers_list_before_it_looks_at_the_disk(
    line: TestLine,
) -> None:
    line.work()
    form = line.form(ANN, EMERGENCY)
    with away(line):
        line.post("/twilio/sms", form)
    line.sender.inbox = [Listed(parse_text(list(form.items())), line.clock.moment)]
    line.clock.moment += timedelta(minutes=5)
    jobs = {job.name: job for job in timetable(line.house)}
    jobs["take in what was missed"].run()
    jobs[SEND].run()
    line.work()
    assert line.content.reply("safety_cauda_equina", "en") not in line.new_texts(ANN)
    assert bodies(line) == [EMERGENCY]


def test_nor_when_taking_it_in_fails_at_first(
    line: TestLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with away(line):
        line.post("/twilio/sms", line.form(ANN, EMERGENCY))
    with monkeypatch.context() as broken:
        broken.setattr(receive, "decide", lambda *_known: 1 / 0)
        line.work()
    assert [item.kind for item in line.items()] == [Kind.FAILED_EVENT]
    line.wait(timedelta(minutes=20))
    line.work()
    assert line.content.reply("safety_cauda_equina", "en") not in line.new_texts(ANN)
    assert bodies(line) == [EMERGENCY]


def test_a_text_is_kept_though_the_database_file_is_damaged(line: TestLine) -> None:
    file = Path(line.house.database.engine.url.database or "")
    whole = file.read_bytes()
    file.write_bytes(b"damaged!" * (len(whole) // 8))
    assert line.post("/twilio/sms", line.form(ANN, "HELP")) == 200
    assert len(spooled(line)) == 1
    file.write_bytes(whole)
    line.work()
    assert bodies(line) == ["HELP"]


def test_an_emergency_in_spanish_is_answered_in_spanish(line: TestLine) -> None:
    with away(line):
        _, document = line.ask(
            "/twilio/sms", line.form(ANN, "no siento nada entre las piernas y no puedo orinar")
        )
    assert "911" in document
    assert line.content.reply("safety_cauda_equina", "es") in document


def test_staff_are_alerted_past_the_database_once(line: TestLine) -> None:
    on_call = "+18045550190"
    alerts = line.content.clinic.alerts.model_copy(update={"numbers": (on_call,)})
    clinic = line.content.clinic.model_copy(update={"alerts": alerts})
    content = line.content.model_copy(update={"clinic": clinic})
    conversation = replace(line.house.conversation, content=content)
    line.use(replace(line.house, conversation=conversation))
    with away(line):
        line.post("/twilio/sms", line.form(ANN, EMERGENCY))
        line.post("/twilio/sms", line.form(ROY, "HELP"))
        for _ in range(2):
            line.house.doorstep.take_in()
        (alert,) = line.new_texts(on_call)
    assert "emergency" in alert
    assert ANN not in alert


def test_a_wait_of_more_than_a_minute_is_shown_to_staff(line: TestLine) -> None:
    with away(line):
        line.post("/twilio/sms", line.form(ANN, "HELP"))
        line.clock.moment += timedelta(minutes=90)
    line.work()
    with line.house.database.reading() as session:
        (gap,) = session.scalars(select(Gap))
    assert (gap.ended_at - gap.began_at, gap.texts) == (timedelta(minutes=90), 1)
    assert Kind.GAP in [item.kind for item in line.items()]


@pytest.mark.parametrize("cut", [0, 1, 13, 40, -1])
def test_a_file_that_is_cut_off_is_set_aside_and_shown_and_stops_nothing(
    line: TestLine, cut: int
) -> None:
    with away(line):
        line.post("/twilio/sms", line.form(ANN, "first"))
        line.post("/twilio/sms", line.form(ROY, "second"))
    bad = spooled(line)[0]
    bad.write_bytes(bad.read_bytes()[:cut])
    for _ in range(3):
        line.work()
    assert bodies(line) == ["second"]
    assert line.house.doorstep.spool.aside() == [bad.name]
    with line.house.database.reading() as session:
        (event,) = session.scalars(select(Event).where(Event.state == EventState.FAILED))
    assert event.carrier_id == bad.name
    assert [item.kind for item in line.items()].count(Kind.FAILED_EVENT) == 1


def test_what_was_half_written_is_set_aside(line: TestLine) -> None:
    with away(line):
        line.post("/twilio/sms", line.form(ANN, "first"))
    (whole,) = spooled(line)
    half = whole.rename(whole.with_suffix(".unfinished"))
    line.work()
    assert half.exists()  # somebody may be writing it
    line.clock.moment += timedelta(minutes=2)
    line.work()
    assert line.house.doorstep.spool.aside() == [half.name]


def test_nothing_on_disk_can_be_read_without_the_keys(line: TestLine) -> None:
    with away(line):
        line.post("/twilio/sms", line.form(ANN, "my foot went numb"))
    (path,) = spooled(line)
    assert b"numb" not in path.read_bytes()
    assert ANN[2:] not in path.name
    assert path.stat().st_mode & 0o077 == 0


def test_a_receipt_waits_too(line: TestLine) -> None:
    line.text(ANN, "HELP")
    token = line.sender.sent[-1].token
    with away(line), line.house.database.transaction() as session:
        session.execute(text("ALTER TABLE outbound_messages RENAME TO outbound_away"))
    said = {"MessageSid": f"SM{1:032x}", "MessageStatus": "delivered"}
    assert line.post(f"/twilio/sms/status?m={token}", said) == 204
    with line.house.database.transaction() as session:
        session.execute(text("ALTER TABLE outbound_away RENAME TO outbound_messages"))
    line.work()
    with line.house.database.reading() as session:
        assert session.scalars(select(OutboundMessage.state)).one() == State.DELIVERED


def test_a_caller_is_told_of_911_and_can_leave_a_message(line: TestLine) -> None:
    with line.house.database.transaction() as session:
        session.execute(text("ALTER TABLE calls RENAME TO calls_away"))
    call = {"CallSid": "CA" + "1" * 32, "From": ANN, "To": "+18045550100", "CallStatus": "ringing"}
    status, document = line.ask("/twilio/voice", call | {"Direction": "inbound"})
    assert status == 200
    assert "9 1 1" in document
    assert "<Record" in document
