"""An administrator gives a patient what is held, or erases it."""

import pytest

from service.staff.rules import Role
from tests.console.test_guard import _csrf
from tests.console.world import ANN, World
from tests.visitor import Visitor


@pytest.fixture
def admin(world: World) -> Visitor:
    return world.signed_in(world.staff("Ada Quinn", Role.ADMIN))


def test_the_export_is_a_file_with_the_patients_words(world: World, admin: Visitor) -> None:
    ann = world.patient(ANN, "Ann Walker")
    world.text(ann, "my heel hurts")
    given = admin.post(f"/console/patients/{ann}/export", data={"csrf": _csrf(admin)})
    assert "attachment" in given.headers["content-disposition"]
    assert given.headers["cache-control"] == "no-store"
    assert given.json()["inbound_messages"][0]["body"] == "my heel hurts"


def test_erasing_asks_first_and_leaves_a_page_without_a_name(world: World, admin: Visitor) -> None:
    ann = world.patient(ANN, "Ann Walker")
    world.text(ann, "my heel hurts")
    address, csrf = f"/console/patients/{ann}/erase", _csrf(admin)
    assert "cannot be taken back" in admin.get(address).text
    assert admin.post(address, data={"csrf": csrf}).status_code == 409
    assert "my heel hurts" in admin.get(f"/console/patients/{ann}").text
    done = admin.post(address, data={"csrf": csrf, "sure": "true"})
    left = admin.get(done.headers["location"]).text
    assert "Erased" in left
    assert "Ann Walker" not in left
    assert "heel" not in left


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.CLINICIAN])
def test_nobody_but_an_administrator_may(world: World, role: Role) -> None:
    ann = world.patient(ANN, "Ann Walker")
    browser = world.signed_in(world.staff("Dana Reyes", role))
    form = {"csrf": _csrf(browser), "sure": "true"}
    for deed in ("export", "erase"):
        assert browser.post(f"/console/patients/{ann}/{deed}", data=form).status_code == 403
    page = browser.get(f"/console/patients/{ann}").text
    assert "Ann Walker" in page
    assert "Erase everything" not in page
