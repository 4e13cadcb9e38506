"""A passkey in a real browser, with a virtual device that unlocks by itself."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from service.staff.rules import Role
from tests.console.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("settings", ["sqlite"], indirect=True),
]


@pytest.fixture
def world(world: World) -> World:
    world.host, world.trusts_links = "localhost", False  # passkeys are bound to a name
    return world


@pytest.fixture
def page(chromium: Browser, served: World) -> Iterator[Page]:
    context = chromium.new_context(base_url=served.public_url)
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.set_default_timeout(10_000)
    yield page
    context.close()


def test_a_passkey_is_made_once_and_signs_in_from_then_on(served: World, page: Page) -> None:
    dana = served.staff("Dana Reyes", Role.CLINICIAN)
    page.goto(f"/console/sign-in#{served.link(dana)}")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("What to call it").fill("My phone")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("Your passkey is kept.")).to_be_visible()
    page.goto("/console")
    expect(page.get_by_role("heading", name="Nobody is waiting")).to_be_visible()
    page.locator("summary", has_text="Dana").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Nobody is waiting")).to_be_visible()
    page.goto("about:blank")  # the queue would leave for the sign-in by itself
    served.disable(dana)
    page.goto("/console")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("belongs to no account")
