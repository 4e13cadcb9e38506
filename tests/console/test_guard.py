"""Who may pass. Each test walks the routes, so that a new page is tested on the day it is written."""

import re
from datetime import timedelta

import pytest
from fastapi.routing import APIRoute
from httpx import Response
from sqlalchemy import func, select

from service.console.routes import ROUTES
from service.db import Base
from service.staff.models import StaffSession
from service.staff.rules import ABSOLUTE, IDLE, Role
from tests.console.world import World
from tests.visitor import Visitor

OPEN = {
    "/console/sign-in",
    "/console/sign-in/password",
    "/console/sign-in/passkey",
    "/console/sign-in/passkey/options",
    "/console/static/{name}",
}
STREAM = "/console/live"  # it goes on as long as the session: tests/console/test_live.py
FOR_ADMINISTRATORS = {
    "/console/history",
    "/console/patients/{thread_id}/export",
    "/console/patients/{thread_id}/erase",
    "/console/rota/duties",
    "/console/rota/duties/{duty_id}/remove",
    "/console/rota/mobile/{staff_id}",
    "/console/staff",
    "/console/staff/{staff_id}/link",
    "/console/staff/{staff_id}/role",
    "/console/staff/{staff_id}/disable",
}
WITH_A_LINK_ALONE = {
    "/console/sign-out",
    "/console/account",
    "/console/account/password",
    "/console/account/codes",
    "/console/account/codes/confirm",
    "/console/account/codes/renew",
    "/console/account/passkeys",
    "/console/account/passkeys/options",
    "/console/account/passkeys/{passkey_id}/remove",
}


TABLE = [
    (method, route.path)
    for route in ROUTES
    if isinstance(route, APIRoute)
    for method in route.methods or ()
]
assert len(TABLE) > 60, "the walk must see the routes"


def _path(template: str) -> str:
    return re.sub(r"\{anything:path\}", "nowhere", re.sub(r"\{\w+_id\}", "1", template))


def _closed() -> list[tuple[str, str]]:
    return [(method, _path(path)) for method, path in TABLE if path not in OPEN]


def _ask(browser: Visitor, method: str, path: str) -> Response:
    answer: Response = browser.request(method, path, data={} if method == "POST" else None)
    return answer


def _refused(answer: Response, method: str) -> bool:
    if method == "GET":
        return (answer.status_code, answer.headers.get("location")) == (303, "/console/sign-in")
    return answer.status_code == 403


def test_no_page_opens_without_a_session(world: World) -> None:
    browser = world.browser()
    for method, path in _closed():
        assert _refused(_ask(browser, method, path), method), (method, path)


def test_an_invented_cookie_opens_nothing(world: World) -> None:
    browser = world.browser()
    browser.cookies.set("__Host-staff", "a" * 43)
    for method, path in _closed():
        assert _refused(_ask(browser, method, path), method), (method, path)


def test_no_page_opens_to_a_disabled_account(world: World) -> None:
    dana = world.staff("Dana Reyes")
    browser = world.signed_in(dana)
    assert browser.get("/console").status_code == 200
    world.disable(dana)
    for method, path in _closed():
        assert _refused(_ask(browser, method, path), method), (method, path)


@pytest.mark.parametrize("role", Role)
def test_every_page_opens_to_the_roles_it_is_for_and_to_no_other(world: World, role: Role) -> None:
    browser = world.signed_in(world.staff("Dana Reyes", role))
    csrf = _csrf(browser)
    for method, path in TABLE:
        if path in OPEN | {STREAM, "/console/sign-out"}:
            continue
        form = {"csrf": csrf} if method == "POST" else None
        refused = browser.request(method, _path(path), data=form).status_code == 403
        barred = path in FOR_ADMINISTRATORS and role is not Role.ADMIN
        assert refused == barred, (method, path)


def test_on_a_real_line_a_link_opens_nothing_but_your_own_account(world: World) -> None:
    world.trusts_links = False
    browser = world.signed_in(world.staff("Dana Reyes", Role.ADMIN))
    csrf = _csrf(browser, "/console/account")
    for method, path in TABLE:
        if path in OPEN or path == "/console/sign-out":
            continue
        answer = browser.request(method, _path(path), data={"csrf": csrf})
        settled = answer.headers.get("location") == "/console/account" or answer.status_code == 403
        assert settled == (path not in WITH_A_LINK_ALONE), (method, path)


