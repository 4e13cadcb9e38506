import re
import shlex
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from service.clock import FixedClock
from service.config import ROOT
from service.content import Content
from service.db import Database
from tests.console.brackets import compiled
from tests.console.world import World


@pytest.fixture
def world(database: Database, clock: FixedClock, content: Content) -> World:
    return World(database, clock, content.clinic)


@pytest.fixture
def served(world: World) -> Iterator[World]:
    """The console on a real server, over plain http on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        world.public_url = f"http://{world.host}:{listening.getsockname()[1]}"
        server = uvicorn.Server(
            uvicorn.Config(world.app(), log_level="warning", timeout_graceful_shutdown=2)
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield world
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def drawn_out(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The catalogue as the command in docs/translating.md draws it out."""
    guide = (ROOT / "docs" / "translating.md").read_text(encoding="utf-8")
    command = re.search(r"`(pybabel extract .*)`", guide)
    assert command is not None
    _program, *given = shlex.split(command[1])
    file = tmp_path_factory.mktemp("drawn") / "console.pot"
    given[given.index("-o") + 1] = str(file)
    babel = [sys.executable, "-m", "babel.messages.frontend", *given]
    subprocess.run(babel, cwd=ROOT, check=True, capture_output=True)
    with file.open("rb") as pot:
        return read_po(pot)


@pytest.fixture(scope="session")
def locale(drawn_out: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the bracketed language in it."""
    bracketed = Catalog(locale="en")
    for message in drawn_out:
        if message.id:
            ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
            said = tuple(f"⟦{each}⟧" for each in ids)
            bracketed.add(message.id, said if len(said) > 1 else said[0])
    return compiled(bracketed, tmp_path_factory.mktemp("locale"), "qps")
