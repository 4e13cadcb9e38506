"""The simulated carrier's memory: phones, texts, calls, and what was refused. Lost when the process ends."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from service.clock import Clock
from service.simulator.records import Call, Kind, Message, Phone, Recording, Refusal, new_sid


def cast() -> list[Phone]:
    """The three invented people whose phones a demonstration starts with."""
    return [
        Phone("+18045550142", "Helen Marsh"),
        Phone("+18045550177", "Rosa Medina", lang="es"),
        Phone("+18045550133", "Walter Boyd", kind=Kind.LANDLINE),
    ]


@dataclass
class Ledger:
    """Kept under one lock: read and written inside `change()` or `reading()`, from any thread."""

    clock: Clock
    phones: dict[str, Phone] = field(default_factory=lambda: {p.number: p for p in cast()})
    messages: dict[str, Message] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)
    recordings: dict[str, Recording] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    version: int = 0  # grows with every change, so that a page can ask whether there is news
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    @contextmanager
    def change(self) -> Iterator[None]:
        """Hold the lock, and count a change."""
        with self._lock:
            try:
                yield
            finally:
                self.version += 1

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold the lock."""
        with self._lock:
            yield

    def phone_at(self, number: str) -> Phone:
        """The phone with this number. Whoever is texted or rung first gets one, so that the page shows
        every end of the line."""
        return self.phones.setdefault(number, Phone(number, f"Phone {number[-4:]}"))

    def keep(self, prefix: str, **facts: Any) -> Message:
        """Write down a text of now, with an identifier that begins with `prefix`."""
        now = self.clock.now()
        message = Message(sid=new_sid(prefix), created=now, updated=now, **facts)
        self.messages[message.sid] = message
        return message

    def refuse(self, to: str, code: int, reason: str) -> None:
        """Write down a text that was not taken."""
        self.refusals.append(Refusal(to, code, reason, self.clock.now()))