def test_every_form_needs_the_token_of_the_session(world: World) -> None:
    browser = world.signed_in(world.staff("Dana Reyes"))
    other = world.signed_in(world.staff("Sam Cole"))
    for method, path in _closed():
        if method == "POST":
            for csrf in ("", "é", _csrf(other)):
                assert browser.post(path, data={"csrf": csrf}).status_code == 403, path


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://line.example.org"])
def test_a_form_on_another_site_does_nothing(world: World, origin: str) -> None:
    thread = world.patient("+18045550142")
    browser = world.signed_in(world.staff("Dana Reyes"))
    form = {"csrf": _csrf(browser), "body": "a note"}
    headers = {"Origin": origin, "Host": "inside:8000"}
    refused = browser.post(f"/console/patients/{thread}/notes", data=form, headers=headers)
    assert refused.status_code == 403
    link = {"link": world.link(world.staff("Sam Cole"))}
    assert world.browser().post("/console/sign-in", data=link, headers=headers).status_code == 403


def test_every_answer_carries_the_headers(world: World) -> None:
    browser = world.signed_in(world.staff("Dana Reyes"))
    paths = ["/console/sign-in", "/console/static/console.css", "/console/static/none"]
    paths += [path for method, path in _closed() if method == "GET" and path != STREAM]
    for answer in [browser.get(path) for path in paths] + [world.browser().get("/console")]:
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self'")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        static = "/static/" in str(answer.url) and answer.status_code == 200
        assert answer.headers["cache-control"] == ("no-cache" if static else "no-store")


def test_the_cookie_is_kept_from_scripts_other_hosts_and_plain_connections(world: World) -> None:
    link = {"link": world.link(world.staff("Dana Reyes"))}
    said = world.browser().post("/console/sign-in", data=link).headers["set-cookie"]
    assert said.startswith("__Host-staff=")
    parts = {part.strip().lower() for part in said.split(";")}
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= parts
    assert not any(part.startswith("domain") for part in parts)


def test_a_look_in_advance_does_not_use_the_link_up(world: World) -> None:
    token = world.link(world.staff("Dana Reyes"))
    for address in ("/console/sign-in", f"/console/sign-in?link={token}"):
        world.browser().get(address)
        world.browser().head(address)
    answer = world.browser().post("/console/sign-in", data={"link": token})
    assert answer.status_code == 303


def test_the_link_may_be_pasted_whole_and_works_once(world: World) -> None:
    pasted = f" {world.public_url}/console/sign-in#{world.link(world.staff('Dana Reyes'))}\n"
    browser = world.browser()
    assert browser.post("/console/sign-in", data={"link": pasted}).status_code == 303
    assert browser.get("/console").status_code == 200
    again = world.browser().post("/console/sign-in", data={"link": pasted})
    assert again.status_code == 403
    assert "no longer works" in again.text


def test_signing_out_ends_the_session_not_only_the_cookie(world: World) -> None:
    browser = world.signed_in(world.staff("Dana Reyes"))
    kept = dict(browser.cookies)
    answer = browser.post("/console/sign-out", data={"csrf": _csrf(browser)})
    assert answer.headers["location"] == "/console/sign-in"
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    browser.cookies.update(kept)
    assert browser.get("/console").status_code == 303


def test_signing_out_everywhere_ends_the_other_browsers_too(world: World) -> None:
    dana = world.staff("Dana Reyes")
    here, there, other = (
        world.signed_in(dana),
        world.signed_in(dana),
        world.signed_in(world.staff("Sam Cole")),
    )
    here.post("/console/sign-out", data={"csrf": _csrf(here), "everywhere": "true"})
    assert there.get("/console").status_code == 303
    assert other.get("/console").status_code == 200


def test_a_screen_that_refreshes_itself_does_not_keep_the_session_alive(world: World) -> None:
    watching, used = (world.signed_in(world.staff(name)) for name in ("Dana Reyes", "Sam Cole"))
    for _ in range(4):
        world.clock.moment += IDLE / 3
        watching.get("/console/waiting?watching=1")
        used.get("/console/waiting")
    assert watching.get("/console").status_code == 303
    assert used.get("/console").status_code == 200


def test_the_longest_session_is_a_working_day(world: World) -> None:
    browser = world.signed_in(world.staff("Dana Reyes"))
    with world.database.transaction() as session:
        begun = world.clock.now() - ABSOLUTE + timedelta(minutes=1)
        session.query(StaffSession).update({"started_at": begun})
    assert browser.get("/console").status_code == 200
    world.clock.moment += timedelta(minutes=1)
    assert browser.get("/console").status_code == 303


def test_looking_changes_nothing_but_the_history(world: World) -> None:
    world.patient("+18045550142", "Ann Walker")
    browser = world.signed_in(world.staff("Dana Reyes"))

    def counts() -> dict[str, int]:
        with world.database.reading() as session:
            return {
                table.name: session.scalar(select(func.count()).select_from(table)) or 0
                for table in Base.metadata.sorted_tables
                if table.name != "history"
            }

    before = counts()
    for method, path in _closed():
        if method == "GET" and path != STREAM:
            browser.get(path)
    assert counts() == before


def _csrf(browser: Visitor, page: str = "/console") -> str:
    found = re.search(r'name="csrf" value="(\w{64})"', browser.get(page).text)
    assert found
    return found[1]
