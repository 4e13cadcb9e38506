"""A quick look into a run's database, past the service: is there anything to do, and when?"""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property

import psycopg
from sqlalchemy import URL

NEEDS = {
    "fetch recordings": "SELECT 1 FROM recordings",
    "settle a restore": "SELECT 1 FROM restores WHERE released_at IS NULL",
    "queue due tips": "SELECT 1 FROM due_steps WHERE state = 'scheduled' AND due_at <= :now",
    "turn the week": "SELECT 1 FROM report_requests",
    "tell of reports": "SELECT 1 FROM report_requests",
    "climb the ladders": "SELECT 1 FROM alerts WHERE due_at <= :now",
    "send what is due": (
        "SELECT 1 FROM outbound_messages WHERE state = 'queued' AND not_before <= :now"
    ),
    "tell the other channels": "SELECT 1 FROM posts WHERE told_at IS NULL AND next_try <= :now",
    "settle what is in doubt": (
        "SELECT 1 FROM outbound_messages"
        " WHERE state IN ('sending', 'unknown') AND lease_until <= :now"
    ),
    "re-time late tips": (
        "SELECT 1 FROM outbound_messages WHERE state = 'held' AND created_at <= :now"
    ),
    "seal the history": "SELECT 1 FROM history WHERE place IS NULL",
    "try failed events": "SELECT 1 FROM events WHERE state = 'failed' AND received_at <= :now",
    "end silent dialogs": "SELECT 1 FROM dialogs WHERE asked_at <= :now",
    "raise unheard voicemails": "SELECT 1 FROM recordings",
}
"""Jobs that do nothing when their query (with the service's time) finds nothing."""

DUE = """
    SELECT min(not_before) FROM outbound_messages WHERE state = 'queued' UNION ALL
    SELECT min(lease_until) FROM outbound_messages WHERE lease_until IS NOT NULL UNION ALL
    SELECT min(due_at) FROM due_steps WHERE state = 'scheduled'
"""


class Look:
    """Reads what is committed; costs some twenty microseconds in a file, a hundred in PostgreSQL."""

    def __init__(self, url: URL) -> None:
        self._url = url

    @cached_property
    def _connection(self) -> sqlite3.Connection | psycopg.Connection:
        if self._url.get_backend_name() == "sqlite":
            return sqlite3.connect(str(self._url.database), isolation_level=None)
        plain = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(plain, autocommit=True)

    def finds(self, job: str, now: datetime) -> bool:
        """Whether `job` may have anything to do."""
        if job not in NEEDS:
            return True
        if isinstance(self._connection, sqlite3.Connection):
            found = self._connection.execute(NEEDS[job] + " LIMIT 1", {"now": _stored(now)})
            return found.fetchone() is not None
        query = NEEDS[job].replace(":now", "%(now)s") + " LIMIT 1"
        return self._connection.execute(query.encode(), {"now": now}).fetchone() is not None

    def due(self) -> Iterator[datetime]:
        """When the next things are due, of each kind, in a file."""
        for (moment,) in self._connection.execute(DUE).fetchall():
            if moment:
                yield datetime.fromisoformat(moment).replace(tzinfo=UTC)

    def close(self) -> None:
        """Let go of the database."""
        if "_connection" in self.__dict__:
            self._connection.close()


def _stored(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
