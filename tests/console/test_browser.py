"""The console as staff use it, in a real Chromium; whatever the browser complains of fails."""

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from service.staff.rules import Role
from service.triage.rules import Level
from tests import axe
from tests.console.world import ANN, LUZ, World, a_busy_morning

# What a page shows does not depend on the database: one kind is enough here.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("settings", ["sqlite"], indirect=True),
]

NUMB = ("can't feel my legs", "numb_legs", Level.EMERGENCY)
PHONE = {"width": 390, "height": 844}
SMALL_TARGETS = """
    [...document.querySelectorAll("button, .button, .chips span, input:not([type]), textarea")]
    .filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 44)
    .map(one => one.outerHTML)
"""


@pytest.fixture
def phone(chromium: Browser, served: World) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport=PHONE, base_url=served.public_url)  # type: ignore[arg-type]
    yield context
    context.close()


@pytest.fixture
def page(phone: BrowserContext) -> Iterator[Page]:
    page = phone.new_page()
    complaints: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        if said.type == "error":
            complaints.append(said.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
    yield page
    assert complaints == []


def _sign_in(page: Page, world: World, staff_id: int) -> None:
    page.clock.install()
    page.goto(f"/console/sign-in#{world.link(staff_id)}")
    assert "#" not in page.evaluate("location.href")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/console")


def test_an_emergency_from_the_list_to_its_outcome(served: World, page: Page) -> None:
    dana = served.staff("Dana Reyes")
    ids = a_busy_morning(served, served.staff("Sam Cole"))
    _sign_in(page, served, dana)
    first = page.locator("li.line").first
    expect(first).to_contain_text("Emergency")
    expect(first.locator("mark.emergency")).to_have_text("can't feel anything between my legs")
    first.get_by_role("link", name="Ann Walker").click()
    expect(page.get_by_role("link", name="Ring (804) 555-0142")).to_have_attribute(
        "href", f"tel:{ANN}"
    )
    expect(page.locator(".said.emergency mark").first).to_be_visible()
    page.get_by_role("button", name="I’ll take it").click()
    expect(page.get_by_role("status")).to_have_text("It is yours. Nobody else will ring.")
    page.get_by_role("link", name="Close").click()
    page.get_by_text("Sent to emergency care").click()
    page.get_by_label("Note, if there is more to say").fill("Her son drives her.")
    page.get_by_role("button", name="Close").click()
    page.wait_for_url("**/console?said=closed")
    expect(page.locator(".alarm")).to_have_count(0)
    assert served.cleared == [ids["ann"]]


def test_an_emergency_appears_within_two_seconds_and_in_the_title(
    served: World, page: Page
) -> None:
    _sign_in(page, served, served.staff("Dana Reyes"))
    expect(page.get_by_role("heading", name="Nobody is waiting")).to_be_visible()
    served.red_flag(served.patient(ANN), "I can't feel my legs", NUMB)
    heading = page.get_by_role("heading", name="1 emergency: ring now")
    expect(heading).to_be_visible(timeout=2000)
    assert page.title().startswith("(1) Emergency")
    expect(page.locator("[data-announce]")).to_have_text("1 emergency, 0 others waiting.")


def test_what_one_takes_is_shown_as_taken_to_the_other(
    served: World, page: Page, phone: BrowserContext
) -> None:
    ann = served.patient(ANN, "Ann Walker")
    served.red_flag(ann, "I can't feel my legs", NUMB)
    _sign_in(page, served, served.staff("Dana Reyes"))
    other = served.signed_in(served.staff("Sam Cole"))
    found = re.search(r'name="csrf" value="(\w{64})"', other.get("/console").text)
    item = re.search(r'name="item" value="(\d+)"', other.get("/console").text)
    assert found
    assert item
    form = {"csrf": found[1], "item": item[1]}
    assert other.post(f"/console/patients/{ann}/claim", data=form).status_code == 303
    expect(page.get_by_text("Sam Cole has it")).to_be_visible(timeout=2000)
    expect(page.get_by_role("button", name="I’ll take")).to_have_count(0)


def test_from_the_list_to_the_outcome_by_keyboard_alone(served: World, page: Page) -> None:
    ids = a_busy_morning(served, served.staff("Sam Cole"))
    _sign_in(page, served, served.staff("Dana Reyes"))
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Ann Walker")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("c")
    page.wait_for_url(f"**/console/patients/{ids['ann']}?said=claimed")
    while not page.evaluate("document.activeElement.name === 'outcome'"):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("She is on her way. jck/?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console?said=closed")
    page.keyboard.press("/")
    page.keyboard.type("ortega")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Luz Ortega")
    page.wait_for_load_state()  # keys work from then on
    page.keyboard.press("g")
    page.wait_for_url("**/console")
    page.keyboard.press("?")
    page.get_by_label("Single keys work").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("li.line a:focus")).to_have_count(0)


