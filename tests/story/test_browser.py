"""What a newcomer does in the first five minutes, in a real browser, from one command."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from service.config import Settings
from tests.story.processes import environment, free_port, printed, running, wait_until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("settings", ["sqlite"], indirect=True),
]
PICTURES = os.environ.get("BACKTALK_PICTURES")  # a folder to leave screenshots in


@pytest.fixture
def desk(settings: Settings, chromium: Browser, tmp_path: Path) -> Iterator[tuple[Page, Page]]:
    """The phone page and the console, signed in by the link that the command printed."""
    port, log = free_port(), tmp_path / "run.log"
    demo = settings.model_copy(
        update={"twilio_account_sid": "", "twilio_api_url": "", "public_url": "", "port": port}
    )
    with running("run", environment(demo), log):
        wait_until("the product does not come up", f"http://127.0.0.1:{port}/healthz")
        phones, console = (
            chromium.new_page(viewport={"width": 1440, "height": 900}) for _ in range(2)
        )
        phones.goto(f"http://127.0.0.1:{port}/phone")
        console.goto(printed(log, r"http://\S+/console/sign-in#\S+"))
        console.get_by_role("button", name="Sign in").click()
        expect(console.get_by_role("heading", name="Who is waiting")).to_be_visible()
        yield phones, console
        phones.close()
        console.close()


def phone(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name)


def write(page: Page, name: str, words: str, answer: str) -> None:
    """Text the line and wait for the words of its answer."""
    there = phone(page, name)
    before = there.get_by_text(answer).count()
    box = there.get_by_label("Text message")
    box.fill(words)
    box.press("Enter")
    expect(there.get_by_text(answer)).to_have_count(before + 1, timeout=20_000)


def watch_until(page: Page, name: str, tip: str) -> None:
    """Move the clock to what is due next until a tip has come."""
    there = phone(page, name).get_by_text(tip)
    for _ in range(4):
        page.get_by_role("button", name="Next due tip").click()
        try:
            expect(there).to_be_visible(timeout=8_000)
        except AssertionError:
            continue
        return
    expect(there).to_be_visible()


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.wait_for_timeout(700)  # until what has just arrived has faded in
        page.screenshot(path=f"{PICTURES}/{name}.png")


def test_a_newcomer_texts_the_line_sees_the_red_flag_on_top_and_closes_it(
    desk: tuple[Page, Page],
) -> None:
    phones, console = desk
    helen, rosa = "Helen Marsh", "Rosa Medina"
    write(phones, helen, "REPORT", "Reply MAIL for a paper copy")
    write(phones, helen, "MAIL", "What first and last name")
    write(phones, helen, "Helen Marsh", "What is the mailing address")
    write(phones, helen, "14 Oak Lane, Warsaw VA 22572", "Reply 1 if this is right")
    write(phones, helen, "1", "One of this week's packages is yours")
    write(phones, helen, "TIPS", "Reply 1 to agree")
    write(phones, helen, "1", "you are signed up")
    watch_until(phones, helen, "tip 1/9")  # at night it waits for the morning
    watch_until(phones, helen, "tip 2/9")
    write(phones, rosa, "REPORTE", "CORREO")
    write(phones, rosa, "no siento entre las piernas", "Llame al 911")
    write(phones, helen, "my foot went numb", "Stop popping or stretching")
    picture(phones, "phone")
    console.reload()
    waiting = console.get_by_role("main").get_by_role("listitem")
    expect(waiting.first).to_contain_text("Emergency")
    expect(waiting.first.locator("mark").first).to_have_text(re.compile("no siento"))
    expect(console.get_by_role("main")).to_contain_text("my foot went numb")
    picture(console, "queue")
    console.get_by_role("link", name="Helen Marsh").first.click()
    expect(console.locator("mark").first).to_contain_text("numb")
    picture(console, "patient")
    console.get_by_role("button", name="I’ll take it").first.click()
    console.get_by_label("Reached and advised").check()
    console.get_by_role("button", name="Close", exact=True).click()
    console.goto(console.url.split("/console")[0] + "/console")
    expect(console.get_by_role("main")).not_to_contain_text("my foot went numb")
    expect(waiting.first).to_contain_text("Emergency")
