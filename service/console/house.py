"""What the console is made of, handed in by whoever mounts it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from service.clock import Clock
from service.conversation.receive import Conversation
from service.db import Database


@dataclass(frozen=True, slots=True)
class ConsoleHouse:
    """Parts and settings of the console.

    `clock` says what time it is for patients; `wall` for sessions and links, and is never moved, or a
    week watched in a minute would sign everybody out. `on_flags_cleared` runs in the transaction that
    closed a thread's last urgent or emergency item; `replay` handles a failed event again in a
    transaction of its own and says whether that went well. `line` is what staff speak through.
    """

    database: Database
    clock: Clock
    wall: Clock
    public_url: str
    clinic: str
    zone: ZoneInfo
    on_flags_cleared: Callable[[Session, int, datetime], None]
    replay: Callable[[int], bool]
    line: Conversation
    trusts_links: bool  # simulated: a one-time link is enough, and no second factor is asked for
