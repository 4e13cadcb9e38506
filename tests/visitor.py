"""Whoever asks the service over HTTP, with no socket between: the browser and the carrier of the tests."""

import atexit
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cache

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI

sys.modules["sniffio"] = None  # type: ignore[assignment]  # httpx would look for it at every request

_open = ExitStack()
atexit.register(_open.close)  # later, its thread is gone and would be waited for in vain


class Visitor(httpx.Client):
    """A client of an application, whose lifespan is not run. Without `raises`, what it raises is a 500.

    FastAPI's own crosses between threads eight times for a request, which costs more than most answers.
    """

    def __init__(
        self,
        app: FastAPI,
        *,
        base_url: str = "http://testserver",
        headers: Mapping[str, str] | None = None,
        follow_redirects: bool = True,
        raises: bool = True,
    ) -> None:
        self.app = app
        super().__init__(
            transport=_InOneHop(httpx.ASGITransport(app, raise_app_exceptions=raises)),
            base_url=base_url,
            headers=headers,
            follow_redirects=follow_redirects,
        )


class _InOneHop(httpx.BaseTransport):
    """Goes once into the one event loop of this process, and comes back with the whole answer."""

    def __init__(self, application: httpx.ASGITransport) -> None:
        self._application = application

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return _loop().call(self._answer, request)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._application.handle_async_request(request)
        return httpx.Response(
            answer.status_code, headers=answer.headers, content=await answer.aread()
        )


@cache
def _loop() -> BlockingPortal:
    return _open.enter_context(start_blocking_portal())
