from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from service.app import create_app
from service.config import ROOT
from service.house import build
from tests.line import make_settings, words_in
from tests.simulator.world import Stage, serving
from tests.visitor import Visitor


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """The whole web application; nothing here needs its database."""
    house = build(
        make_settings(f"sqlite:///{tmp_path_factory.mktemp('site') / 'unused.sqlite3'}"),
        words=words_in(ROOT / "messages"),
    )
    yield create_app(house)
    house.database.close()


@pytest.fixture
def visitor(app: FastAPI) -> Visitor:
    """Somebody who has never been here and whose browser has no wishes."""
    return Visitor(app)


@pytest.fixture(scope="session")
def stage(app: FastAPI) -> Iterator[Stage]:
    """The application on a real server on this machine."""
    with serving() as ready:
        ready.app = app
        yield ready
