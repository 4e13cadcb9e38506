"""What every test can ask for: a database of either kind, a clock, a line to text, a cast of people."""

import gc
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, expect, sync_playwright

from service.clock import FixedClock
from service.config import ROOT, Settings
from service.content import Content, load
from service.crypto import Keyring
from service.db import Database
from service.migrate import migrate
from service.staff import password
from tests.line import TestLine, make_settings
from tests.one_engine import one_engine_for_each_address
from tests.postgres import MEMORY, Cluster

MONDAY_MORNING = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)  # 10:00 in Virginia

CHROMIUM = [
    "--no-sandbox",  # it refuses to run as root otherwise
    "--disable-gpu",
    "--in-process-gpu",  # one process less for every browser
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_finish() -> None:
    """Everything is imported (tests/__init__.py): from here on garbage is collected, of what comes now."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def passwords_of_the_clinic() -> Iterator[PasswordHasher]:
    """Passwords are kept at argon2's least cost, since no test is about it being slow but one; the real way."""
    real, quick = password._hasher, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with patch.multiple(password, _hasher=quick, _NOBODY=quick.hash("nobody")):
        yield real


@pytest.fixture(scope="session", autouse=True)
def engines() -> Iterator[None]:
    """Databases of one address share what their engines have learned."""
    with one_engine_for_each_address():
        yield


@pytest.fixture(scope="session")
def content() -> Content:
    """The real messages/."""
    return load(ROOT / "messages")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL for the whole session, with a migrated template database."""
    running = Cluster()
    try:
        _migrated(make_settings(running.create("template_backtalk")))
        yield running
    finally:
        running.remove()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    _migrated(make_settings(f"sqlite:///{path}"))
    return path


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory, where the machine has such a place: there no commit waits for a disk."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def disk() -> Iterator[Path]:
    """A folder in memory for the SQLite file of each test and what stands beside it."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        yield Path(folder) / "disk"


@pytest.fixture
def embedded(sqlite_template: Path, disk: Path) -> Settings:
    """Settings for an empty, migrated SQLite file."""
    shutil.rmtree(disk, ignore_errors=True)
    disk.mkdir()
    shutil.copy(sqlite_template, disk / "backtalk.sqlite3")
    return make_settings(f"sqlite:///{disk}/backtalk.sqlite3")


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, memory: Path) -> Settings:
    """Settings for an empty, migrated database; every test that asks runs on both kinds."""
    if request.param == "sqlite":
        embedded: Settings = request.getfixturevalue("embedded")
        return embedded
    cluster: Cluster = request.getfixturevalue("cluster")
    address = cluster.fresh("template_backtalk")
    return make_settings(address, BACKTALK_SPOOL_DIR=str(memory / "spool"))


@pytest.fixture
def keyring(database: Database) -> Keyring:
    """The keys that the test's settings name."""
    return database.keyring


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """A fresh, migrated database."""
    opened = Database.of(settings)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> FixedClock:
    """A Monday at ten in the morning in Virginia, standing still."""
    return FixedClock(MONDAY_MORNING)


@pytest.fixture
def line(settings: Settings, clock: FixedClock) -> Iterator[TestLine]:
    """The whole service with a recording carrier, ready to be texted."""
    ready = TestLine(settings, clock)
    yield ready
    ready.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    expect.set_options(timeout=15_000)  # the machine may be busy with other tests
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium-headless-shell", args=CHROMIUM
        )
        yield browser
        browser.close()


def _migrated(settings: Settings) -> None:
    fresh = Database.of(settings)
    migrate(fresh)
    fresh.close()