def test_a_list_that_is_not_current_says_so(served: World, page: Page) -> None:
    _sign_in(page, served, served.staff("Dana Reyes"))
    answer = {"status": 200, "body": "<p>not the list</p>"}
    page.route("**/console/waiting*", lambda route: route.fulfill(**answer))
    served.red_flag(served.patient(ANN), "I can't feel my legs", NUMB)
    expect(page.locator("[data-stale]")).to_contain_text("This list is from")
    page.unroute("**/console/waiting*")
    page.clock.run_for(5000)
    expect(page.locator("[data-stale]")).to_be_hidden()


def test_when_the_session_has_ended_nothing_stays_on_the_screen(served: World, page: Page) -> None:
    dana = served.staff("Dana Reyes")
    served.patient(ANN, "Ann Walker")
    _sign_in(page, served, dana)
    served.disable(dana)
    page.wait_for_url("**/console/sign-in")


def test_markup_in_a_text_stays_text(served: World, page: Page) -> None:
    nasty = "<script>alert(1)</script><img src=x onerror=alert(2)> <b>bold</b>"
    luz = served.patient(LUZ, nasty)
    served.red_flag(luz, f"{nasty} can't feel my legs", NUMB, ("<b>bold</b>", nasty, Level.URGENT))
    _sign_in(page, served, served.staff("Dana Reyes"))
    expect(page.locator("li.line mark").first).to_have_text("<b>bold</b>")
    page.goto(f"/console/patients/{luz}")
    expect(page.get_by_role("heading", level=1)).to_have_text(nasty)
    assert page.locator("main img, main b, main script").count() == 0


def test_without_scripts_the_link_is_pasted_and_the_list_reloads(
    served: World, chromium: Browser
) -> None:
    plain = chromium.new_context(java_script_enabled=False, base_url=served.public_url)
    page = plain.new_page()
    page.goto("/console/sign-in")
    link = f"{served.public_url}/console/sign-in#{served.link(served.staff('Dana Reyes'))}"
    page.get_by_text("I have a sign-in link").click()
    page.get_by_label("Your sign-in link").fill(link)
    page.get_by_role("button", name="Sign in with the link").click()
    page.wait_for_url("**/console")
    refresh = page.locator("meta[http-equiv=refresh]")
    assert refresh.get_attribute("content") == "30;url=/console?watching=1"
    plain.close()


def test_every_page_is_accessible_and_fits(served: World, chromium: Browser) -> None:
    dana = served.staff("Dana Reyes", Role.ADMIN)
    context = chromium.new_context(
        viewport={"width": 390, "height": 844},
        bypass_csp=True,  # for axe alone, which is put into the page
        base_url=served.public_url,
    )
    page = context.new_page()
    page.goto("/console/sign-in")
    _look(page)
    _sign_in(page, served, dana)
    _look(page)
    ids = a_busy_morning(served, dana)
    item = ids.pop("lost_item")
    pages = ["/console", "/console/rota", "/console/figures"]
    for path in [*pages, f"/console/items/{item}", "/console/patients/999"]:
        page.goto(path)
        _look(page)
    for thread in ids.values():
        page.goto(f"/console/patients/{thread}")
        _look(page)
    for summary in page.locator("summary:visible").all():
        summary.click()
    _look(page)
    for path in ["staff", "history", "account", f"patients/{thread}/erase"]:
        page.goto(f"/console/{path}")
        _look(page)
    page.goto("/console/account")
    page.get_by_role("button", name="Set up an app").click()
    page.wait_for_url("**said=codes_begun")
    _look(page)
    page.goto("/console#find")
    page.keyboard.type("nobody")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/find")
    _look(page)
    page.keyboard.press("?")
    _look(page)
    context.close()


def _look(page: Page) -> None:
    """At the page on the narrowest phone by night, and on a desk by day."""
    scheme: Literal["light", "dark"]
    for width, scheme in ((320, "dark"), (1440, "light")):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
        results = axe.look(page)
        assert results.violations_count == 0, f"{page.url}\n{results.generate_report()}"
        assert page.evaluate(SMALL_TARGETS) == [], page.url
