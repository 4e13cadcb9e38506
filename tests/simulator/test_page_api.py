"""What stands behind the phone page, asked without a browser."""

import json
from typing import Any

import httpx
import pytest

from service.simulator.page import _STATIC
from tests.simulator.world import HELEN, HTTP, LINE, WALTER, World


def get(here: World, path: str) -> httpx.Response:
    return HTTP.get(f"{here.url}{path}")


def post(here: World, path: str, body: Any) -> httpx.Response:
    return HTTP.post(f"{here.url}/phone/api/{path}", json=body)


def test_the_page_brings_nothing_from_elsewhere_and_no_script_within(here: World) -> None:
    page = get(here, "/phone")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "https://" not in page.text
    assert "<style" not in page.text
    assert " style=" not in page.text
    assert page.text.count("<script") == page.text.count(
        '<script type="module" src="/phone/static/'
    )
    assert "Simulation" in page.text
    assert 'href="/console" target="_blank"' in page.text


@pytest.mark.parametrize("name", _STATIC)
def test_every_file_is_there(here: World, name: str) -> None:
    answer = get(here, f"/phone/static/{name}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(_STATIC[name])
    assert answer.content


@pytest.mark.parametrize("name", ["page.py", "..%2Fcarrier.py", "phone.html", ""])
def test_no_other_file_is_given(here: World, name: str) -> None:
    assert get(here, f"/phone/static/{name}").status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"from": "+18045550199", "body": "x"}, 404),
        ({"from": WALTER, "body": "x"}, 409),
        ({"from": HELEN, "body": "  "}, 422),
        ({"from": HELEN, "body": "x" * 1601}, 422),
        ({"body": "x"}, 422),
        ([], 422),
    ],
)
def test_a_text_that_cannot_be_sent_is_refused(here: World, body: Any, status: int) -> None:
    assert post(here, "texts", body).status_code == status
    assert not here.carrier.ledger.messages


def test_a_form_from_another_site_sends_nothing(here: World) -> None:
    body = {"from": HELEN, "body": "x"}
    answer = HTTP.post(f"{here.url}/phone/api/texts", data=body)
    plain = HTTP.post(
        f"{here.url}/phone/api/texts",
        content=json.dumps({"from": HELEN, "body": "x"}),
        headers={"Content-Type": "text/plain"},
    )
    assert (answer.status_code, plain.status_code) == (422, 422)
    assert not here.carrier.ledger.messages


def test_half_a_character_is_refused_without_repeating_it(here: World) -> None:
    answer = HTTP.post(
        f"{here.url}/phone/api/texts",
        content=json.dumps({"from": HELEN, "body": "oh \ud83d"}),
        headers={"Content-Type": "application/json"},
    )
    assert (answer.status_code, answer.json()) == (422, {"detail": "That cannot be used as it is."})
    assert not here.carrier.ledger.messages


def test_sixteen_hundred_emoji_reach_the_line(here: World) -> None:
    assert post(here, "texts", {"from": HELEN, "body": "😀" * 1600}).status_code == 201
    here.later.wait()
    form = here.line.hooks[0].form
    assert form["Body"] == "😀" * 1600
    assert form["NumSegments"] == "48"
    assert here.line.hooks[0].signed


@pytest.mark.parametrize(
    "phone",
    [
        {"number": LINE, "name": "Sam"},
        {"number": "not one", "name": "Sam"},
        {"number": HELEN, "name": " "},
        {"number": HELEN, "name": "Sam", "kind": "fax"},
        {"number": HELEN, "name": "Sam", "lang": "fr"},
    ],
)
def test_a_phone_that_cannot_be_is_not_added(here: World, phone: dict[str, str]) -> None:
    assert post(here, "phones", phone).status_code == 422
    assert len(here.carrier.ledger.phones) == 3


@pytest.mark.parametrize("move", [{"hours": 0}, {"hours": -1}, {"hours": 10_000}, {"hours": "NaN"}])
def test_the_clock_goes_only_forward_and_not_for_ever(here: World, move: dict[str, Any]) -> None:
    before = here.clock.now()
    assert post(here, "clock", move).status_code == 422
    assert here.clock.now() == before


def test_with_nothing_due_the_clock_stays(here: World) -> None:
    before = here.clock.now()
    assert post(here, "clock", {}).status_code == 409
    assert here.clock.now() == before


def test_threads_come_only_when_there_is_news(here: World) -> None:
    first = get(here, "/phone/api/state").json()
    assert [phone["name"] for phone in first["phones"]] == [
        "Helen Marsh",
        "Rosa Medina",
        "Walter Boyd",
    ]
    assert first["nextDue"] is None
    since = f"/phone/api/state?since={first['version']}"
    assert get(here, since).json()["phones"] is None
    here.carrier.text_line(HELEN, "hello")
    here.later.wait()
    news = get(here, since).json()
    assert [text["text"] for text in news["phones"][0]["thread"]] == ["hello"]
    assert get(here, since).headers["Cache-Control"] == "no-store"
