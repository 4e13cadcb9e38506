"""A simulated week of a thousand flags with staff who are often absent: nobody stays unseen.

The real code on SQLite; only the outbox's sender is left out, since nothing depends on what it does.
"""

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from service.conversation.alerting import climb_ladders
from service.conversation.receive import Conversation
from service.review.acknowledge import acknowledge
from service.review.flag import flag
from service.review.models import Alert, AlertNotice
from service.review.resolve import close
from service.review.rules import Kind, Outcome
from service.triage.rules import Level
from tests.line import TestLine
from tests.review.clinic import Clinic

FLAGS, ALONE = 1000, 80
WEEK = timedelta(days=7)
LATE = timedelta(seconds=55)
BY_THEN = timedelta(minutes=15)
ANSWERS = 0.3
"""How often somebody who was told answers; in the nights nobody does."""


class Week:
    """The days as they pass: flags at random, people who answer some alerts and close what they took."""

    def __init__(self, line: Conversation, seed: int) -> None:
        self.line = line
        self.random = random.Random(seed)
        self.start = line.clock.now()
        self.clinic = line.content.clinic
        self.looked_at = 0

    def raised(self) -> list[datetime]:
        """When flags are raised: some alone, some in bursts."""
        spread = [self.random.random() * WEEK for _ in range(ALONE)]
        bursts = [self.random.random() * WEEK for _ in range(12)]
        burst = [
            self.random.choice(bursts) + timedelta(seconds=self.random.random() * 120)
            for _ in range(FLAGS - len(spread))
        ]
        return sorted(self.start + each for each in [*spread, *burst])

    def flag(self, number: int, now: datetime) -> None:
        """One more patient is in danger."""
        level = self.random.choice((Level.URGENT, Level.EMERGENCY))
        with self.line.database.transaction() as session:
            flag(session, subject=f"message:{number}", kind=Kind.RED_FLAG, level=level,
                 thread_id=None, now=now, clinic=self.clinic)  # fmt: skip

    def answer(self, now: datetime) -> None:
        """Those who are awake answer some of what they were just told, and deal with it."""
        awake = 8 <= now.astimezone(self.clinic.zone).hour < 21
        with self.line.database.transaction() as session:
            fresh = select(AlertNotice).where(AlertNotice.id > self.looked_at)
            for notice in session.scalars(fresh.order_by(AlertNotice.id)).all():
                self.looked_at = notice.id
                if not awake or self.random.random() > ANSWERS or notice.staff_id is None:
                    continue
                acknowledge(session, notice, self.clinic.alerts, how="text", now=now)
                if self.random.random() < 0.8:  # the rest is taken and forgotten
                    self._close(session, notice, now)

    def _close(self, session, notice: AlertNotice, now: datetime) -> None:  # type: ignore[no-untyped-def]
        mine = select(Alert.item_id).where(
            Alert.item_id.in_(notice.items), Alert.acknowledged_by == notice.staff_id
        )
        ids = list(session.scalars(mine))
        if ids:
            close(
                session,
                ids,
                staff_id=notice.staff_id or 0,
                outcome=Outcome.HANDLED,
                note="",
                now=now,
            )


def seldom_repeated(line: TestLine) -> None:
    """What comes after the last rung is not what this looks at, and takes most of the time."""
    content = line.house.content
    alerts = content.clinic.alerts.model_copy(update={"repeat_minutes": 90})
    clinic = content.clinic.model_copy(update={"alerts": alerts})
    content = content.model_copy(update={"clinic": clinic})
    line.house = replace(line.house, conversation=replace(line.house.conversation, content=content))


def live(line: TestLine, week: Week) -> None:
    """Let the week pass: to the next flag or the next rung that is due, whichever is first."""
    flags, conversation = week.raised(), line.house.conversation
    for number, at in enumerate(flags):
        climb_until(line, week, at)
        week.flag(number, at)
    climb_until(line, week, flags[-1] + timedelta(hours=1))
    assert climb_ladders(conversation) >= 0


def climb_until(line: TestLine, week: Week, end: datetime) -> None:
    """Look whenever something is due, up to a minute late, as a worker under load may be."""
    while True:
        with line.house.database.reading() as session:
            due = session.scalar(select(func.min(Alert.due_at)))
        if due is None or due + LATE >= end:
            return
        line.clock.moment = max(line.clock.moment, due + LATE)
        climb_ladders(line.house.conversation)
        week.answer(line.clock.moment)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_every_flag_is_acknowledged_or_on_the_last_rung_within_a_quarter_of_an_hour(
    line: TestLine,
) -> None:
    staff = Clinic(line, days=range(5)).ids.values()  # nobody is on duty at the week's end
    seldom_repeated(line)
    week = Week(line.house.conversation, seed=7)
    live(line, week)
    with line.house.database.reading() as session:
        alerts = session.scalars(select(Alert)).all()
        told = {
            (item, notice.at, notice.staff_id)
            for notice in session.scalars(select(AlertNotice))
            for item in notice.items
        }
    assert len(alerts) == FLAGS
    for alert in alerts:
        seen = [at for at in (alert.acknowledged_at, alert.last_rung_at) if at is not None]
        assert min(seen, default=alert.started_at + WEEK) - alert.started_at <= BY_THEN
        everyone = {(alert.item_id, alert.last_rung_at, one) for one in staff}
        assert alert.last_rung_at is None or everyone <= told
    climbed = sum(alert.last_rung_at is not None for alert in alerts)
    assert FLAGS * 0.2 < climbed < FLAGS * 0.8  # the week had both
