"""Time, chance and the processes of one run.

Everything that happens is a job on one heap, ordered by time; a process is a greenlet that gives way at
the edges of its transactions and of its calls to the carrier. Which one goes on, which one dies and what
the database says is drawn from the run's one source of chance, so the same seed is the same run.
"""

import errno
import hashlib
import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import greenlet
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from service.clock import FixedClock
from service.crypto import Keyring
from service.db import Database
from service.spool import UNFINISHED, Spool
from tests.faults.faults import Fault, Weather


class Crash(BaseException):
    """The process is gone. Not an Exception: nothing in the product may catch it."""


class Process:
    """One operating-system process: jobs run in it, and all of them die with it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.running: list[greenlet.greenlet] = []
        self.down_until: datetime | None = None


class World:
    """The heap of what will happen, the clocks, and the trace."""

    def __init__(self, seed: int, start: datetime) -> None:
        self.chance = random.Random(seed)
        self.weather = Weather(self.chance)
        self.time = start  # the true time
        self.clock = FixedClock(start)  # what the service believes
        self.skew = timedelta()
        self.commits = 0
        self.steps = 0
        self._hash = hashlib.sha256()
        self._heap: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._hub = greenlet.getcurrent()
        self._owners: dict[greenlet.greenlet, Process] = {}
        self.locked = False  # a transaction is open: nobody else can go on
        self.log: list[str] | None = None

    def note(self, *what: object) -> None:
        """Add to the trace; two runs of one seed have the same."""
        line = f"{self.time.isoformat()} {' '.join(map(str, what))}"
        self._hash.update(line.encode())
        if self.log is not None:
            self.log.append(line)

    def trace(self) -> str:
        """The fingerprint of everything that has happened so far."""
        return self._hash.hexdigest()[:16]

    def later(self, after: timedelta, job: Callable[[], None]) -> None:
        """Do `job` after a while."""
        heapq.heappush(self._heap, (self.time + after, next(self._order), job))

    def run(self, until: datetime) -> None:
        """Let everything happen that is due until then."""
        while self._heap and self._heap[0][0] <= until:
            moment, _, job = heapq.heappop(self._heap)
            self.steps += 1
            assert self.steps < 60_000, "the run does not come to an end"
            self._pass(moment)
            job()
        self._pass(until)

    def _pass(self, moment: datetime) -> None:
        self.time = max(self.time, moment)
        self.clock.moment = self.time + self.skew

    def spawn(self, process: Process, work: Callable[[], None]) -> None:
        """Run `work` in a process, as a greenlet of its own."""

        def body() -> None:
            try:
                work()
            except Crash:
                self.note(process.name, "dies")
            finally:
                process.running.remove(me)
                self._owners.pop(me, None)

        me = greenlet.greenlet(body, self._hub)
        process.running.append(me)
        self._owners[me] = process
        me.switch()

    def kill(self, process: Process, *, but: object = None) -> None:
        """All that runs in the process ends where it stands; it is down for a while."""
        process.down_until = self.time + timedelta(seconds=self.chance.choice((2, 30, 900, 4000)))
        for each in list(process.running):
            if each is not but and not each.dead:
                each.parent = greenlet.getcurrent()  # when it has ended, we go on here
                each.throw(Crash)

    def is_down(self, process: Process) -> bool:
        """Whether nobody answers there."""
        return process.down_until is not None and self.time < process.down_until

    def edge(self, crash: Fault | None, *, may_switch: bool = True) -> None:
        """A point at which the process can die, stand still, or be overtaken."""
        me = greenlet.getcurrent()
        owner = self._owners.get(me)
        if owner is None:
            return
        if crash and self.weather.strikes(crash):
            self.die()
        if not may_switch or self.locked:
            return
        if self.weather.strikes(Fault.STALL):
            self._give_way(me, timedelta(seconds=self.chance.choice((20, 70, 300))))
        elif self.weather.strikes(Fault.SWITCH):
            self._give_way(me, timedelta(milliseconds=self.chance.randint(0, 1500)))

    def strikes_process(self, crash: Fault) -> bool:
        """Whether `crash` happens now; never outside a process."""
        return greenlet.getcurrent() in self._owners and self.weather.strikes(crash)

    def die(self) -> None:
        """The process that runs now is gone."""
        me = greenlet.getcurrent()
        self.kill(self._owners[me], but=me)
        raise Crash

    def _give_way(self, me: greenlet.greenlet, after: timedelta) -> None:
        self.later(after, lambda: None if me.dead else me.switch())
        self._hub.switch()


class SimulatedDatabase(Database):
    """The real database, whose transactions are the edges at which things go wrong."""

    world: World | None = None

    def __init__(self, url: str, keyring: Keyring) -> None:
        super().__init__(url, keyring)
        event.listen(self.engine, "before_cursor_execute", self._before_statement)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A transaction that may be refused, fail, or be the last thing its process does."""
        world = self.world
        if world is None:
            with super().transaction() as session:
                yield session
            return
        world.edge(None)
        if world.weather.strikes(Fault.DATABASE_REFUSES):
            raise _database_error()
        world.locked = True
        try:
            with super().transaction() as session:
                yield session
                world.edge(Fault.CRASH_BEFORE_COMMIT, may_switch=False)
                if world.weather.strikes(Fault.COMMIT_FAILS):
                    raise _database_error()
        finally:
            world.locked = False
        world.commits += 1
        world.edge(Fault.CRASH_AFTER_COMMIT, may_switch=False)
        if world.weather.strikes(Fault.COMMIT_UNHEARD):
            raise _database_error()

    def _before_statement(
        self, _connection: Any, _cursor: Any, statement: str, *_more: Any
    ) -> None:
        world = self.world
        if world is None or not world.locked or statement.startswith(("RELEASE", "ROLLBACK")):
            return  # where leaving a savepoint fails, the connection is gone: that is COMMIT_FAILS
        if world.weather.strikes(Fault.STATEMENT_FAILS):
            raise _database_error()


class SimulatedSpool(Spool):
    """The real spool on a disk that may be full, written by a process that may die half way."""

    world: World | None = None

    def keep(self, key: str, content: dict[str, Any], at: datetime) -> None:
        """Keep an entry; the process may die before and after."""
        if self.world is None:
            super().keep(key, content, at)
            return
        self.world.edge(Fault.CRASH_BEFORE_CALL, may_switch=False)
        super().keep(key, content, at)
        self.world.edge(Fault.CRASH_AFTER_CALL, may_switch=False)

    def done(self, path: Path) -> None:
        """Delete an entry; the process may die before."""
        if self.world is not None:
            self.world.edge(Fault.CRASH_BEFORE_CALL)
        super().done(path)

    def _write(self, path: Path, sealed: bytes) -> None:
        if self.world is not None and self.world.weather.strikes(Fault.DISK_FULL):
            raise OSError(errno.ENOSPC, "no space left")
        if self.world is not None and self.world.strikes_process(Fault.CRASH_ON_DISK):
            path.with_name(path.name + UNFINISHED).write_bytes(sealed[: len(sealed) // 2])
            self.world.die()
        super()._write(path, sealed)


def _database_error() -> OperationalError:
    return OperationalError("simulated", {}, Exception("the database is away"))
