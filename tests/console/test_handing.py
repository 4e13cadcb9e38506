"""Hand over, put off, close what has no hurry, find: what keeps the list short without losing anybody."""

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from service.outbox.models import OutboundMessage
from service.review import resolve
from service.review.models import ReviewItem
from service.review.rules import Kind
from service.staff.phones import set_mobile
from service.staff.rules import Role
from service.triage.rules import Level
from tests.console.test_guard import _csrf
from tests.console.world import ANN, LUZ, ROY, World
from tests.visitor import Visitor

NUMB = ("can't feel my legs", "numb_legs", Level.EMERGENCY)


@pytest.fixture
def dana(world: World) -> int:
    return world.staff("Dana Reyes")


@pytest.fixture
def browser(world: World, dana: int) -> Visitor:
    return world.signed_in(dana)


def _asked(world: World, level: Level = Level.REVIEW) -> tuple[int, int]:
    """A patient who wants to be called back, and the item."""
    roy = world.patient(ROY, "Roy Banks")
    message = world.text(roy, "call me about the exercises")
    return roy, world.item(f"message:{message}", Kind.CALL_BACK, level, roy)


def _claimed(world: World, item: int, staff_id: int) -> None:
    with world.database.transaction() as session:
        resolve.claim(session, [item], staff_id, world.clock.now())


def _post(browser: Visitor, path: str, **form: str) -> int:
    return int(browser.post(path, data=form | {"csrf": _csrf(browser)}).status_code)


def _list(browser: Visitor) -> str:
    page = browser.get("/console/waiting").text
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_a_colleague_gets_what_is_handed_over(world: World, browser: Visitor, dana: int) -> None:
    roy, item = _asked(world)
    sam = world.staff("Sam Cole")
    _claimed(world, item, dana)
    address = f"/console/patients/{roy}/hand-over"
    assert _post(browser, address, item=str(item), to=str(sam)) == 303
    assert "Sam Cole has it" in _list(browser)
    assert "You have it" in _list(world.signed_in(sam))
    assert _post(browser, address, item=str(item), to=str(dana)) == 409


def test_the_colleague_is_told_by_a_text_without_health_data(
    world: World, browser: Visitor, dana: int
) -> None:
    roy, item = _asked(world, Level.URGENT)
    sam = world.staff("Sam Cole")
    _claimed(world, item, dana)
    with world.database.transaction() as session:
        keyring, now = world.database.keyring, world.clock.now()
        set_mobile(session, keyring, sam, "+18045550151", by=sam, now=now)
    _post(browser, f"/console/patients/{roy}/hand-over", item=str(item), to=str(sam))
    with world.database.reading() as session:
        (told,) = session.scalars(
            select(OutboundMessage).where(OutboundMessage.thread_id.is_(None))
        )
    assert told.to == "+18045550151"
    assert "urgent" in told.body
    assert f"/console/items/{item}" in told.body
    assert not re.search("Roy|Banks|exercises|0199", told.body)


def test_nothing_is_handed_to_somebody_who_has_left(
    world: World, browser: Visitor, dana: int
) -> None:
    roy, item = _asked(world)
    sam = world.staff("Sam Cole")
    world.disable(sam)
    _claimed(world, item, dana)
    assert _post(browser, f"/console/patients/{roy}/hand-over", item=str(item), to=str(sam)) == 409
    assert "Sam Cole" not in browser.get(f"/console/patients/{roy}").text


def test_what_belongs_to_no_patient_is_handed_over_on_its_own_page(
    world: World, browser: Visitor, dana: int
) -> None:
    item, _event = world.failed_event([["From", ""], ["Body", "hello"]])
    sam = world.staff("Sam Cole")
    _claimed(world, item, dana)
    assert _post(browser, f"/console/items/{item}/hand-over", to=str(sam)) == 303
    assert "Sam Cole has it" in _list(browser)


def test_what_is_put_off_stands_at_the_end_with_its_reason_and_comes_back(
    world: World, browser: Visitor, dana: int
) -> None:
    roy, item = _asked(world)
    _claimed(world, item, dana)
    form = {"item": str(item), "until": "four_hours", "reason": "at work until two"}
    assert _post(browser, f"/console/patients/{roy}/put-off", **form) == 303
    assert "1 put off" in _list(browser)
    assert "Put off until Nov 30, 2:00 pm: at work until two" in _list(browser)
    assert 'data-others="0"' in browser.get("/console/waiting").text
    world.clock.moment += timedelta(hours=4)
    again = world.signed_in(dana)
    assert "put off" not in _list(again).replace("Put off until", "")
    assert 'data-others="1"' in again.get("/console/waiting").text


