"""What patients hear of their report after they asked: mailed, moved, returned, corrected."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from service.conversation.models import Dialog
from service.patients.models import Thread
from service.report_requests.change import cancel, release
from service.report_requests.fulfil import UNDO, mark_mailed, mark_returned, this_weeks, track, undo
from service.report_requests.models import ReportRequest
from service.report_requests.rules import Returned, State
from service.review.rules import Kind
from tests.line import ANN, LUZ, TestLine
from tests.voice.caller import Caller

pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
SOON = UNDO + timedelta(minutes=1)
ADDRESS = "14 Oak Lane\nWarsaw, VA 22572"


@pytest.fixture
def asked(line: TestLine) -> TestLine:
    """Ann has a package of this week."""
    line.text(ANN, "REPORT")
    line.text(ANN, "MAIL")
    line.text(ANN, "Ann Walker, 14 Oak Lane, Warsaw VA 22572")
    assert line.keys(line.text(ANN, "1")) == ["report_reserved"]
    return line


def request(line: TestLine, number: str = ANN) -> ReportRequest:
    """The latest request of this number."""
    with line.house.database.reading() as session:
        mine = select(ReportRequest).where(ReportRequest.thread_id == line.thread(number).id)
        return session.scalars(mine.order_by(ReportRequest.id.desc()).limit(1)).one()


def mail(line: TestLine, tracking: str = "") -> None:
    with line.house.database.transaction() as session:
        ids = [each.id for each in this_weeks(session)]
        assert ids
        if tracking:
            track(session, ids[0], tracking, 1, line.clock.now())
        assert mark_mailed(session, ids, 1, line.clock.now()) == ids


def told(line: TestLine, after: timedelta = SOON) -> list[str]:
    """The news that Ann gets within that time."""
    line.clock.moment += after
    line.work()
    return line.keys(line.new_texts(ANN))


def test_who_was_mailed_a_report_hears_of_it_once_when_it_cannot_be_undone(
    asked: TestLine,
) -> None:
    mail(asked)
    assert told(asked, timedelta(minutes=1)) == []
    assert told(asked) == ["notice_mailed"]
    assert told(asked, timedelta(days=2)) == []


def test_what_was_undone_is_told_to_nobody(asked: TestLine) -> None:
    mail(asked)
    with asked.house.database.transaction() as session:
        assert undo(session, 1, asked.content.clinic, asked.clock.now()) == 1
    assert told(asked) == []
    assert request(asked).state == State.RESERVED


def test_a_tracking_number_outlives_the_undoing(asked: TestLine) -> None:
    mail(asked, tracking="9400 1000 0000")
    with asked.house.database.transaction() as session:
        undo(session, 1, asked.content.clinic, asked.clock.now())
    assert request(asked).tracking == "9400 1000 0000"


def test_a_tracking_number_is_told(asked: TestLine) -> None:
    mail(asked, tracking="9400 1000 0000")
    asked.clock.moment += SOON
    asked.work()
    (text,) = asked.new_texts(ANN)
    assert "9400 1000 0000" in text


def test_nobody_is_told_at_night(asked: TestLine) -> None:
    asked.clock.moment += timedelta(hours=12)  # ten in the evening
    mail(asked)
    assert told(asked) == []
    assert told(asked, timedelta(hours=11)) == ["notice_mailed"]


def test_whose_report_came_back_is_asked_once_and_sends_a_better_address(asked: TestLine) -> None:
    mail(asked)
    told(asked)
    with asked.house.database.transaction() as session:
        assert mark_returned(
            session, request(asked).id, Returned.NO_SUCH_NUMBER, 1, asked.clock.now()
        )
    assert told(asked) == ["notice_returned"]
    assert asked.keys(asked.text(ANN, "PO Box 88, Warsaw VA 22572")) == ["confirm_address"]
    asked.text(ANN, "1")
    again = request(asked)
    assert (again.state, again.address) == (State.RESERVED, "PO Box 88\nWarsaw, VA 22572")


def test_a_wrong_zip_is_put_right_by_text_and_confirmed(asked: TestLine) -> None:
    assert asked.keys(asked.text(ANN, "oh no, wrong zip its 22482")) == ["zip_differs"]
    said = asked.text(ANN, "22482")
    assert asked.keys(said) == ["confirm_address"]
    assert asked.keys(asked.text(ANN, "1")) == ["report_corrected"]
    assert "22482" in (request(asked).address or "")


def test_who_gets_no_texts_is_rung_with_the_news(asked: TestLine) -> None:
    with asked.house.database.transaction() as session:
        session.get_one(Thread, asked.thread(ANN).id).textable = False
    mail(asked)
    assert told(asked) == []
    (placed,) = asked.sender.calls
    call = Caller(asked, ANN, token=placed.token).ring(AnsweredBy="human")
    assert call.heard.startswith("This is an automated call from Riverbend")
    assert "Your free report is in the mail" in call.heard
    assert "in the mail" in call.press("1").heard
    assert call.press("9").hears("opted_out")


def test_a_machine_hears_nothing_of_the_report(asked: TestLine) -> None:
    with asked.house.database.transaction() as session:
        session.get_one(Thread, asked.thread(ANN).id).textable = False
    mail(asked)
    told(asked)
    call = Caller(asked, ANN, token=asked.sender.calls[0].token)
    assert call.ring(AnsweredBy="machine_end_beep").hears("machine_message")
    assert "report" not in call.heard


def test_half_a_request_is_left_with_staff_after_a_silent_day(line: TestLine) -> None:
    line.text(LUZ, "REPORTE")
    line.text(LUZ, "CORREO")
    line.text(LUZ, "Luz Ortega")
    line.wait(timedelta(hours=26))
    assert Kind.HALF_REQUEST in [item.kind for item in line.items(LUZ)]


FOUR = tuple(f"+180455501{number}" for number in range(30, 34))


def ask(line: TestLine, number: str, house: int) -> list[str]:
    """Somebody asks for a report to a house of their own; which reply came last."""
    line.text(number, "REPORT")
    line.text(number, "MAIL")
    line.text(number, f"Pat Tester, {house} Mill Road, Warsaw VA 22572")
    return line.keys(line.text(number, "1"))


def news(line: TestLine, number: str) -> list[str]:
    line.clock.moment += timedelta(minutes=1)
    line.work()
    return line.keys(line.new_texts(number))


@pytest.fixture
def queued(line: TestLine) -> TestLine:
    """Four have this week's packages, and Ann is the first in line."""
    for house, number in enumerate(FOUR, 20):
        assert ask(line, number, house) == ["report_reserved"]
    assert ask(line, ANN, 30) == ["report_waiting"]
    return line


