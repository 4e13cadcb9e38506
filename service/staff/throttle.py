"""Slow down whoever guesses passwords, and lock nobody out.

Five tries are free; after that each has to wait twice as long as the one before, fifteen minutes at most.
Tries are counted for the account over all browsers that never signed in with it, and for each browser that
did by itself: a stranger who guesses cannot slow the nurse on duty. Tries at many accounts are counted by
the address they come from, mildly, because a proxy in front gives everybody the same one. Links and
passkeys cannot be guessed and never wait.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from service.errors import BacktalkError
from service.staff.models import SignInTry

MEMORY = timedelta(hours=1)
FREE = 5
LONGEST_WAIT = timedelta(minutes=15)
FREE_BY_ADDRESS = 30
LONGEST_WAIT_BY_ADDRESS = timedelta(seconds=30)


class TooManyTries(BacktalkError):
    """Wait a while."""

    status = 429


@dataclass(frozen=True, slots=True)
class Count:
    """One thing that tries are counted by, as a keyed fingerprint."""

    key: bytes
    free: int = FREE
    longest: timedelta = LONGEST_WAIT


def wait_after(tries: int, count: Count) -> timedelta:
    """How long after the last of so many failed tries the next may be made."""
    if tries < count.free:
        return timedelta(0)
    return min(count.longest, timedelta(seconds=2 ** min(tries - count.free, 20)))


def begin_try(session: Session, counts: Sequence[Count], now: datetime) -> None:
    """Note a try before it is judged, so that many at once are all counted. TooManyTries: wait first."""
    session.execute(delete(SignInTry).where(SignInTry.at < now - MEMORY))
    waits = [_left(session, count, now) for count in counts]
    if (longest := max(waits)) > timedelta(0):
        raise _too_many(longest)
    session.execute(insert(SignInTry), [{"key": count.key, "at": now} for count in counts])


def forgive(session: Session, counts: Sequence[Count]) -> None:
    """It went well: forget the failed tries."""
    session.execute(delete(SignInTry).where(SignInTry.key.in_([count.key for count in counts])))


def _left(session: Session, count: Count, now: datetime) -> timedelta:
    seen = select(func.count(SignInTry.id), func.max(SignInTry.at)).where(
        SignInTry.key == count.key
    )
    tries, last = session.execute(seen).one()
    return last + wait_after(tries, count) - now if last else timedelta(0)


def _too_many(wait: timedelta) -> TooManyTries:
    seconds = int(wait.total_seconds()) + 1
    if seconds < 120:
        return TooManyTries(
            "Too many tries. Wait %(num)d second, then try again.",
            "Too many tries. Wait %(num)d seconds, then try again.",
            num=seconds,
        )
    return TooManyTries(
        "Too many tries. Wait %(num)d minute, then try again.",
        "Too many tries. Wait %(num)d minutes, then try again.",
        num=-(-seconds // 60),
    )