def test_when_they_write_again_they_are_back_at_once(
    world: World, browser: Visitor, dana: int
) -> None:
    roy, item = _asked(world)
    form = {"item": str(item), "until": "week", "reason": "on holiday"}
    _post(browser, f"/console/patients/{roy}/put-off", **form)
    world.red_flag(roy, "can't feel my legs", NUMB)
    assert "1 emergency" in _list(browser)


@pytest.mark.parametrize("level", [Level.URGENT, Level.EMERGENCY])
def test_a_flag_is_never_put_off(world: World, browser: Visitor, dana: int, level: Level) -> None:
    roy, item = _asked(world, level)
    _claimed(world, item, dana)
    form = {"item": str(item), "until": "hour", "reason": "busy"}
    assert _post(browser, f"/console/patients/{roy}/put-off", **form) == 409
    assert "Put it off" not in browser.get(f"/console/patients/{roy}").text


def test_putting_off_needs_a_reason(world: World, browser: Visitor, dana: int) -> None:
    roy, item = _asked(world)
    form = {"item": str(item), "until": "hour", "reason": "  "}
    assert _post(browser, f"/console/patients/{roy}/put-off", **form) == 409


def test_only_what_is_clear_closes_all_at_once(world: World, browser: Visitor) -> None:
    _, clear = _asked(world, Level.CLEAR)
    luz = world.patient(LUZ)
    others = [
        world.item(f"message:{world.text(luz, 'hola')}", Kind.UNCLEAR_REPLY, level, luz)
        for level in (Level.CLEAR, Level.REVIEW, Level.URGENT)
    ]
    page = browser.get("/console").text
    assert "Close the 2 without hurry" in page
    form = {"csrf": _csrf(browser), "item": [str(each) for each in (clear, *others)]}
    browser.post("/console/close-clear", data=form)
    with world.database.reading() as session:
        states = {item.id: item.state for item in session.query(ReviewItem)}
    assert [states[each] for each in (clear, *others)] == ["closed", "closed", "open", "open"]


@pytest.mark.parametrize("given", ["(602) 555-0133", "+16025550133", "6025550133"])
def test_a_number_is_found_however_it_is_written(
    world: World, browser: Visitor, given: str
) -> None:
    roy = world.patient(ROY, "Roy Banks")
    found = browser.post("/console/find", data={"csrf": _csrf(browser), "words": given})
    assert found.headers["location"] == f"/console/patients/{roy}"


@pytest.mark.parametrize(
    ("given", "found"),
    [("anna", {"Anna Walker", "Ánna Díaz"}), ("WALK anna", {"Anna Walker"}), ("nn", set())],
)
def test_names_are_found_by_the_beginnings_of_their_words(
    world: World, browser: Visitor, given: str, found: set[str]
) -> None:
    for number, name in ((ANN, "Anna Walker"), (LUZ, "Ánna Díaz"), (ROY, "Roy Banks")):
        world.patient(number, name)
    form = {"csrf": _csrf(browser), "words": given}
    page = browser.post("/console/find", data=form, follow_redirects=True).text
    assert {name for name in ("Anna Walker", "Ánna Díaz", "Roy Banks") if name in page} == found


def test_a_patient_is_found_by_the_number_of_their_page(world: World, browser: Visitor) -> None:
    roy = world.patient(ROY)
    found = browser.post("/console/find", data={"csrf": _csrf(browser), "words": str(roy)})
    assert found.headers["location"] == f"/console/patients/{roy}"


@pytest.mark.parametrize(
    ("role", "level", "answer"),
    [
        (Role.FRONT_DESK, Level.EMERGENCY, 403),
        (Role.FRONT_DESK, Level.URGENT, 403),
        (Role.FRONT_DESK, Level.REVIEW, 303),
        (Role.CLINICIAN, Level.EMERGENCY, 303),
        (Role.ADMIN, Level.EMERGENCY, 303),
    ],
)
def test_a_flag_is_closed_by_a_clinician(
    world: World, role: Role, level: Level, answer: int
) -> None:
    roy, item = _asked(world, level)
    lee = world.staff("Lee Park", role)
    _claimed(world, item, lee)
    form = {"item": str(item), "outcome": "reached_and_advised"}
    assert _post(world.signed_in(lee), f"/console/patients/{roy}/close", **form) == answer
