"""The only place that reads the time. Everywhere else `now` is an argument, aware and in UTC."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Says what time it is, as an aware datetime in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class MovableClock:
    """Runs with `base`, ahead of it by as much as it was moved; it never goes back.

    For the simulated line, where a week is watched in a minute, and for tests.
    """

    def __init__(self, base: Clock) -> None:
        self._base = base
        self._ahead = timedelta()
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return self._base.now() + self._ahead

    def advance(self, delta: timedelta) -> None:
        """Move forward by `delta`; ValueError if it is negative."""
        if delta < timedelta():
            raise ValueError("the clock moves only forward")
        with self._lock:
            self._ahead += delta

    def advance_to(self, moment: datetime) -> None:
        """Move forward to `moment`; does nothing if that is already past."""
        with self._lock:
            self._ahead += max(moment - self.now(), timedelta())


class FixedClock:
    """Stands still until it is set; for tests and simulations."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment
