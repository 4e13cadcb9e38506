from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.simulator.world import SERVICE, Stage, World, serving, world

MORNING = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)  # 9:05 in Virginia


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    with serving() as ready:
        yield ready


@pytest.fixture
def here(stage: Stage) -> Iterator[World]:
    with world(stage, MORNING) as ready:
        yield ready


@pytest.fixture
def with_service(stage: Stage) -> Iterator[World]:
    with world(stage, MORNING, service_sid=SERVICE) as ready:
        yield ready


@pytest.fixture
def page(chromium: Browser, here: World) -> Iterator[Page]:
    """The phone page on a desk, open; whatever else the browser complains of fails the test."""
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    complaints: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        refused = said.text.startswith("Failed to load resource")  # an answer that a test asked for
        if said.type == "error" and not refused:
            complaints.append(said.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{here.url}/phone")
    page.wait_for_selector(".phone.shown")
    yield page
    page.close()
    assert complaints == []
