"""When each job of the timetable last ran well: what readiness and the dead-man alarm look at."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from service.db import Base, changed

HEARTBEAT = "heartbeat"
"""The job by which the worker shows that it runs, every ten seconds."""

STALE = timedelta(seconds=60)


class JobRun(Base):
    """The last good run of one job."""

    __tablename__ = "job_runs"

    name: Mapped[str] = mapped_column(primary_key=True)
    finished_at: Mapped[datetime]


_BEAT = (
    update(JobRun)
    .where(JobRun.name == bindparam("job"))
    .values(finished_at=bindparam("now"))
    .execution_options(synchronize_session=False)
)
_LAST = select(JobRun.finished_at).where(JobRun.name == bindparam("job"))


def beat(session: Session, name: str, now: datetime) -> None:
    """Record that the job `name` has just finished well."""
    if not changed(session.execute(_BEAT, {"job": name, "now": now})):
        session.add(JobRun(name=name, finished_at=now))
        session.flush()


def last_beat(session: Session, name: str) -> datetime | None:
    """When the job `name` last finished well; None if it never did."""
    return session.scalar(_LAST, {"job": name})


def is_ticking(session: Session, now: datetime) -> bool:
    """Whether a worker has shown itself within the last minute."""
    last = last_beat(session, HEARTBEAT)
    return last is not None and now - last < STALE
