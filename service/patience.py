"""How long we wait for PostgreSQL: a server that stands still must not make us stand still.

Its own statement_timeout is kept by the server, so it ends nothing when the server itself is frozen or
its machine is gone. Therefore every round trip is bounded on our side too: generously for the worker and
the commands, tightly for whoever has somebody waiting (`hurried`). A connection that was given up is
closed, so that nothing can be read from it out of step, and what it had begun is rolled back.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

LONGEST = 45.0
"""Seconds for one round trip; the server itself ends a statement after 30."""

CONNECT_SECONDS, HURRIED_CONNECT_SECONDS = 5, 2
"""libpq takes less than two seconds for two."""


@dataclass
class _Hurry:
    seconds: float
    deadline: float  # on the monotonic clock
    spent: bool = False


_hurry: ContextVar[_Hurry | None] = ContextVar("hurry", default=None)


@contextmanager
def hurried(seconds: float = 1.0, in_all: float = 3.0) -> Iterator[None]:
    """Within the block wait `seconds` at most for one round trip, and `in_all` for all of them.

    Then psycopg's OperationalError ends it; after that nothing more is tried within the block.
    """
    token = _hurry.set(_Hurry(seconds, time.monotonic() + in_all))
    try:
        yield
    finally:
        _hurry.reset(token)


class PatientConnection(psycopg.Connection[Any]):
    """A connection whose every wait ends."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for one round trip; the connection is closed when it takes too long."""
        try:
            return super().wait(gen, interval, _limit() if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                _spend()
                self.pgconn.finish()
            raise


def connect(*args: Any, **parameters: Any) -> PatientConnection:
    """Connect as psycopg does, within the time there is."""
    hurry = _hurry.get()
    if hurry and (hurry.spent or time.monotonic() > hurry.deadline):
        raise psycopg.OperationalError("the database did not answer in time")
    limit = HURRIED_CONNECT_SECONDS if hurry else CONNECT_SECONDS
    try:
        return PatientConnection.connect(*args, **parameters | {"connect_timeout": limit})
    except psycopg.OperationalError:
        _spend()
        raise


def _limit() -> float:
    hurry = _hurry.get()
    if hurry is None:
        return LONGEST
    left = hurry.deadline - time.monotonic()
    return max(0.01, min(hurry.seconds, left))


def _spend() -> None:
    if hurry := _hurry.get():
        hurry.spent = True
