"""The figures of the dashboard: how fast flags are seen and rung, what raises them, what arrives."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.conversation.models import InboundMessage
from service.outbox.models import OutboundMessage
from service.outbox.rules import Kind, State
from service.review.models import Alert, CallBack, ReviewItem
from service.review.rules import FLAGGING
from service.triage.rules import UNREAD, Level

WEEKS = 12
DAYS = 30
MOST_SIGNS = 12

ARRIVED = (State.DELIVERED,)
ON_THE_WAY = (State.QUEUED, State.HELD, State.SENDING, State.UNKNOWN, State.ACCEPTED, State.SENT)


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast the flags of one level were dealt with in one week; minutes, None where there were none."""

    week: date
    flags: int
    seen: float | None  # median, from the flag to the first acknowledgement
    rung: float | None  # median, from the flag to the first call back
    unseen: int  # nobody has acknowledged them
    in_time: int  # acknowledged within the target


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of the texts and calls of one kind."""

    kind: Kind
    arrived: int
    on_the_way: int
    failed: int


def speeds(
    session: Session, level: Level, target: timedelta, now: datetime, zone: ZoneInfo
) -> list[Speed]:
    """The last twelve weeks of one level, oldest first; a week begins on Monday, local time."""
    weeks = [_monday(now, zone) - timedelta(weeks=back) for back in reversed(range(WEEKS))]
    flags: dict[date, list[tuple[float | None, float | None]]] = defaultdict(list)
    for opened, seen, rung in _flags(session, level, now - timedelta(weeks=WEEKS)):
        waited = [_minutes(at, opened) for at in (seen, rung)]
        flags[_monday(opened, zone)].append((waited[0], waited[1]))
    return [_speed(week, flags[week], target) for week in weeks]


def by_sign(session: Session, now: datetime) -> list[tuple[str, int]]:
    """How many flagged messages held each sign in the last twelve weeks, the most frequent first."""
    findings = session.scalars(
        select(InboundMessage.findings).where(
            InboundMessage.level.in_(FLAGGING),
            InboundMessage.received_at > now - timedelta(weeks=WEEKS),
        )
    )
    signs = Counter(sign for found in findings for sign in {each["sign"] for each in found})
    signs.pop(UNREAD, None)
    return signs.most_common(MOST_SIGNS)


def delivered(session: Session, now: datetime) -> list[Delivery]:
    """What became of what was sent to patients and staff in the last thirty days, by kind."""
    rows = session.execute(
        select(OutboundMessage.kind, OutboundMessage.state, func.count(OutboundMessage.id))
        .where(OutboundMessage.created_at > now - timedelta(days=DAYS))
        .group_by(OutboundMessage.kind, OutboundMessage.state)
    )
    counted: Counter[tuple[str, str]] = Counter()
    for kind, state, number in rows:
        counted[kind, state] += number
    return [each for kind in Kind if (each := _delivery(kind, counted)) is not None]


def _flags(
    session: Session, level: Level, since: datetime
) -> Iterator[tuple[datetime, datetime | None, datetime | None]]:
    """Each flag of a level: when it was raised, first acknowledged, and first rung back."""
    rung = (
        select(func.min(CallBack.at))
        .where(CallBack.thread_id == ReviewItem.thread_id, CallBack.at >= ReviewItem.opened_at)
        .scalar_subquery()
    )
    yield from session.execute(
        select(ReviewItem.opened_at, Alert.acknowledged_at, rung)
        .join(Alert, Alert.item_id == ReviewItem.id)
        .where(ReviewItem.level == level, ReviewItem.opened_at > since)
    )


def _speed(
    week: date, flags: Sequence[tuple[float | None, float | None]], target: timedelta
) -> Speed:
    seen = [minutes for minutes, _ in flags if minutes is not None]
    rung = [minutes for _, minutes in flags if minutes is not None]
    within = target.total_seconds() / 60
    return Speed(
        week=week,
        flags=len(flags),
        seen=round(median(seen), 1) if seen else None,
        rung=round(median(rung), 1) if rung else None,
        unseen=len(flags) - len(seen),
        in_time=sum(minutes <= within for minutes in seen),
    )


def _delivery(kind: Kind, counted: Mapping[tuple[str, str], int]) -> Delivery | None:
    of_kind = {state: count for (each, state), count in counted.items() if each == kind}
    if not of_kind:
        return None
    arrived = sum(of_kind.get(state, 0) for state in ARRIVED)
    on_the_way = sum(of_kind.get(state, 0) for state in ON_THE_WAY)
    return Delivery(kind, arrived, on_the_way, sum(of_kind.values()) - arrived - on_the_way)


def _minutes(at: datetime | None, since: datetime) -> float | None:
    return max(0.0, (at - since).total_seconds() / 60) if at is not None else None


def _monday(moment: datetime, zone: ZoneInfo) -> date:
    day = moment.astimezone(zone).date()
    return day - timedelta(days=day.weekday())
