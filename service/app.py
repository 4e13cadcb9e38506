"""The web application, put together."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime

import anyio.to_thread
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.telemetry import TelemetryConfig
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import func, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from service.clock import SystemClock
from service.console.routes import ConsoleHouse, open_console
from service.conversation.receive import replay
from service.drip.models import DueStep
from service.drip.rules import StepState
from service.errors import BacktalkError, where
from service.heartbeat import is_ticking
from service.house import House
from service.line.doorstep import Doorstep
from service.line.parse_voice import parse_event
from service.line.staff_calls import create_staff_calls
from service.line.webhooks import create_line
from service.metrics import create_registry
from service.outbox.models import OutboundMessage
from service.outbox.rules import State
from service.patience import hurried
from service.simulator.routes import create_simulator
from service.site.pages import create_site
from service.site.sign_up import create_sign_up
from service.standstill import Watch

log = logging.getLogger(__name__)

THREADS = 4
"""Measured: more threads contend for the database and lower the throughput."""

TELEMETRY_OFF: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,  # would record exception messages, and with them health data
    "operation_spans": False,
    "auto_configure": False,
}


def create_app(house: House) -> FastAPI:
    """All routes of the contract; the simulated carrier and /phone only without a real account."""
    app = create_webhooks(house)
    number = house.settings.line_number
    _serve(app, create_site(house.content, number, house.settings.public_url))
    _serve(app, create_sign_up(house.conversation, number))
    _mount_console(app, house)
    _mount_health(app, house)
    if house.carrier is not None:
        _mount_simulator(app, house)
    return app


def create_webhooks(house: House) -> FastAPI:
    """What the carrier posts to, and nothing else."""
    app = FastAPI(
        title="Backtalk",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=_lifespan(house),
        telemetry=TELEMETRY_OFF,
    )
    app.add_exception_handler(BacktalkError, _refused)
    app.middleware("http")(_quietly)
    _serve(app, create_line(house.doorstep, house.gate, house.line_types))
    _serve(app, create_staff_calls(house.conversation, house.gate, house.settings.line_number))
    return app


def _serve(app: FastAPI, router: APIRouter) -> None:
    """Serve the routes as they are: including them builds each anew."""
    app.router.routes.extend(router.routes)


SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
}


def _lifespan(house: House) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Few threads, and an eye on the worker and on what waits on disk while the application serves."""
    watch = Watch(house, SystemClock())

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        watch.start()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_mind, house.doorstep)
            yield
            tasks.cancel_scope.cancel()
        watch.stop()

    return lifespan


async def _mind(doorstep: Doorstep) -> None:
    """What this process put on its disk it takes in: the worker may have another disk."""
    own_thread = anyio.CapacityLimiter(1)
    while True:
        await anyio.to_thread.run_sync(_take_in, doorstep, limiter=own_thread)
        await anyio.sleep(1)


def _take_in(doorstep: Doorstep) -> None:
    try:
        doorstep.take_in()
    except Exception as error:  # noqa: BLE001  the outermost edge of this thread: it goes on
        log.error("what waits on disk could not be taken in: %s", where(error))


def _mount_console(app: FastAPI, house: House) -> None:
    def on_flags_cleared(session: Session, thread_id: int, now: datetime) -> None:
        """The tips go on when a member of staff says so on the patient's program page, or not at all."""

    console = ConsoleHouse(
        database=house.database,
        clock=house.clock,
        wall=SystemClock(),
        public_url=house.settings.public_url,
        clinic=house.content.clinic.short_name,
        zone=house.content.clinic.zone,
        on_flags_cleared=on_flags_cleared,
        replay=lambda event_id: replay(house.conversation, event_id, parse_event),
        line=house.conversation,
        trusts_links=house.settings.simulated,
    )
    open_console(app, console)


def _mount_simulator(app: FastAPI, house: House) -> None:
    def next_due() -> datetime | None:
        with house.database.reading() as session:
            due = (
                session.scalar(
                    select(func.min(DueStep.due_at)).where(DueStep.state == StepState.SCHEDULED)
                ),
                session.scalar(
                    select(func.min(OutboundMessage.not_before)).where(
                        OutboundMessage.state == State.QUEUED
                    )
                ),
            )
        return min(filter(None, due), default=None)

    simulator = create_simulator(
        house.carrier,  # type: ignore[arg-type]
        house.clock,  # type: ignore[arg-type]
        next_due,
        clinic_name=house.content.clinic.short_name,
        moved=house.wake,
    )
    app.include_router(simulator)


def _mount_health(app: FastAPI, house: House) -> None:
    registry = create_registry(house.database, house.clock, house.spool)

    @app.get("/healthz")
    def healthz() -> PlainTextResponse:
        """The process answers."""
        return PlainTextResponse("ok\n")

    @app.get("/readyz")
    def readyz() -> JSONResponse:
        """The database answers, and a worker is ticking."""
        try:
            with hurried(), house.database.reading() as session:
                ticking = is_ticking(session, house.clock.now())
        except (OperationalError, InterfaceError):
            waits = len(house.spool.waiting())
            return JSONResponse({"database": "away", "waits on disk": waits}, status_code=503)
        said = {"database": "answers", "worker": "ticking" if ticking else "not ticking"}
        return JSONResponse(said, status_code=200 if ticking else 503)

    @app.get("/metrics")
    def metrics() -> Response:
        """Prometheus figures; counts only, no health data."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


async def _refused(_request: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, BacktalkError) else 500
    return PlainTextResponse(f"{error}\n", status_code=status)


async def _quietly(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
    """Safe headers on every answer; a failure is logged by kind and place, never by its text."""
    try:
        response = await go_on(request)
    except Exception as error:  # noqa: BLE001  the web application's outermost edge
        log.error("a request failed: %s", where(error))
        said = "Something went wrong on our side. Please try again.\n"
        response = PlainTextResponse(said, status_code=500)
    for name, value in SAFE_HEADERS.items():
        response.headers.setdefault(name, value)
    return response
