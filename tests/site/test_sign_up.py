"""The form on the public page: one text to confirm, and nothing that a machine or a snoop can use."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from service.patients.models import Consent
from service.report_requests.models import ReportRequest
from tests.line import ANN, ROY, TestLine

GOOD = {
    "phone": "(804) 555-0142",
    "how": "mail",
    "name": "Ann Tester",
    "address": "14 Oak Lane, Warsaw VA 22572",
    "consent": "true",
    "lang": "en",
}


def send(
    line: TestLine, changes: dict[str, str] | None = None, waited: int = 20, **more: str
) -> tuple[int, str]:
    """Open the form, wait some seconds, send it; the status and where it leads."""
    stamp = re.search(r'name="given" value="([^"]+)"', line.client.get("/ask").text)
    assert stamp
    line.clock.moment += timedelta(seconds=waited)
    form = GOOD | {"given": stamp[1]} | (changes or {}) | more
    answer = line.client.post("/ask", data=form, follow_redirects=False)
    line.work()
    return answer.status_code, answer.headers.get("location", answer.text)


def requests(line: TestLine) -> list[ReportRequest]:
    with line.house.database.reading() as session:
        return list(session.scalars(select(ReportRequest)))


def test_nothing_counts_before_the_text_is_answered(line: TestLine) -> None:
    assert send(line) == (303, "/ask/thanks?lang=en")
    assert line.keys(line.new_texts(ANN)) == ["web_confirm"]
    assert requests(line) == []
    assert line.keys(line.text(ANN, "1")) == ["report_reserved"]
    [request] = requests(line)
    assert (request.recipient, request.address) == ("Ann Tester", "14 Oak Lane\nWarsaw, VA 22572")


def test_the_wording_of_each_box_is_kept_with_the_answer(line: TestLine) -> None:
    send(line, tips="true")
    assert line.keys(line.new_texts(ANN)) == ["web_confirm_tips"]
    assert line.keys(line.text(ANN, "1"))[:2] == ["report_reserved", "tips_started"]
    page = line.client.get("/ask").text
    with line.house.database.reading() as session:
        kept = {each.purpose: each.shown for each in session.scalars(select(Consent))}
    assert set(kept) == {"report", "program"}
    assert all(shown and shown.replace("&", "&amp;") in page for shown in kept.values())


def test_tips_need_their_own_box(line: TestLine) -> None:
    send(line)
    line.new_texts(ANN)
    line.text(ANN, "1")
    with line.house.database.reading() as session:
        assert [each.purpose for each in session.scalars(select(Consent))] == ["report"]


def test_whoever_was_not_meant_says_2_and_hears_no_more(line: TestLine) -> None:
    send(line)
    line.new_texts(ANN)
    assert line.keys(line.text(ANN, "2")) == ["web_declined"]
    assert requests(line) == []


@pytest.mark.parametrize(
    "changes", [{"website": "https://spam.example"}, {"given": "1.0"}, {"given": ""}]
)
def test_a_machine_sees_the_same_page_and_nothing_is_sent(
    line: TestLine, changes: dict[str, str]
) -> None:
    assert send(line, changes) == (303, "/ask/thanks?lang=en")
    assert line.new_texts(ANN) == []


def test_a_form_sent_faster_than_anybody_types_sends_nothing(line: TestLine) -> None:
    assert send(line, waited=1) == (303, "/ask/thanks?lang=en")
    assert line.new_texts(ANN) == []


def test_one_text_a_day_to_a_number(line: TestLine) -> None:
    send(line)
    line.text(ANN, "2")
    line.new_texts(ANN)
    assert send(line) == (303, "/ask/thanks?lang=en")
    assert line.new_texts(ANN) == []


def test_nobody_learns_who_is_known_and_an_opt_out_holds(line: TestLine) -> None:
    line.text(ROY, "STOP")
    line.new_texts(ROY)
    assert send(line, phone="602 555 0133") == send(line)
    assert line.new_texts(ROY) == []


def test_an_open_question_is_not_displaced(line: TestLine) -> None:
    line.text(ANN, "TIPS")
    send(line)
    assert line.new_texts(ANN) == []
    assert line.keys(line.text(ANN, "1"))[0] == "tips_started"


def test_a_flood_over_many_numbers_ends(line: TestLine) -> None:
    for number in range(40):
        send(line, phone=f"804 555 {1000 + number}")
    assert len(line.sender.sent) == 30


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"phone": "555"}, "phone"),
        ({"phone": "+44 20 7946 0000"}, "phone"),
        ({"phone": "876 555 0100"}, "phone"),
        ({"name": ""}, "name"),
        ({"address": "somewhere"}, "address"),
        ({"consent": "false"}, "consent"),
    ],
)
def test_what_cannot_be_used_is_marked_and_nothing_is_lost(
    line: TestLine, changes: dict[str, str], field: str
) -> None:
    status, page = send(line, changes)
    assert status == 200
    assert line.content.site("en", "").words[f"form_wrong_{field}"] in page
    assert "Ann Tester" in page or field == "name"
    assert line.sender.sent == []


def test_by_link_needs_no_address(line: TestLine) -> None:
    assert send(line, how="link", name="", address="")[0] == 303
    line.new_texts(ANN)
    assert line.keys(line.text(ANN, "1")) == ["report_link"]
