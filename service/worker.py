"""The timetable. APScheduler only ticks: what is due is a row with a time on it.

Jobs live in memory, catch up in one run when late (`coalesce`, no misfire limit: its default of one
second drops a late tick) and never overlap themselves. Every job is harmless when run twice.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from service.conversation.alerting import climb_ladders, tell_digest
from service.conversation.missed import take_in_missed
from service.conversation.outcomes import end_silent_dialogs
from service.conversation.receive import replay_failed
from service.conversation.recordings import fetch_due, import_missed, raise_unheard
from service.conversation.report_news import tell_news, turn_week
from service.drip.tick import queue_due_steps, release_held_tips
from service.errors import where
from service.heartbeat import HEARTBEAT, beat
from service.history import SEALS, seal
from service.house import House
from service.line.parse_voice import parse_event
from service.outbox.posts import tell_posts
from service.outbox.reconcile import reconcile
from service.outbox.restored import settle_restore
from service.outbox.send import send_due

log = logging.getLogger(__name__)

SEND = "send what is due"
CLIMB = "climb the ladders"


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the timetable."""

    name: str
    every: timedelta
    run: Callable[[], object]


def timetable(house: House) -> list[Job]:
    """Everything that happens by itself."""
    return [*_fetching(house), *_sending(house), *_minding(house)]


def _fetching(house: House) -> list[Job]:
    """What the carrier has for us that no webhook brought."""
    line = house.conversation

    def take_in_from_the_list() -> None:
        if (
            house.spool.is_empty()
        ):  # what waits there comes first: it tells what was answered already
            take_in_missed(line, house.inbox)

    return [
        Job("take in what waits on disk", timedelta(seconds=5), house.doorstep.take_in),
        Job("take in what was missed", timedelta(minutes=5), take_in_from_the_list),
        Job("fetch recordings", timedelta(seconds=5), lambda: fetch_due(line, house.files)),
        Job(
            "import missed voicemails",
            timedelta(minutes=5),
            lambda: import_missed(line, house.files),
        ),
    ]


def _sending(house: House) -> list[Job]:
    """What leaves, in the order in which one round has to do it."""
    line, outbox = house.conversation, house.outbox
    return [
        Job("settle a restore", timedelta(seconds=15), lambda: settle_restore(outbox)),
        Job("queue due tips", timedelta(seconds=5), lambda: queue_due_steps(house.drip)),
        Job("turn the week", timedelta(minutes=1), lambda: turn_week(line)),
        Job("tell of reports", timedelta(seconds=15), lambda: tell_news(line)),
        Job("tell the morning's digest", timedelta(minutes=1), lambda: tell_digest(line)),
        Job(CLIMB, timedelta(seconds=1), lambda: climb_ladders(line)),
        Job(SEND, timedelta(seconds=1), lambda: send_due(outbox)),
        Job(
            "tell the other channels",
            timedelta(seconds=5),
            lambda: tell_posts(house.database, house.clock, house.channels.tell),
        ),
        Job("settle what is in doubt", timedelta(seconds=15), lambda: reconcile(outbox)),
        Job("re-time late tips", timedelta(minutes=5), lambda: release_held_tips(house.drip)),
    ]


def _minding(house: House) -> list[Job]:
    """What must not be forgotten."""
    line = house.conversation

    def heartbeat() -> None:
        with house.database.transaction() as session:
            beat(session, HEARTBEAT, house.clock.now())

    key = house.database.keyring.derive(SEALS)

    def seal_history() -> None:
        with house.database.transaction() as session:
            seal(session, key)

    return [
        Job("seal the history", timedelta(minutes=1), seal_history),
        Job("try failed events", timedelta(minutes=1), lambda: replay_failed(line, parse_event)),
        Job("end silent dialogs", timedelta(minutes=1), lambda: end_silent_dialogs(line)),
        Job("raise unheard voicemails", timedelta(minutes=1), lambda: raise_unheard(line)),
        Job(HEARTBEAT, timedelta(seconds=10), heartbeat),
    ]


def start_worker(house: House) -> BackgroundScheduler:
    """Start ticking in background threads; `shutdown()` on what is returned ends it."""
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(3)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for job in timetable(house):
        scheduler.add_job(
            _guarded,
            "interval",
            args=[job],
            id=job.name,
            seconds=job.every.total_seconds(),
            next_run_time=_immediately(),
        )
    scheduler.start()

    def wake() -> None:
        for name in (HEARTBEAT, CLIMB, "queue due tips", SEND):
            scheduler.modify_job(name, next_run_time=_immediately())

    house.wake.by(wake)
    return scheduler


def _guarded(job: Job) -> None:
    """The worker's outermost loop: a job that fails is told of, and the next tick tries again."""
    try:
        job.run()
    except Exception as error:  # noqa: BLE001
        log.error("job %r failed: %s", job.name, where(error))


def _immediately() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  APScheduler's own time, not the service's
