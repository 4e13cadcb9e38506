"""Calls in the outbox: at most one is placed each second, and one nobody picks up is tried again later.

One a second is what the carrier places for an account (Twilio, "Calls per second"); more would wait
with the carrier, where no opt-out and no hour of the day could hold them back.
"""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service.db import changed
from service.heartbeat import JobRun

LAST_RING = "a call was placed"

BETWEEN = timedelta(seconds=1)


def may_ring(session: Session, now: datetime) -> bool:
    """Whether this second is still free, taking it; one winner among all processes."""
    free = update(JobRun).where(JobRun.name == LAST_RING, JobRun.finished_at <= now - BETWEEN)
    if changed(session.execute(free.values(finished_at=now))):
        return True
    if session.get(JobRun, LAST_RING) is not None:
        return False
    try:
        with session.begin_nested():
            session.add(JobRun(name=LAST_RING, finished_at=now))
    except IntegrityError:
        return False
    return True
