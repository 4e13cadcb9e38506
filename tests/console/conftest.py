import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

from service.clock import FixedClock
from service.content import Content
from service.db import Database
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
