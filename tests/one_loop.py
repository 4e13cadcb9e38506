"""One event loop for all test clients of a process: by itself every request starts a thread and a loop."""

import atexit
from contextlib import ExitStack
from functools import cache

from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi.testclient import TestClient

_open = ExitStack()
atexit.register(_open.close)  # later, its thread is gone and would be waited for in vain


def on_one_loop(client: TestClient) -> TestClient:
    """The same client, quicker; its application's lifespan is not run either way."""
    client.portal = _portal()
    return client


@cache
def _portal() -> BlockingPortal:
    return _open.enter_context(start_blocking_portal())
