"""A red flag from the patient's phone to its outcome, as staff live through it: by keyboard alone."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time as day_time
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from service.clock import SystemClock
from service.config import Settings
from service.db import Database
from service.staff import accounts, password
from service.staff.models import Duty
from service.staff.phones import set_mobile
from service.staff.rules import Role
from service.staff.sign_in import make_link
from tests.story.processes import environment, free_port, running, wait_until
from tests.story.test_browser import phone, write

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("settings", ["sqlite"], indirect=True),
]

KIM, KIMS_PHONE = "kim@clinic.example", "+18045550151"
PASSWORD, SECRET = "four plain words here", pyotp.random_base32()
HELEN = "Helen Marsh"


@dataclass(frozen=True)
class Room:
    """The phones of the town, Kim's screen, and a colleague's."""

    phones: Page
    kim: Page
    sam: Page


@pytest.fixture
def room(
    settings: Settings, database: Database, chromium: Browser, tmp_path: Path
) -> Iterator[Room]:
    """`backtalk run`, with Kim on duty; Sam is signed in at another screen."""
    _on_duty(database)
    port = free_port()
    demo = settings.model_copy(
        update={"twilio_account_sid": "", "twilio_api_url": "", "public_url": "", "port": port}
    )
    url = f"http://127.0.0.1:{port}"
    with running("run", environment(demo), tmp_path / "run.log"):
        wait_until("the product does not come up", f"{url}/healthz")
        contexts = [
            chromium.new_context(base_url=url, viewport={"width": 1440, "height": 900})
            for _ in range(3)
        ]
        phones, kim, sam = (context.new_page() for context in contexts)
        phones.goto("/phone")
        sam.goto(_link(database, "sam@clinic.example"))
        sam.get_by_role("button", name="Sign in").click()
        sam.wait_for_url("**/console")
        yield Room(phones, kim, sam)
        for context in contexts:
            context.close()


def _on_duty(database: Database) -> None:
    now, keyring = SystemClock().now(), database.keyring
    with database.transaction() as session:
        for name, email in (("Kim Ito", KIM), ("Sam Cole", "sam@clinic.example")):
            accounts.add(session, keyring, name=name, email=email, role=Role.CLINICIAN, now=now)
        kim = accounts.find(session, keyring, KIM)
        kim.password, kim.totp_secret = password.hashed(PASSWORD, []), SECRET
        set_mobile(session, keyring, kim.id, KIMS_PHONE, by=kim.id, now=now)
        for day in range(7):
            whole = {"starts": day_time(0), "ends": day_time(0)}
            session.add(Duty(weekday=day, staff_id=kim.id, backup_id=None, **whole))


def _link(database: Database, email: str) -> str:
    now = SystemClock().now()
    with database.transaction() as session:
        token = make_link(session, accounts.find(session, database.keyring, email).id, now)
    return f"/console/sign-in#{token}"


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until what `selector` means has the focus."""
    for _ in range(80):
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by Tab")


def test_from_the_sign_in_to_the_outcome_by_keyboard_within_a_minute(room: Room) -> None:
    phones, kim, sam = room.phones, room.kim, room.sam
    began = time.monotonic()

    kim.goto("/console/sign-in")
    tab_to(kim, "[name=email]")
    for words in (KIM, PASSWORD, pyotp.TOTP(SECRET).now()):
        kim.keyboard.type(words)
        kim.keyboard.press("Tab")
    kim.keyboard.press("Enter")
    expect(kim.get_by_role("heading", name="Nobody is waiting")).to_be_visible()

    write(phones, HELEN, "I can't feel anything between my legs", "Call 911")
    # within two seconds: tests/console/test_browser.py, where no second product runs beside it
    expect(kim.get_by_role("heading", name="1 emergency: ring now")).to_be_visible()
    mine, hers = phone(phones, "Phone 0151"), phone(phones, HELEN)
    mine.get_by_role("button", name="Decline").click()  # the alert: she has seen it on the screen
    expect(mine.get_by_role("button", name="Decline")).to_have_count(0)  # that call is over
    kim.keyboard.press("j")
    kim.keyboard.press("c")
    kim.wait_for_url("**?said=claimed")
    expect(sam.get_by_text("Kim Ito has it")).to_be_visible()
    expect(sam.get_by_role("button", name="I’ll take it")).to_have_count(0)

    tab_to(kim, ".ring-form button")
    kim.keyboard.press("Enter")
    mine.get_by_role("button", name="Answer", exact=True).click()
    expect(mine).to_contain_text("You asked to ring 0 1 4 2")
    expect(mine.locator(".call")).not_to_contain_text(re.compile("legs|emergency"))
    mine.locator(".keypad").get_by_role("button", name="1", exact=True).click()
    hers.get_by_role("button", name="Answer", exact=True).click()
    expect(hers).to_contain_text("Connected to a person")
    hers.get_by_role("button", name="Hang up").click()

    kim.keyboard.press("g")
    kim.wait_for_url("**/console")
    kim.keyboard.press("j")
    kim.keyboard.press("Enter")
    expect(kim.get_by_role("heading", name="What came of the call?")).to_be_visible()
    tab_to(kim, "#call [name=outcome]")
    kim.keyboard.press("ArrowRight")
    expect(kim.get_by_label("Sent to emergency care")).to_be_checked()
    tab_to(kim, "#call textarea")
    kim.keyboard.type("Her son drives her to the hospital.")
    kim.keyboard.press("Tab")
    kim.keyboard.press("Enter")
    expect(sam.get_by_role("heading", name="Nobody is waiting")).to_be_visible()

    assert time.monotonic() - began < 60
