"""A whole call in a real browser: rung on the phone page, spoken by espeak-ng, played in the console."""

import re
import socket
import subprocess
import threading
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from service.app import create_app
from service.clock import SystemClock
from service.config import ROOT, Settings
from service.conversation.recordings import fetch_due
from service.house import House, build
from service.migrate import migrate
from service.staff.accounts import first_admin
from service.staff.sign_in import make_link

pytestmark = pytest.mark.browser

SAID = "my legs gave way and I wet myself"
CAN_PLAY = """async () => {
  const sound = document.querySelector("audio");
  sound.muted = true;
  sound.preload = "auto";
  await new Promise((ready, failed) => {
    sound.oncanplaythrough = ready;
    sound.onerror = () => failed(new Error("it cannot be played"));
    sound.load();
  });
  await sound.play();
  return sound.duration;
}"""


@pytest.fixture
def house(memory: Path) -> Iterator[House]:
    """The product on the simulated line, served on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        made = build(_settings(memory, url))
        migrate(made.database)
        server = uvicorn.Server(uvicorn.Config(create_app(made), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield made
        server.should_exit = True
        thread.join()
        made.database.close()


def _settings(folder: Path, url: str) -> Settings:
    values = {
        "DATABASE_URL": f"sqlite:///{folder / 'ear.sqlite3'}",
        "BACKTALK_PUBLIC_URL": url,
        "TWILIO_API_URL": url,
        "TWILIO_ACCOUNT_SID": "",
        "BACKTALK_LINE_NUMBER": "+18045550100",
        "BACKTALK_SECRET_KEY": "a secret for tests, long enough to pass",
        "BACKTALK_DATA_KEYS": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        "BACKTALK_MESSAGES_DIR": ROOT / "messages",
    }
    return Settings(_env_file=None, **values)  # type: ignore[arg-type]


def test_a_spoken_red_flag_is_recorded_kept_and_played(
    house: House, chromium: Browser, memory: Path
) -> None:
    voice = memory / "said.wav"
    subprocess.run(["espeak-ng", "-w", str(voice), SAID], check=True)
    page = chromium.new_page()
    page.goto(f"{house.settings.public_url}/phone")
    _leave_message(page, voice)
    expect(page.get_by_role("region", name="Helen Marsh")).to_contain_text("Rang the line")
    while not fetch_due(house.conversation, house.files):
        page.wait_for_timeout(100)
    page.close()
    console = _signed_in(house, chromium)
    console.get_by_role("link", name=re.compile("555-0142")).first.click()
    expect(console.locator(".talk")).to_contain_text(SAID)
    length = console.evaluate(CAN_PLAY)
    assert length == pytest.approx(_seconds(voice), abs=0.3)
    source = console.locator("audio").first.get_attribute("src")
    console.close()
    stranger = chromium.new_page()
    answer = stranger.goto(f"{house.settings.public_url}{source}")
    assert answer is not None
    assert answer.url.endswith("/console/sign-in")
    stranger.close()


def _leave_message(page: Page, voice: Path) -> None:
    helen = page.get_by_role("region", name="Helen Marsh")
    helen.get_by_role("button", name="Ring the line").click()
    expect(helen.locator(".spoken")).to_contain_text("You have reached")
    helen.get_by_role("button", name="0", exact=True).click()
    expect(helen.locator(".state")).to_contain_text("Recording")
    helen.get_by_label("What you say").fill(SAID)
    helen.locator("input[type=file]").set_input_files(voice)
    helen.get_by_role("button", name="Say", exact=True).click()
    expect(helen.locator(".call")).to_be_hidden()


def _signed_in(house: House, chromium: Browser) -> Page:
    now = SystemClock().now()
    with house.database.transaction() as session:
        admin, _ = first_admin(session, house.database.keyring, now)
        token = make_link(session, admin.id, now)
    page = chromium.new_page()
    page.goto(f"{house.settings.public_url}/console/sign-in#{token}")
    page.get_by_role("button").first.click()
    page.wait_for_url("**/console")
    return page


def _seconds(voice: Path) -> float:
    with wave.open(str(voice)) as file:
        return float(file.getnframes()) / float(file.getframerate())
