"""POST /twilio/sms: who may post, what is kept, and that a repeat changes nothing."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from sqlalchemy import func, select, text

from service.conversation.models import Event, EventState, InboundMessage
from service.conversation.receive import replay
from service.line.parse import parse_text
from service.outbox.models import OutboundMessage
from service.review.rules import Kind
from service.triage.rules import Level
from tests.line import ANN, PUBLIC_URL, TestLine

BODIES = sorted((Path(__file__).parents[1] / "twilio").glob("*.form"))


def count(line: TestLine, table: type[Event | InboundMessage | OutboundMessage]) -> int:
    with line.house.database.reading() as session:
        return session.scalar(select(func.count(table.id))) or 0


@pytest.mark.parametrize("signature", ["", "wrong", "RSOYDt4T1cUTdK1PDd93/VVr8B8="])
def test_a_missing_or_wrong_signature_gets_403_and_keeps_nothing(
    line: TestLine, signature: str
) -> None:
    assert line.post("/twilio/sms", line.form(ANN, "HELP"), signature=signature) == 403
    assert count(line, Event) == 0


def test_the_signature_is_over_the_public_url_whatever_a_proxy_forwards(line: TestLine) -> None:
    form = line.form(ANN, "HELP")
    from twilio.request_validator import RequestValidator

    signed = RequestValidator(line.house.settings.twilio_auth_token).compute_signature(
        f"{PUBLIC_URL}/twilio/sms", form
    )
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "Host": "inside"}
    answer = line.client.post(
        "/twilio/sms", data=form, headers={"X-Twilio-Signature": signed} | forged
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    assert answer.text.endswith("<Response/>")


def test_a_repeat_gets_the_same_answer_and_changes_nothing(line: TestLine) -> None:
    form = line.form(ANN, "HELP")
    assert [line.post("/twilio/sms", form) for _ in range(3)] == [200, 200, 200]
    line.work()
    assert (count(line, Event), count(line, InboundMessage), count(line, OutboundMessage)) == (
        1,
        1,
        1,
    )
    assert len(line.new_texts(ANN)) == 1


def test_the_same_text_posted_twenty_times_at_once_is_one_message_and_one_reply(
    line: TestLine,
) -> None:
    form = line.form(ANN, "HELP")
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda _: line.post("/twilio/sms", form), range(20)))
    assert answers == [200] * 20
    line.work()
    assert count(line, InboundMessage) == 1
    assert len(line.new_texts(ANN)) == 1


def test_the_fallback_address_takes_the_same_text_only_once(line: TestLine) -> None:
    form = line.form(ANN, "HELP")
    assert line.post("/twilio/sms", form) == 200
    assert line.post("/twilio/sms/fallback", form | {"ErrorCode": "11200"}) == 200
    assert count(line, InboundMessage) == 1


def test_two_first_texts_at_once_make_one_thread(line: TestLine) -> None:
    forms = [line.form(ANN, words) for words in ("REPORT", "my back hurts", "HELP", "TIPS")]
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda form: line.post("/twilio/sms", form), forms))
    assert answers == [200] * 4
    assert count(line, InboundMessage) == 4
    assert line.thread(ANN).phone == ANN


@pytest.mark.parametrize("body", BODIES, ids=lambda path: path.stem)
def test_whatever_is_posted_is_kept_and_a_person_sees_it(line: TestLine, body: Path) -> None:
    form = dict(parse_qsl(body.read_text().strip(), keep_blank_values=True))
    assert line.post("/twilio/sms", form) == 200
    line.work()
    with line.house.database.reading() as session:
        event = session.scalars(select(Event)).one()
    assert event.state == EventState.HANDLED
    assert dict(event.raw) == form
    assert line.items(), "nothing stands before staff"


def break_handling(line: TestLine) -> None:
    with line.house.database.transaction() as session:
        session.execute(text("ALTER TABLE inbound_messages RENAME TO away"))


def mend_handling(line: TestLine) -> None:
    with line.house.database.transaction() as session:
        session.execute(text("ALTER TABLE away RENAME TO inbound_messages"))


def test_a_text_whose_handling_fails_is_kept_put_before_staff_and_can_be_replayed(
    line: TestLine,
) -> None:
    break_handling(line)
    form = line.form(ANN, "my foot went numb")
    assert line.post("/twilio/sms", form) == 200
    with line.house.database.reading() as session:
        event = session.scalars(select(Event)).one()
    assert (event.state, dict(event.raw)) == (EventState.FAILED, form)
    assert [(item.kind, item.level) for item in line.items()] == [(Kind.FAILED_EVENT, Level.URGENT)]
    assert replay(line.house.conversation, event.id, parse_text) is False
    mend_handling(line)
    assert replay(line.house.conversation, event.id, parse_text) is True
    assert [item.kind for item in line.items()] == [Kind.FAILED_EVENT, Kind.RED_FLAG]
    assert replay(line.house.conversation, event.id, parse_text) is True
    assert count(line, InboundMessage) == 1


def test_a_failed_text_is_tried_again_by_the_worker(line: TestLine) -> None:
    break_handling(line)
    line.post("/twilio/sms", line.form(ANN, "my foot went numb"))
    mend_handling(line)
    line.work()
    assert Kind.RED_FLAG in [item.kind for item in line.items()]


def test_what_neither_the_database_nor_the_disk_keeps_is_answered_5xx(line: TestLine) -> None:
    line.house.doorstep.spool.folder.write_text("a file stands where the folder should be")
    with line.house.database.transaction() as session:
        session.execute(text("ALTER TABLE events RENAME TO gone"))
    assert line.post("/twilio/sms", line.form(ANN, "HELP")) >= 500


def test_no_number_and_no_word_stands_readable_in_the_database(line: TestLine) -> None:
    secret = "my entirely private pain"
    line.text(ANN, secret)
    with line.house.database.reading() as session:
        for table in ("events", "threads", "inbound_messages", "outbound_messages", "history"):
            rows = session.execute(text(f"SELECT * FROM {table}")).all()
            stored = repr([[_bytes(cell) for cell in row] for row in rows])
            assert secret not in stored
            assert ANN[2:] not in stored


def _bytes(cell: object) -> object:
    return bytes(cell) if isinstance(cell, memoryview) else cell
