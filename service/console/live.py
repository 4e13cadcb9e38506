"""Tell every open queue the moment something in it changes, by server-sent events.

The stream says only that something changed; the page then fetches the list, so there is no health data in
it. All screens of a process share two looks at the database a second, however many they are.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy import func, select

from service.console.guard import ConsoleRoute, Visit, proven, settling
from service.console.house import ConsoleHouse
from service.review.models import ReviewItem
from service.review.rules import State
from service.staff.sign_in import alive

router = APIRouter(prefix="/console", route_class=ConsoleRoute)

EVERY = 0.5  # seconds between looks: an emergency is to be on every screen within two, on a busy machine too


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look saw: how the queue stands, as figures, and which sessions have not ended."""

    queue: tuple[object, ...]
    sessions: frozenset[int]
    at: float  # the event loop's seconds


@dataclass
class Lookout:
    """Looks for all the screens of one process."""

    house: ConsoleHouse
    _seen: Seen | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def changes(
        self, session_id: int, leaving: Callable[[], bool] = lambda: False
    ) -> AsyncIterator[None]:
        """Yields at once, and then whenever the queue has changed.

        Ends when the session does, or when the server is `leaving`.
        """
        last = None
        while not leaving() and session_id in (seen := await self._look()).sessions:
            if seen.queue != last:
                last = seen.queue
                yield
            await asyncio.sleep(EVERY)

    async def _look(self) -> Seen:
        """The latest look, or a new one when that is old. The query runs in a thread: one, not one each."""
        async with self._turn:
            now = asyncio.get_running_loop().time()
            if self._seen is None or now - self._seen.at >= EVERY * 0.9:
                queue, sessions = await anyio.to_thread.run_sync(self._read)
                self._seen = Seen(queue, sessions, now)
            return self._seen

    def _read(self) -> tuple[tuple[object, ...], frozenset[int]]:
        """The open items in figures, over their partial index: any change of any item changes one."""
        item = ReviewItem
        figures = select(
            func.count(item.id),
            func.sum(item.id),
            func.sum(item.id * item.claimed_by),
            func.max(item.claimed_at),
            func.min(item.due_at),
            func.max(item.due_at),
            func.count(item.snoozed_until),
            func.max(item.snoozed_until),
        ).where(item.state != State.CLOSED)
        with self.house.database.reading() as session:
            queue = session.execute(figures).one()
            return tuple(queue), alive(session, self.house.wall.now())


def watching(request: Request) -> Visit:
    """Whoever is signed in. A screen that listens is no sign of a person."""
    return proven(settling(request, watching=True))


Watcher = Annotated[Visit, Depends(watching)]


@router.get("/live", response_class=EventSourceResponse)
async def live(request: Request, visit: Watcher) -> AsyncIterator[ServerSentEvent]:
    """A ping for every change of the queue."""

    def leaving() -> bool:
        return getattr(request.app.state, "leaving", False)

    async for _ in request.app.state.lookout.changes(visit.who.session_id, leaving):
        yield ServerSentEvent(data="changed")
