import re

import pytest
from httpx import Response
from sqlalchemy import select

from service.history import HistoryEntry
from service.review.models import ReviewItem
from service.review.rules import Kind
from service.triage.rules import Level
from tests.console.world import ANN, World
from tests.visitor import Visitor

FIELDS = [["From", ""], ["To", "+18045550100"], ["Body", "my <b>leg</b> is weak"]]


@pytest.fixture
def browser(world: World) -> Visitor:
    return world.signed_in(world.staff("Dana Reyes"))


def _do(browser: Visitor, item: int, deed: str, **form: str) -> Response:
    found = re.search(r'name="csrf" value="(\w+)"', browser.get("/console").text)
    assert found
    form["csrf"] = found[1]
    answer: Response = browser.post(f"/console/items/{item}/{deed}", data=form)
    return answer


def test_an_event_without_a_sender_is_shown_as_it_arrived(world: World, browser: Visitor) -> None:
    item, _event = world.failed_event(FIELDS)
    page = browser.get(f"/console/items/{item}").text
    assert "my &lt;b&gt;leg&lt;/b&gt; is weak" in page
    assert "Tried once; it stopped at ValueError." in page
    assert "(empty)" in page


@pytest.mark.parametrize(("well", "said"), [(True, "replayed"), (False, "replay_failed")])
def test_it_can_be_handled_again(world: World, browser: Visitor, well: bool, said: str) -> None:
    item, event = world.failed_event(FIELDS)
    world.replays_go_well = well
    answer = _do(browser, item, "replay")
    assert answer.headers["location"] == f"/console/items/{item}?said={said}"
    assert world.replayed == [event]
    with world.database.reading() as session:
        done = session.scalars(select(HistoryEntry).where(HistoryEntry.action == "replayed")).one()
    assert done.subject == f"event:{event}"


def test_only_events_can_be_handled_again(world: World, browser: Visitor) -> None:
    item = world.item("outbound:77", Kind.FAILED_SEND, Level.URGENT)
    assert _do(browser, item, "replay").status_code == 409
    assert browser.get(f"/console/items/{item}").status_code == 200
    assert world.replayed == []


def test_claim_hand_back_and_close(world: World, browser: Visitor) -> None:
    item, _event = world.failed_event(FIELDS)
    assert _do(browser, item, "close", outcome="handled").status_code == 409
    assert _do(browser, item, "claim").status_code == 303
    assert _do(browser, item, "hand-back").status_code == 303
    assert _do(browser, item, "claim").status_code == 303
    assert _do(browser, item, "close", outcome="handled", note="Spam.").status_code == 303
    with world.database.reading() as session:
        assert session.get_one(ReviewItem, item).outcome == "handled"
    assert "closed by Dana Reyes" in browser.get(f"/console/items/{item}").text
    assert world.cleared == []


def test_what_belongs_to_a_patient_is_shown_and_closed_on_the_patients_page(
    world: World, browser: Visitor
) -> None:
    ann = world.patient(ANN)
    item = world.red_flag(ann, "my foot is numb", ("foot is numb", "numb_foot", Level.URGENT))
    answer = browser.get(f"/console/items/{item}")
    assert answer.headers["location"] == f"/console/patients/{ann}"
    assert _do(browser, item, "claim").status_code == 303
    assert _do(browser, item, "close", outcome="handled").status_code == 409
    assert world.cleared == []


def test_an_unknown_item_is_a_page(browser: Visitor) -> None:
    assert browser.get("/console/items/999").status_code == 404
    assert _do(browser, 999, "close", outcome="handled").status_code == 404
