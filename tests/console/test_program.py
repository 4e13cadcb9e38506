"""What staff see and do of the program: the preview is what comes, and only staff lift a flag."""

from datetime import timedelta

import pytest

from service.clock import SystemClock
from service.console.tips import texts_of
from service.drip.plan import coming, whom_it_affects
from service.drip.rest import open_enrollment
from service.staff import accounts, sign_in
from service.staff.rules import Role
from tests.line import ANN, LUZ, PUBLIC_URL, TestLine
from tests.visitor import Visitor


@pytest.fixture
def browser(line: TestLine) -> Visitor:
    """The console of the line, with somebody signed in."""
    database, now = line.house.database, line.clock.now()
    with database.transaction() as session:
        person = accounts.add(
            session, database.keyring, name="Dana Reed", email="dana@clinic.example",
            role=Role.CLINICIAN, now=now,
        )  # fmt: skip
        cookie = sign_in.open_session(
            session, person.id, SystemClock().now(), proven=True, how="test"
        )
    origin = {"Origin": PUBLIC_URL}
    client = Visitor(line.client.app, base_url=PUBLIC_URL, headers=origin, follow_redirects=False)
    client.cookies.set("__Host-staff", cookie)
    return client


def press(browser: Visitor, page: str, deed: str, **fields: str) -> int:
    """Press a button on a page, with the page's own token."""
    shown = browser.get(page).text
    token = shown.partition('name="csrf" value="')[2].partition('"')[0]
    return int(browser.post(deed, data={"csrf": token, **fields}).status_code)


def on_the_tips(line: TestLine, number: str = ANN) -> str:
    line.text(number, "TIPS")
    line.text(number, "1")
    return f"/console/patients/{line.thread(number).id}/program"


def test_what_is_shown_is_what_comes_and_when(line: TestLine) -> None:
    on_the_tips(line)
    thread = line.thread(ANN)
    with line.house.database.reading() as session:
        enrollment = open_enrollment(session, thread.id)
        assert enrollment is not None
        shown = coming(session, enrollment, thread, line.content, line.clock.now())
    assert len(shown) == 8
    for planned in shown:
        line.clock.moment = planned.at - timedelta(seconds=1)
        line.work()
        assert line.new_texts(ANN) == []
        line.clock.moment = planned.at
        line.work()
        assert line.new_texts(ANN) == [planned.body]
        line.text(ANN, "thank you")


def test_the_page_shows_every_text_to_come(line: TestLine, browser: Visitor) -> None:
    page = browser.get(on_the_tips(line)).text
    assert page.count('class="bubble"') == 8
    assert "tip 2/9" in page
    assert "tip 9/9" in page


def test_after_a_flag_the_tips_go_on_only_when_staff_say_so(
    line: TestLine, browser: Visitor
) -> None:
    page = on_the_tips(line)
    patient = page.removesuffix("/program")
    line.text(ANN, "my foot went numb")
    assert press(browser, patient, f"{page}/go-on") == 409
    item = str(line.items(ANN)[0].id)
    assert press(browser, patient, f"{patient}/claim", item=item) == 303
    assert press(browser, patient, f"{patient}/close", item=item, outcome="handled") == 303
    line.wait(timedelta(days=4))
    assert line.new_texts(ANN) == []
    assert line.keys(line.text(ANN, "RESUME")) == ["person_will_read"]
    assert press(browser, page, f"{page}/go-on") == 303
    line.wait(timedelta(days=2))
    assert line.keys(line.new_texts(ANN)) == ["tip:see_a_professional_first"]


def test_somebody_staff_have_typed_in_gets_nothing_before_they_agree(
    line: TestLine, browser: Visitor
) -> None:
    fields = {"number": LUZ, "lang": "en", "told": "in_person"}
    assert press(browser, "/console/tips", "/console/tips/invite", **fields) == 303
    line.work()
    assert line.keys(line.new_texts(LUZ)) == ["consent_tips"]
    line.wait(timedelta(hours=3))
    assert line.new_texts(LUZ) == []
    assert press(browser, "/console/tips", "/console/tips/invite", **fields) == 409
    assert line.keys(line.text(LUZ, "1")) == ["tips_started", "tip:nobody_on_your_back"]


def test_an_opt_out_told_to_staff_stops_everything_until_start(
    line: TestLine, browser: Visitor
) -> None:
    page = on_the_tips(line)
    assert press(browser, page, f"{page}/opt-out", quoted="by e-mail: no more") == 303
    line.new_texts(ANN)
    line.wait(timedelta(days=10))
    assert line.new_texts(ANN) == []
    assert press(browser, page, f"{page}/go-on") in (409, 403)
    assert line.text(ANN, "START") == []  # the carrier answers it
    line.wait(timedelta(days=1))
    assert line.keys(line.new_texts(ANN)) == ["tip:see_a_professional_first"]


def test_an_ended_program_sends_nothing_more(line: TestLine, browser: Visitor) -> None:
    page = on_the_tips(line)
    line.new_texts(ANN)
    assert press(browser, page, f"{page}/end") == 303
    line.wait(timedelta(days=10))
    assert line.new_texts(ANN) == []


def test_the_tips_page_tells_what_each_costs(line: TestLine, browser: Visitor) -> None:
    on_the_tips(line)
    page = browser.get("/console/tips")
    assert page.status_code == 200
    assert "What each tip does" in page.text
    assert "<svg" in page.text
    texts = texts_of(line.content, "en")
    assert f"${sum(text.cost for text in texts):.2f}" in page.text
    assert browser.get("/console/tips?lang=es").text.count('lang="es"') == 9


def test_content_says_whom_an_edit_affects(line: TestLine) -> None:
    on_the_tips(line)
    programs = dict(line.content.programs)
    first, second, *others = programs["en"].steps
    extra = second.model_copy(update={"id": "added", "day": 1})
    earlier = extra.model_copy(update={"id": "too_early", "day": 0})
    edited = programs["en"].model_copy(update={"steps": (earlier, first, extra, *others)})
    content = line.content.model_copy(update={"programs": programs | {"en": edited}})
    with line.house.database.reading() as session:
        affected = {each.step: each for each in whom_it_affects(session, content)}
    assert (affected["added"].to_come, affected["added"].passed) == (1, 0)
    assert (affected["too_early"].to_come, affected["too_early"].passed) == (0, 1)
    assert affected[first.id].had == 1
