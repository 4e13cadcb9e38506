"""Every open queue is told of a change within a second or so, until its session ends."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from service.console.live import Lookout
from service.review import resolve
from service.staff import sign_in
from service.staff.rules import IDLE
from service.triage.rules import Level
from tests.console.world import ANN, World

T = TypeVar("T")
NUMB = ("can't feel my legs", "numb_legs", Level.EMERGENCY)
SOON = 3.0  # seconds: the look comes every second


def in_a_thread(listening: Coroutine[Any, Any, T]) -> T:
    """Run it where no loop runs yet: the browser of other tests has one in this thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, listening).result()


def session_of(world: World, staff_id: int) -> int:
    """A session, opened by a link."""
    now = world.clock.now()
    with world.database.transaction() as session:
        cookie = sign_in.use_link(session, sign_in.make_link(session, staff_id, now), now) or ""
        who = sign_in.current(session, cookie, now)
        assert who
        return who.session_id


def told(world: World, session_id: int, deed: Callable[[], object]) -> bool:
    """Whether a screen is told after the deed; False when its stream ended instead."""

    async def listen() -> bool:
        stream = Lookout(world.house()).changes(session_id)
        await anext(stream)  # once at the beginning: the page may be older than the stream
        deed()
        next_word: Awaitable[object] = anext(stream, "ended")
        return await asyncio.wait_for(next_word, SOON) != "ended"

    return in_a_thread(listen())


def test_a_new_flag_is_told(world: World) -> None:
    ann, seat = world.patient(ANN), session_of(world, world.staff("Dana Reyes"))
    assert told(world, seat, lambda: _flag(world, ann))


def test_that_somebody_took_it_is_told(world: World) -> None:
    ann, sam = world.patient(ANN), world.staff("Sam Cole")
    seat, item = session_of(world, world.staff("Dana Reyes")), _flag(world, ann)

    def claim() -> None:
        with world.database.transaction() as session:
            resolve.claim(session, [item], sam, world.clock.now())

    assert told(world, seat, claim)


def test_nothing_new_is_not_told(world: World) -> None:
    seat = session_of(world, world.staff("Dana Reyes"))
    with pytest.raises(TimeoutError):
        told(world, seat, lambda: None)


@pytest.mark.parametrize("how", ["signed out", "disabled", "idle"])
def test_the_stream_ends_with_the_session(world: World, how: str) -> None:
    dana = world.staff("Dana Reyes")
    seat = session_of(world, dana)

    def end() -> None:
        match how:
            case "disabled":
                world.disable(dana)
            case "idle":
                world.clock.moment += IDLE
            case _:
                with world.database.transaction() as session:
                    sign_in.sign_out_everywhere(session, dana, world.clock.now())

    assert not told(world, seat, end)


def test_the_stream_ends_when_the_server_stops(world: World) -> None:
    seat, stopping = session_of(world, world.staff("Dana Reyes")), False

    async def listen() -> bool:
        nonlocal stopping
        stream = Lookout(world.house()).changes(seat, lambda: stopping)
        await anext(stream)
        stopping = True
        return await asyncio.wait_for(anext(stream, "ended"), SOON) == "ended"

    assert in_a_thread(listen())


def test_a_hundred_screens_cost_one_look_a_second(world: World) -> None:
    seat = session_of(world, world.staff("Dana Reyes"))
    lookout, looks = Lookout(world.house()), 0
    read = lookout._read

    def counted() -> object:
        nonlocal looks
        looks += 1
        return read()

    lookout._read = counted  # type: ignore[assignment,method-assign]

    async def listen() -> None:
        screens = [lookout.changes(seat) for _ in range(100)]
        await asyncio.gather(*(anext(screen) for screen in screens))

    in_a_thread(listen())
    assert looks == 1


def _flag(world: World, thread_id: int) -> int:
    return world.red_flag(thread_id, "can't feel my legs", NUMB)
