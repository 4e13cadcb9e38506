"""Figures for Prometheus: counts and ages of what waits. No names, numbers, words or ids."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import InterfaceError, OperationalError

from service.clock import Clock
from service.conversation.models import Event, EventState
from service.db import Database
from service.errors import where
from service.heartbeat import JobRun
from service.outbox.models import OutboundMessage
from service.outbox.rules import UNSETTLED
from service.patience import hurried
from service.review.models import ReviewItem
from service.review.rules import State as ReviewState
from service.spool import Spool

log = logging.getLogger(__name__)


class Waiting(Collector):
    """Reads the figures from the database when they are asked for."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One query a figure, each over a partial index; nothing while the database is away."""
        try:
            yield from self._collect()
        except (OperationalError, InterfaceError) as error:
            log.error("figures without the database: %s", where(error))

    def _collect(self) -> Iterator[GaugeMetricFamily]:
        now = self._clock.now()
        with hurried(), self._database.reading() as session:
            flags = session.execute(
                select(ReviewItem.level, func.count(ReviewItem.id))
                .where(ReviewItem.state != ReviewState.CLOSED)
                .group_by(ReviewItem.level)
            ).all()
            messages = session.execute(
                select(OutboundMessage.state, func.count(OutboundMessage.id))
                .where(OutboundMessage.state.in_(UNSETTLED))
                .group_by(OutboundMessage.state)
            ).all()
            failed = select(func.count(Event.id)).where(Event.state == EventState.FAILED)
            failed_events = session.scalar(failed) or 0
            beats = session.execute(select(JobRun.name, JobRun.finished_at)).all()
        ages = [(name, (now - at).total_seconds()) for name, at in beats]
        yield _gauge("review_items_open", "Open review items.", "level", flags)
        yield _gauge("messages_unsettled", "Texts whose fate is open.", "state", messages)
        yield GaugeMetricFamily("backtalk_events_failed", "Events to be replayed.", failed_events)
        yield _gauge("job_age_seconds", "Since the last good run.", "job", ages)


class OnDisk(Collector):
    """What waits on disk because the database is away, and what could not be read there."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Two looks into a folder; the database is not asked."""
        waiting, aside = len(self._spool.waiting()), len(self._spool.aside())
        yield GaugeMetricFamily("backtalk_spool_waiting", "Webhooks that wait on disk.", waiting)
        yield GaugeMetricFamily("backtalk_spool_aside", "Unreadable files set aside.", aside)


def create_registry(database: Database, clock: Clock, spool: Spool) -> CollectorRegistry:
    """A registry of its own for each application."""
    registry = CollectorRegistry()
    registry.register(OnDisk(spool))
    registry.register(Waiting(database, clock))
    return registry


def _gauge(name: str, says: str, label: str, rows: Iterable[Sequence[Any]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"backtalk_{name}", says, labels=[label])
    for value, count in rows:
        family.add_metric([value], count)
    return family
