import html
import re

import pytest
from httpx import Response
from sqlalchemy import select, update

from service.history import HistoryEntry
from service.outbox.rules import Kind as MessageKind
from service.outbox.rules import State as MessageState
from service.patients.models import Thread
from service.review.models import ReviewItem
from service.review.rules import Kind
from service.triage.rules import Level
from tests.console.world import ANN, LUZ, ROY, World
from tests.visitor import Visitor

NUMB = ("can't feel my legs", "numb_legs", Level.EMERGENCY)


def _open(browser: Visitor, thread: int) -> str:
    answer: Response = browser.get(f"/console/patients/{thread}")
    assert answer.status_code == 200
    text: str = answer.text
    return text


def _plain(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def _do(browser: Visitor, thread: int, deed: str, **form: object) -> Response:
    page = _open(browser, thread)
    found = re.search(r'name="csrf" value="(\w+)"', page)
    assert found
    form = {"csrf": found[1], "item": re.findall(r'name="item" value="(\d+)"', page)} | form
    answer: Response = browser.post(f"/console/patients/{thread}/{deed}", data=form)
    return answer


def _item(world: World, item_id: int) -> ReviewItem:
    with world.database.reading() as session:
        return session.get_one(ReviewItem, item_id)


def test_claim_close_and_off_the_list(world: World) -> None:
    ann = world.patient(ANN, "Ann Walker")
    item = world.red_flag(ann, "i can't feel my legs", NUMB)
    dana = world.staff("Dana Reyes")
    browser = world.signed_in(dana)
    assert _do(browser, ann, "claim").headers["location"] == f"/console/patients/{ann}?said=claimed"
    answer = _do(browser, ann, "close", outcome="sent_to_emergency_care", note=" Son drives her. ")
    assert answer.headers["location"] == "/console?said=closed"
    closed = _item(world, item)
    assert (closed.state, closed.outcome) == ("closed", "sent_to_emergency_care")
    assert (closed.note, closed.closed_by) == ("Son drives her.", dana)
    assert world.cleared == [ann]
    assert "Nobody is waiting" in browser.get("/console").text
    assert "Red flag: Sent to emergency care. Son drives her." in _plain(_open(browser, ann))


def test_of_two_who_claim_the_second_is_told(world: World) -> None:
    ann = world.patient(ANN, "Ann Walker")
    world.red_flag(ann, "i can't feel my legs", NUMB)
    dana, sam = (world.signed_in(world.staff(name)) for name in ("Dana Reyes", "Sam Cole"))
    seen = _open(sam, ann)
    assert _do(dana, ann, "claim").status_code == 303
    form = {
        "csrf": re.findall(r'name="csrf" value="(\w+)"', seen)[0],
        "item": re.findall(r'name="item" value="(\d+)"', seen),
    }
    answer = sam.post(f"/console/patients/{ann}/claim", data=form)
    assert answer.status_code == 409
    assert "Somebody else has taken this patient" in answer.text
    assert f'href="/console/patients/{ann}"' in answer.text
    assert "Dana Reyes has this" in _plain(_open(sam, ann))


def test_what_came_in_meanwhile_stays_open(world: World) -> None:
    ann = world.patient(ANN)
    first = world.red_flag(ann, "i can't feel my legs", NUMB)
    browser = world.signed_in(world.staff("Dana Reyes"))
    _do(browser, ann, "claim")
    second = world.red_flag(ann, "still can't feel my legs", NUMB)
    answer = _do(browser, ann, "close", item=[first], outcome="handled")
    assert answer.headers["location"] == f"/console/patients/{ann}?said=closed"
    assert _item(world, second).state == "open"
    assert world.cleared == []


def test_handing_back_lets_another_take_it(world: World) -> None:
    ann = world.patient(ANN)
    item = world.red_flag(ann, "i can't feel my legs", NUMB)
    dana, sam = (world.signed_in(world.staff(name)) for name in ("Dana Reyes", "Sam Cole"))
    _do(dana, ann, "claim")
    assert _do(dana, ann, "hand-back").status_code == 303
    assert _item(world, item).state == "open"
    assert _do(sam, ann, "claim").status_code == 303


def test_nothing_closes_without_an_outcome_or_by_somebody_else(world: World) -> None:
    ann = world.patient(ANN)
    item = world.red_flag(ann, "i can't feel my legs", NUMB)
    dana, sam = (world.signed_in(world.staff(name)) for name in ("Dana Reyes", "Sam Cole"))
    assert _do(dana, ann, "close", item=[item], outcome="handled").status_code == 409
    _do(dana, ann, "claim")
    assert _do(dana, ann, "close").status_code == 400
    assert _do(dana, ann, "close", outcome="whatever").status_code == 400
    assert _do(sam, ann, "close", item=[item], outcome="handled").status_code == 409
    assert _item(world, item).state == "claimed"


def test_items_of_another_patient_cannot_be_closed_from_here(world: World) -> None:
    ann, luz = world.patient(ANN), world.patient(LUZ)
    world.red_flag(ann, "i can't feel my legs", NUMB)
    other = world.red_flag(luz, "i can't feel my legs", NUMB)
    browser = world.signed_in(world.staff("Dana Reyes"))
    assert _do(browser, ann, "claim", item=[other]).status_code == 409
    assert _item(world, other).state == "open"


def test_the_thread_tells_patient_machine_and_staff_apart(world: World) -> None:
    ann, sam = world.patient(ANN), world.staff("Sam Cole")
    world.sent(ann, "Tip one", MessageKind.TIP, ago=30)
    world.text(ann, "what does warm up mean", ago=20)
    world.sent(ann, "Walk a little first.", MessageKind.STAFF_REPLY, by=sam, ago=10)
    world.sent(ann, "Tip two", MessageKind.TIP, MessageState.REFUSED, reason="opted out", ago=5)
    world.sent(ann, "Hello", state=MessageState.UNDELIVERED, code=30003)
    page = _open(world.signed_in(world.staff("Dana Reyes")), ann)
    talk = _plain(page[page.index('id="talk"') :])
    parts = [
        "Tip automatic 9:30 am Tip one Arrived",
        "Patient 9:40 am what does warm up mean",
        "Sam Cole 9:50 am Walk a little first. Arrived",
        "Tip automatic 9:55 am Tip two Not sent: opted out",
        "Reply automatic 10:00 am Hello Did not arrive: phone switched off or out of range",
    ]
    places = [talk.find(part) for part in parts]
    assert -1 not in places, talk
    assert places == sorted(places)


def test_notes_are_kept_and_shown(world: World) -> None:
    ann = world.patient(ANN)
    browser = world.signed_in(world.staff("Dana Reyes"))
    assert _do(browser, ann, "notes", body=" Prefers <mornings>. ").status_code == 303
    _do(browser, ann, "notes", body="   ")
    page = _plain(_open(browser, ann))
    assert page.count("note, seen by staff only") == 1
    assert "Prefers <mornings>." in page


def test_what_staff_must_know_stands_on_top(world: World) -> None:
    roy = world.patient(ROY)
    with world.database.transaction() as session:
        now = world.clock.now()
        session.execute(update(Thread).values(opted_out_at=now, textable=False))
    page = _plain(_open(world.signed_in(world.staff("Dana Reyes")), roy))
    assert "Has opted out of texts since Nov 30, 10:00 am." in page
    assert "Cannot get texts on this number." in page
    assert "8:00 am where they are" in page


def test_a_hidden_caller_has_no_button_to_ring(world: World) -> None:
    page = _open(world.signed_in(world.staff("Dana Reyes")), world.patient(None))
    assert "Hidden number" in page
    assert "tel:" not in page


def test_opening_the_page_is_remembered(world: World) -> None:
    ann, dana = world.patient(ANN), world.staff("Dana Reyes")
    _open(world.signed_in(dana), ann)
    with world.database.reading() as session:
        opened = session.scalars(select(HistoryEntry).where(HistoryEntry.action == "opened")).all()
    assert [(one.actor, one.subject) for one in opened] == [(f"staff:{dana}", f"thread:{ann}")]


@pytest.mark.parametrize("number", ["0", "999", "-1"])
def test_an_unknown_patient_is_a_page_not_an_accident(world: World, number: str) -> None:
    answer = world.signed_in(world.staff("Dana Reyes")).get(f"/console/patients/{number}")
    assert answer.status_code == 404
    assert "There is no such patient." in answer.text


def test_a_number_that_is_none_is_refused(world: World) -> None:
    answer = world.signed_in(world.staff("Dana Reyes")).get("/console/patients/ann")
    assert answer.status_code == 400


def test_markup_stays_text(world: World) -> None:
    nasty = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'{{7*7}}"
    ann = world.patient(ANN, nasty)
    world.red_flag(ann, f"{nasty} can't feel my legs", NUMB, (nasty[:8], nasty, Level.URGENT))
    world.sent(ann, nasty)
    browser = world.signed_in(world.staff(f"{nasty}@"))
    _do(browser, ann, "notes", body=nasty)
    for page in (_open(browser, ann), browser.get("/console").text):
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "&lt;" in page
        assert "49" not in _plain(page).replace(world.clinic.name, "")


def test_a_text_longer_than_the_screen_shows_on_request(world: World) -> None:
    ann = world.patient(ANN)
    for number in range(203):
        world.text(ann, f"text number {number}.", ago=300 - number)
    browser = world.signed_in(world.staff("Dana Reyes"))
    page = _open(browser, ann)
    assert "text number 2." not in page
    assert "text number 3." in page
    assert "Show older messages" in page
    everything = browser.get(f"/console/patients/{ann}?everything=1").text
    assert "text number 0." in everything


def test_a_text_that_did_not_get_through_is_shown_with_the_item(world: World) -> None:
    ann = world.patient(ANN)
    lost = world.sent(ann, "Your report is on its way.", state=MessageState.FAILED, code=30005)
    world.item(f"outbound:{lost}", Kind.FAILED_SEND, Level.REVIEW, ann)
    page = _plain(_open(world.signed_in(world.staff("Dana Reyes")), ann))
    assert "What we tried to send: Your report is on its way." in page
