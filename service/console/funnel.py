"""What each step of the program does: delivered, answered, flagged, opted out."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.content import Program
from service.drip.models import DueStep
from service.drip.rules import StepState
from service.outbox.models import OutboundMessage
from service.outbox.rules import Kind, State
from service.patients.models import Consent
from service.review.models import ReviewItem
from service.review.rules import Kind as ItemKind

LOOK_BACK = timedelta(days=365)

BROUGHT_ABOUT = timedelta(days=7)
"""A flag or an opt-out this long after a step is counted as brought about by it."""

MANY, TIMES = 3, 2


@dataclass(frozen=True, slots=True)
class Told:
    """The figures of one step."""

    number: int
    step: str
    sent: int
    delivered: int
    answered: int
    flagged: int
    left: int

    @property
    def leaving(self) -> float:
        """The share of those it was sent to who opted out."""
        return self.left / self.sent if self.sent else 0.0


def funnel(session: Session, program: Program, now: datetime) -> list[Told]:
    """The figures of each step over the last year."""
    since = now - LOOK_BACK
    steps = session.execute(
        select(
            DueStep.enrollment_id,
            DueStep.thread_id,
            DueStep.step,
            DueStep.queued_at,
            DueStep.answered_at,
        )
        .where(DueStep.state == StepState.QUEUED, DueStep.queued_at > since)
        .order_by(DueStep.queued_at)
    ).all()
    by_thread: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    for row in steps:
        if row.queued_at is not None:
            by_thread[row.thread_id].append((row.queued_at, row.step))
    delivered = Counter(_delivered(session, since))
    flagged = Counter(_brought_about(_flags(session, since), by_thread))
    left = Counter(_brought_about(_opt_outs(session, since), by_thread))
    sent = Counter(row.step for row in steps)
    answered = Counter(row.step for row in steps if row.answered_at)
    return [
        Told(number, step.id, sent[step.id], delivered[step.id], answered[step.id],
             flagged[step.id], left[step.id])
        for number, step in enumerate(program.steps, 1)
    ]  # fmt: skip


def makes_people_leave(figures: Iterable[Told]) -> list[Told]:
    """Steps after which at least three left, and twice as many of those reached as on average."""
    told = list(figures)
    sent, left = sum(each.sent for each in told), sum(each.left for each in told)
    average = left / sent if sent else 0.0
    return [each for each in told if each.left >= MANY and each.leaving >= TIMES * average]


def _delivered(session: Session, since: datetime) -> Iterator[str]:
    keys = select(OutboundMessage.dedupe_key).where(
        OutboundMessage.kind == Kind.TIP,
        OutboundMessage.state == State.DELIVERED,
        OutboundMessage.created_at > since,
        OutboundMessage.dedupe_key.startswith("drip:"),
    )
    for key in session.scalars(keys):
        yield key.rpartition(":")[2]


def _flags(session: Session, since: datetime) -> Iterator[tuple[int, datetime]]:
    flags = select(ReviewItem.thread_id, ReviewItem.opened_at).where(
        ReviewItem.kind == ItemKind.RED_FLAG,
        ReviewItem.opened_at > since,
        ReviewItem.thread_id.is_not(None),
    )
    for thread_id, at in session.execute(flags):
        if thread_id is not None:
            yield thread_id, at


def _opt_outs(session: Session, since: datetime) -> Iterator[tuple[int, datetime]]:
    gone = select(Consent.thread_id, Consent.at).where(
        Consent.granted.is_(False), Consent.at > since
    )
    yield from session.execute(gone)


def _brought_about(
    events: Iterable[tuple[int, datetime]], by_thread: dict[int, list[tuple[datetime, str]]]
) -> Iterator[str]:
    """The step that each event came after, if it came soon."""
    for thread_id, at in events:
        sent = by_thread.get(thread_id, [])
        place = bisect_right([moment for moment, _ in sent], at)
        if place and at - sent[place - 1][0] <= BROUGHT_ABOUT:
            yield sent[place - 1][1]
