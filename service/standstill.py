"""The dead-man's alarm: the web process tells the clinic's other channels when the worker stands still.

The worker cannot tell of its own death, and the phones are rung by the worker; so this goes out by
apprise alone, once an outage, whichever web process sees it first.
"""

import logging
import threading
from datetime import UTC, datetime, timedelta

from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from service.clock import Clock
from service.db import changed
from service.errors import where
from service.heartbeat import HEARTBEAT, JobRun, last_beat
from service.house import House

log = logging.getLogger(__name__)

TOLD = "told of a standstill"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)

STILL = timedelta(seconds=90)
"""No beat for so long, of one every ten seconds, and the worker counts as stopped."""

EVERY = timedelta(seconds=15)


class Watch:
    """Looks at the heartbeat. It goes by whether the beat moves, so that a moved clock raises no alarm."""

    def __init__(self, house: House, wall: Clock) -> None:
        self._house = house
        self._wall = wall
        self._beat: datetime | None = None
        self._moved_at = wall.now()
        self._stop = threading.Event()

    def look(self) -> bool:
        """Look once; whether a standstill was told of just now."""
        with self._house.database.reading() as session:
            beat = last_beat(session, HEARTBEAT)
        now = self._wall.now()
        if beat != self._beat:
            self._beat, self._moved_at = beat, now
        if now - self._moved_at < STILL:
            return False
        return self._tell_once(beat or NEVER)

    def start(self) -> None:
        """Look every quarter of a minute, in a thread of its own, until `stop`."""
        threading.Thread(target=self._keep_looking, name="standstill", daemon=True).start()

    def stop(self) -> None:
        """End it."""
        self._stop.set()

    def _keep_looking(self) -> None:
        while not self._stop.wait(EVERY.total_seconds()):
            try:
                self.look()
            except SQLAlchemyError as error:
                log.error("the heartbeat could not be read: %s", where(error))

    def _tell_once(self, beat: datetime) -> bool:
        """The last beat names the outage: of all who see it, one tells."""
        if not self._claim(beat):
            return False
        log.error("the worker stands still")
        house = self._house
        clinic, zone = house.content.clinic, house.content.clinic.zone
        since = "the start" if beat == NEVER else f"{beat.astimezone(zone):%Y-%m-%d %H:%M}"
        says = house.content.reply(
            "worker_stopped",
            clinic.languages[0],
            since=since,
            link=f"{house.settings.public_url}/readyz",
        )
        if not house.channels.tell(f"{clinic.short_name} line: worker stopped", says):
            self._unclaim()
        return True

    def _claim(self, beat: datetime) -> bool:
        with self._house.database.transaction() as session:
            if session.get(JobRun, TOLD) is None:
                session.add(JobRun(name=TOLD, finished_at=beat))
                return True
            other = update(JobRun).where(JobRun.name == TOLD, JobRun.finished_at != beat)
            return bool(changed(session.execute(other.values(finished_at=beat))))

    def _unclaim(self) -> None:
        with self._house.database.transaction() as session:
            told = update(JobRun).where(JobRun.name == TOLD)
            session.execute(told.values(finished_at=NEVER - timedelta(days=1)))
