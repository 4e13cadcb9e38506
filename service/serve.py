"""Serve the web application, and keep its log free of what it must not say."""

from collections.abc import Callable
from contextlib import suppress
from socket import socket
from types import FrameType

import uvicorn
from fastapi import FastAPI

from service.config import Settings
from service.house import House
from service.staff.accounts import first_admin
from service.staff.sign_in import link_to, make_link

LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"  # noqa: S104  carriers must reach the webhooks


def say_hello(settings: Settings, link: str | None) -> None:
    """Print where everything is, and the one-time sign-in link if there is one."""
    print(f"\n  Backtalk answers at {settings.public_url}")
    if settings.simulated:
        print(f"  Phones to text it from: {settings.public_url}/phone")
    if link:
        print(f"  Sign in to the console (once): {link}")
    print(flush=True)


def serve(
    application: FastAPI,
    settings: Settings,
    host: str,
    when_up: Callable[[], object] = lambda: None,
) -> None:
    """Serve until stopped; an open request has five seconds to end, an open stream ends at once.

    `when_up` is called once, as soon as requests are answered.
    """
    config = uvicorn.Config(
        application,
        host=host,
        port=settings.port,
        access_log=False,  # addresses of requests carry no health data, but nobody needs them either
        log_config=None,
        proxy_headers=False,  # the public address comes from BACKTALK_PUBLIC_URL alone
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    with suppress(KeyboardInterrupt):
        _Server(config, when_up).run()


class _Server(uvicorn.Server):
    """Says when it is up; and tells the streams of the console to end: they would go on for hours."""

    def __init__(self, config: uvicorn.Config, when_up: Callable[[], object]) -> None:
        super().__init__(config)
        self._when_up = when_up

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Begin to listen; ends the process where the port is taken."""
        await super().startup(sockets)
        self._when_up()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal to stop came."""
        self.config.app.state.leaving = True  # type: ignore[union-attr]
        super().handle_exit(sig, frame)


def first_sign_in(house: House) -> str | None:
    """A one-time link for the first admin; on a simulated line, one at every start."""
    now = house.clock.now()
    with house.database.transaction() as session:
        admin, made = first_admin(session, house.database.keyring, now)
        if not (made or house.settings.simulated):
            return None
        return link_to(house.settings.public_url, make_link(session, admin.id, now))