def test_a_place_that_moves_up_is_good_news_and_one_that_moves_back_is_said_with_regret(
    queued: TestLine,
) -> None:
    clinic, first = queued.content.clinic, request(queued, FOUR[0]).id
    with queued.house.database.transaction() as session:
        assert cancel(session, first, "staff:1", clinic, queued.clock.now())
    assert news(queued, ANN) == ["notice_sooner"]
    with queued.house.database.transaction() as session:
        assert cancel(session, request(queued).id, "staff:1", clinic, queued.clock.now())
        assert release(session, first, 1, clinic, queued.clock.now())
        assert release(session, request(queued).id, 1, clinic, queued.clock.now())
    assert news(queued, ANN) == ["notice_later"]


def test_who_was_held_hears_the_week_when_a_person_has_looked(line: TestLine) -> None:
    line.text(ANN, "REPORT")
    line.text(ANN, "MAIL")
    line.text(ANN, "Ann Walker, 12 Pine St, Richmond VA 99998")
    line.text(ANN, "99998")
    assert line.keys(line.text(ANN, "1")) == ["report_held"]
    with line.house.database.transaction() as session:
        assert release(session, request(line).id, 1, line.content.clinic, line.clock.now())
    assert news(line, ANN) == ["notice_listed"]


def test_silence_is_counted_from_when_the_question_leaves_not_from_the_night_before(
    asked: TestLine,
) -> None:
    mail(asked)
    told(asked)
    asked.clock.moment += timedelta(hours=12)  # past ten in the evening
    with asked.house.database.transaction() as session:
        mark_returned(session, request(asked).id, Returned.UNCLAIMED, 1, asked.clock.now())
    assert told(asked) == []
    with asked.house.database.reading() as session:
        waiting = session.scalars(select(Dialog)).one()
        assert waiting.asked_at > asked.clock.now() + timedelta(hours=8)
    assert told(asked, timedelta(hours=11)) == ["notice_returned"]


def test_who_has_opted_out_is_asked_for_no_address(asked: TestLine) -> None:
    mail(asked)
    told(asked)
    asked.text(ANN, "no more texts")
    with asked.house.database.transaction() as session:
        mark_returned(session, request(asked).id, Returned.UNCLAIMED, 1, asked.clock.now())
    assert told(asked) == []
    with asked.house.database.reading() as session:
        assert session.scalars(select(Dialog)).all() == []
