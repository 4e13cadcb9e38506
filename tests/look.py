"""A quick look into a run's database file, past the service: is there anything to do, and when?"""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

NEEDS = {
    "send what is due": "SELECT 1 FROM outbound_messages WHERE state = 'queued' AND not_before <= ?",
    "settle what is in doubt": (
        "SELECT 1 FROM outbound_messages WHERE state IN ('sending', 'unknown') AND lease_until <= ?"
    ),
    "queue due tips": "SELECT 1 FROM due_steps WHERE state = 'scheduled' AND due_at <= ?",
    "re-time late tips": "SELECT 1 FROM outbound_messages WHERE state = 'held' AND created_at <= ?",
    "climb the ladders": "SELECT 1 FROM alerts WHERE due_at <= ?",
    "tell the other channels": "SELECT 1 FROM posts WHERE told_at IS NULL AND next_try <= ?",
    "end silent dialogs": "SELECT 1 FROM dialogs WHERE asked_at <= ?",
    "try failed events": "SELECT 1 FROM events WHERE state = 'failed' AND received_at <= ?",
}
"""Jobs that do nothing when their query (with the service's time) finds nothing."""

DUE = """
    SELECT min(not_before) FROM outbound_messages WHERE state = 'queued' UNION ALL
    SELECT min(lease_until) FROM outbound_messages UNION ALL
    SELECT min(due_at) FROM due_steps WHERE state = 'scheduled'
"""


class Look:
    """Reads what is committed; costs some twenty microseconds."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)

    def finds(self, job: str, now: datetime) -> bool:
        """Whether `job` may have anything to do."""
        if job not in NEEDS:
            return True
        found = self._connection.execute(NEEDS[job] + " LIMIT 1", (_stored(now),))
        return found.fetchone() is not None

    def due(self) -> Iterator[datetime]:
        """When the next things are due, of each kind."""
        for (moment,) in self._connection.execute(DUE).fetchall():
            if moment:
                yield datetime.fromisoformat(moment).replace(tzinfo=UTC)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def _stored(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
