"""The public page in a real Chromium: open to everybody, steady, and large enough to tap."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from service.site.pages import PATHS
from tests import axe
from tests.line import LINE
from tests.simulator.world import Stage

pytestmark = pytest.mark.browser

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
# Links within a sentence may be as small as its words (WCAG 2.5.8).
SMALL_TARGETS = """() => [...document.querySelectorAll('a')]
    .filter(link => !link.matches('.skip, p .nowrap, dd a, li .nowrap, .notice a'))
    .map(link => [link.textContent.trim(), link.getBoundingClientRect()])
    .filter(([, box]) => box.height < 44 || box.width < 44).map(([words]) => words)"""
SHIFTS = """() => new Promise(tell => new PerformanceObserver(list =>
    tell(list.getEntries().reduce((sum, entry) => sum + entry.value, 0))
    ).observe({type: 'layout-shift', buffered: true}) || setTimeout(() => tell(0), 300))"""


def left_or_failed(request: Request, complaints: list[str]) -> None:
    """A picture still on its way when the page is left is no failure."""
    if request.failure != "net::ERR_ABORTED":
        complaints.append(f"{request.url}: {request.failure}")


@pytest.fixture
def page(chromium: Browser, stage: Stage) -> Iterator[Page]:
    """A phone; whatever the browser complains of (the content policy, too) fails the test."""
    context = chromium.new_context(base_url=stage.url, viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("requestfailed", lambda request: left_or_failed(request, complaints))
    yield page
    context.close()
    assert complaints == []


@pytest.mark.parametrize(
    ("path", "size", "scheme"),
    [
        ("/", PHONE, "light"), ("/", PHONE, "dark"), ("/", DESK, "light"), ("/", DESK, "dark"),
        ("/terms", PHONE, "dark"), ("/privacy", DESK, "light"),
    ],
)  # fmt: skip
def test_nobody_is_shut_out(page: Page, path: str, size: dict[str, int], scheme: str) -> None:
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for language in ("en", "es"):
        page.goto(f"{path}?lang={language}")
        faults = [fault["id"] for fault in axe.look(page).response["violations"]]
        assert faults == []
        assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
        assert page.evaluate(SMALL_TARGETS) == []
        assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 18
        assert page.evaluate(SHIFTS) < 0.01


def test_a_narrow_phone_with_large_type_needs_no_sideways_scrolling(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    for path in PATHS.values():
        page.goto(f"{path}?lang=es")
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_from_the_first_key_to_the_other_language(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    for _ in range(2):
        page.keyboard.press("Tab")
    switch = page.get_by_role("link", name="Español")
    expect(switch).to_be_focused()
    assert switch.evaluate("link => getComputedStyle(link).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("de día o de noche")
    page.get_by_role("contentinfo").get_by_role("link", name="Privacidad").click()
    expect(page.get_by_role("heading", level=1, name="Privacidad")).to_be_visible()
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1, name="Privacy")).to_be_visible()


def test_call_and_text_are_seen_without_scrolling(page: Page) -> None:
    for language in ("en", "es"):
        page.goto(f"/?lang={language}")
        for link in (f"tel:{LINE}", f"sms:{LINE}"):
            expect(page.locator(f'.ways [href="{link}"]')).to_be_in_viewport(ratio=1)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    expect(page.locator('[href="tel:911"]')).to_be_in_viewport(ratio=1)
