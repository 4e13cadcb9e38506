"""A simulated carrier with a stand-in for the line, over real HTTP on loopback."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from service.clock import FixedClock, MovableClock
from service.simulator.carrier import SIMULATED_ACCOUNT, Carrier
from service.simulator.routes import create_simulator
from service.simulator.webhooks import Background, over_http

POST = over_http()  # one for all tests: a client is slow to make
HTTP = httpx.Client(trust_env=False)

TOKEN = "simulated-token"
LINE = "+18045550100"
HELEN, ROSA, WALTER = "+18045550142", "+18045550177", "+18045550133"
SERVICE = "MG" + "5" * 32


@dataclass
class Hook:
    """A webhook as the line got it; `signed` is what Twilio's own validator says of it."""

    path: str
    query: str
    form: dict[str, str]
    token: str
    signed: bool


@dataclass
class Line:
    """The stand-in for the product: keeps every webhook, and answers what `answers` says for its path."""

    hooks: list[Hook] = field(default_factory=list)
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
    on_text: Callable[[dict[str, str]], None] = lambda form: None

    def at(self, path: str) -> list[Hook]:
        return [hook for hook in self.hooks if hook.path == path]

    def statuses(self) -> list[str]:
        return [hook.form["MessageStatus"] for hook in self.at("/twilio/sms/status")]


@dataclass
class World:
    carrier: Carrier
    line: Line
    clock: MovableClock
    later: Background
    url: str
    due: list[datetime] = field(default_factory=list)
    moves: list[datetime] = field(default_factory=list)

    def client(self, token: str = TOKEN, timeout: float = 5.0) -> Any:
        return Client(SIMULATED_ACCOUNT, token, http_client=HttpTo(self.url, timeout))

    def send(self, to: str = HELEN, body: str = "Hello", **more: Any) -> Any:
        return self.client().messages.create(to=to, from_=LINE, body=body, **more)


class HttpTo(TwilioHttpClient):
    """Twilio's own client with scheme, host and port of every address replaced."""

    def __init__(self, base: str, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self._base = urlsplit(base)
        assert self.session is not None
        self.session.trust_env = False

    def request(self, method: str, uri: str, *args: Any, **more: Any) -> Any:  # type: ignore[override]
        asked = urlsplit(uri)
        there = asked._replace(scheme=self._base.scheme, netloc=self._base.netloc)
        return super().request(method, urlunsplit(there), *args, **more)


def refusal(attempt: Callable[[], object]) -> tuple[int, int | None]:
    """HTTP status and Twilio's code of the refusal that `attempt` must meet."""
    try:
        attempt()
    except TwilioRestException as error:
        return error.status, error.code
    raise AssertionError("it was not refused")


def stand_in(line: Line, url: str) -> FastAPI:
    app = FastAPI()
    validator = RequestValidator(TOKEN)

    @app.post("/twilio/{rest:path}")
    async def hear(rest: str, request: Request) -> Response:
        form = await request.form()
        query = request.url.query
        address = f"{url}{request.url.path}" + (f"?{query}" if query else "")
        given = request.headers.get("X-Twilio-Signature", "")
        plain = {name: str(value) for name, value in form.multi_items()}
        line.hooks.append(
            Hook(
                request.url.path,
                query,
                plain,
                request.headers["I-Twilio-Idempotency-Token"],
                validator.validate(address, form, given),
            )
        )
        if rest == "sms":
            await run_in_threadpool(line.on_text, plain)
        status, body = line.answers.get(request.url.path, (200, "<Response/>"))
        return Response(body, status, media_type="text/xml")

    return app


class Stage:
    """One server on loopback for all tests; each puts its own application on it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.app: ASGIApp = FastAPI()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@contextmanager
def serving() -> Iterator[Stage]:
    listener = socket.create_server(("127.0.0.1", 0))
    # asyncio does this itself only for sockets it makes; without it every answer waits 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    stage = Stage(f"http://127.0.0.1:{listener.getsockname()[1]}")
    config = uvicorn.Config(
        stage, log_level="critical", lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive(), "the server did not start"
    yield stage
    server.should_exit = True
    thread.join(10)


@contextmanager
def world(stage: Stage, start: datetime, **options: Any) -> Iterator[World]:
    clock, later, line = MovableClock(FixedClock(start)), Background(), Line()
    carrier = Carrier(
        SIMULATED_ACCOUNT, TOKEN, LINE, stage.url, clock, post=POST, later=later, **options
    )
    here = World(carrier, line, clock, later, stage.url)
    app = stand_in(line, stage.url)
    app.include_router(
        create_simulator(
            carrier,
            clock,
            lambda: here.due[0] if here.due else None,
            clinic_name="Riverbend Back & Spine Physical Therapy",
            moved=lambda: here.moves.append(clock.now()),
        )
    )
    stage.app = app
    yield here
    later.close()
