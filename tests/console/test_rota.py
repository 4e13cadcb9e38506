"""The rota's page: who may change it, what it warns of, and whose phones it keeps."""

import html
import re

import pytest

from service.heartbeat import HEARTBEAT, beat
from service.staff.phones import roster
from service.staff.rules import Role
from tests.console.world import ANN, World
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)

WHOLE_WEEK = {"day": [str(day) for day in range(7)], "starts": "00:00", "ends": "00:00"}


def post(browser: Visitor, path: str, **fields: object) -> tuple[int, str]:
    found = re.search(r'name="csrf" value="(\w+)"', browser.get("/console/rota").text)
    assert found
    answer = browser.post(f"/console/rota/{path}", data={"csrf": found[1], **fields})
    return answer.status_code, html.unescape(answer.text)


def read(browser: Visitor, path: str = "/console/rota") -> str:
    return html.unescape(browser.get(path).text)


def test_an_administrator_fills_the_rota_and_alerts_follow_it(world: World) -> None:
    kim, boss = world.staff("Kim Alvarez"), world.staff("Dana Reyes", Role.ADMIN)
    browser = world.signed_in(boss)
    assert post(browser, f"mobile/{kim}", number="(804) 555-0142")[0] == 303
    assert post(browser, "duties", who=kim, **WHOLE_WEEK)[0] == 303
    page = read(browser)
    assert page.count(">all day and night<") == 7
    assert "Nobody is on duty" not in page
    with world.database.reading() as session:
        people = roster(session, (), world.clock.now(), world.clinic.zone)
    assert [(phone.number, phone.staff_id) for phone in people.on_duty] == [(ANN, kim)]


def test_a_line_is_taken_off_again(world: World) -> None:
    boss = world.staff("Dana Reyes", Role.ADMIN)
    browser = world.signed_in(boss)
    post(browser, "duties", who=boss, day="0", starts="08:00", ends="17:00")
    assert "8:00 am to 5:00 pm" in read(browser)
    assert post(browser, "duties/1/remove")[0] == 303
    assert "The rota is empty" in read(browser)
    assert post(browser, "duties/1/remove")[0] == 404


def test_others_keep_their_own_number_and_nothing_else(world: World) -> None:
    boss, kim = world.staff("Dana Reyes", Role.ADMIN), world.staff("Kim Alvarez")
    browser = world.signed_in(kim)
    assert post(browser, "mobile", number="804 555 0142")[0] == 303
    assert post(browser, f"mobile/{boss}", number="804 555 0143")[0] == 403
    assert post(browser, "duties", who=kim, **WHOLE_WEEK)[0] == 403
    assert "(804) 555-0142" not in read(world.signed_in(world.staff("Sam Cole")))


def test_a_number_that_is_none_or_a_colleagues_is_refused(world: World) -> None:
    kim, sam = world.staff("Kim Alvarez"), world.staff("Sam Cole")
    assert post(world.signed_in(kim), "mobile", number="12")[0] == 400
    post(world.signed_in(kim), "mobile", number=ANN)
    status, said = post(world.signed_in(sam), "mobile", number=ANN)
    assert (status, "A colleague has this number" in said) == (409, True)


def test_a_line_without_a_day_or_with_an_unknown_colleague_is_refused(world: World) -> None:
    boss = world.staff("Dana Reyes", Role.ADMIN)
    browser = world.signed_in(boss)
    assert post(browser, "duties", who=boss, starts="08:00", ends="17:00")[0] == 409
    assert post(browser, "duties", who=99, **WHOLE_WEEK)[0] == 404


class TestWarningsOnTheQueue:
    """What keeps an alert from reaching anybody stands on top of the page that is open all day."""

    def test_nobody_has_a_number(self, world: World) -> None:
        browser = world.signed_in(world.staff("Dana Reyes", Role.ADMIN))
        assert "Alerts reach nobody" in read(browser, "/console")

    def test_nobody_is_on_duty_now(self, world: World) -> None:
        boss = world.staff("Dana Reyes", Role.ADMIN)
        browser = world.signed_in(boss)
        post(browser, f"mobile/{boss}", number=ANN)
        post(browser, "duties", who=boss, day="6", starts="08:00", ends="17:00")
        assert "Nobody is on the rota now" in read(browser, "/console")

    def test_who_is_on_duty_has_no_number(self, world: World) -> None:
        boss, kim = world.staff("Dana Reyes", Role.ADMIN), world.staff("Kim Alvarez")
        browser = world.signed_in(boss)
        post(browser, f"mobile/{boss}", number=ANN)
        post(browser, "duties", who=kim, **WHOLE_WEEK)
        assert "Kim Alvarez is on duty and has no mobile number" in read(browser, "/console")

    def test_the_worker_stands_still(self, world: World) -> None:
        browser = world.signed_in(world.staff("Dana Reyes"))
        assert "The worker stands still" in read(browser, "/console")
        with world.database.transaction() as session:
            beat(session, HEARTBEAT, world.clock.now())
        assert "The worker stands still" not in read(browser, "/console")
