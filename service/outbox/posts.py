"""Words to the clinic's other channels: a row each, told outside of any transaction, at least once."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from service.clock import Clock
from service.db import Database, insert_if_new
from service.outbox.models import Post
from service.outbox.rules import back_off

Tell = Callable[[str, str], bool]
"""Tells a title and a sentence to the other channels; whether all of them took it."""

PATIENCE = timedelta(hours=1)
"""Later than this an alert says nothing new: the ladder has told of it again."""

_WAITING = (
    select(Post)
    .where(
        Post.told_at.is_(None),
        Post.next_try <= bindparam("now"),
        Post.created_at > bindparam("since"),
    )
    .order_by(Post.next_try)
    .limit(1)
)


def post(session: Session, *, key: str, title: str, says: str, now: datetime) -> int | None:
    """Queue a few words, free of health data; None when `key` was used before."""
    return insert_if_new(
        session,
        Post,
        dedupe_key=key,
        title=title,
        says=says,
        created_at=now,
        next_try=now,
        attempts=0,
    )


def tell_posts(database: Database, clock: Clock, tell: Tell, most: int = 20) -> int:
    """Tell what waits, oldest first; how many were told. What fails is tried again for an hour."""
    with database.reading() as session:
        if session.scalar(_WAITING, _of(clock.now())) is None:
            return 0
    for told in range(most):
        claimed = _claim(database, clock.now())
        if claimed is None:
            return told
        if tell(claimed.title, claimed.says):
            with database.transaction() as session:
                session.get_one(Post, claimed.id).told_at = clock.now()
    return most


def _claim(database: Database, now: datetime) -> Post | None:
    """Take the next one: until its next try it is ours."""
    with database.transaction() as session:
        waiting = session.scalar(_WAITING.with_for_update(skip_locked=True), _of(now))
        if waiting is not None:
            waiting.attempts += 1
            waiting.next_try = now + timedelta(seconds=30) + back_off(waiting.attempts)
        return waiting


def _of(now: datetime) -> dict[str, datetime]:
    return {"now": now, "since": now - PATIENCE}
