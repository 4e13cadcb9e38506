"""The history as an administrator searches it."""

import re

import pytest

from service.staff.rules import Role
from service.triage.rules import Level
from tests.console.test_guard import _csrf
from tests.console.world import ANN, ROY, World
from tests.visitor import Visitor

NUMB = ("can't feel my legs", "numb_legs", Level.EMERGENCY)


@pytest.fixture
def admin(world: World) -> Visitor:
    return world.signed_in(world.staff("Ada Quinn", Role.ADMIN))


def entries(browser: Visitor, **search: str) -> list[list[str]]:
    page = browser.get("/console/history", params=search).text
    rows = [re.findall(r"<td>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", page)]
    return [[re.sub("<[^>]+>", "", cell) for cell in row[1:]] for row in rows if row]


def test_opening_a_patients_page_stands_there_by_name(world: World, admin: Visitor) -> None:
    ann = world.patient(ANN, "Ann Walker")
    world.signed_in(world.staff("Dana Reyes")).get(f"/console/patients/{ann}")
    assert ["Dana Reyes", "opened", f"thread {ann}", ""] in entries(admin)
    assert "Ann Walker" not in admin.get("/console/history").text


def test_it_is_searched_by_person_patient_and_deed(world: World, admin: Visitor) -> None:
    dana, sam = world.staff("Dana Reyes"), world.staff("Sam Cole")
    ann, roy = world.patient(ANN), world.patient(ROY)
    item = world.red_flag(ann, "can't feel my legs", NUMB)
    theirs, others = world.signed_in(dana), world.signed_in(sam)
    theirs.get(f"/console/patients/{ann}")
    form = {"csrf": _csrf(theirs), "item": str(item)}
    theirs.post(f"/console/patients/{ann}/claim", data=form)
    others.get(f"/console/patients/{roy}")
    assert {row[0] for row in entries(admin, staff=str(sam))} == {"Sam Cole"}
    about = entries(admin, patient=str(ann))
    assert [row[1] for row in about] == ["claimed", "opened", "review item opened"]
    assert [row[0] for row in entries(admin, action="opened")] == ["Sam Cole", "Dana Reyes"]
    assert entries(admin, since="2026-12-01") == []
    assert entries(admin, until="2026-11-30", action="opened") != []


def test_reading_the_history_stands_in_it(world: World, admin: Visitor) -> None:
    admin.get("/console/history")
    assert ["Ada Quinn", "history read", "history", ""] in entries(admin)


def test_rubbish_in_the_search_finds_nothing_and_breaks_nothing(admin: Visitor) -> None:
    rubbish = {"staff": "x", "patient": "9" * 30, "since": "yesterday", "action": "<b>"}
    assert entries(admin, **rubbish) == []
