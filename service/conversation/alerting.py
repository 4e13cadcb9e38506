"""What the worker does so that nobody stays unseen: climb the ladders, and tell each morning what is open."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.conversation.receive import Conversation
from service.heartbeat import beat, last_beat
from service.outbox.enqueue import enqueue_to_staff
from service.outbox.posts import post
from service.review.climb import Telling, anything_due, climb_due
from service.review.models import ReviewItem
from service.review.rules import State
from service.staff.phones import PLACE, roster
from service.triage.rules import Level

DIGEST = "morning digest"

LATEST = timedelta(hours=2)
"""A digest later than this is no morning's."""


def climb_ladders(line: Conversation) -> int:
    """Tell whoever is next of every item that is due; how many items were told of."""
    telling = Telling(line.content, line.database.keyring, line.public_url)
    now = line.clock.now()
    with line.database.reading() as session:  # most ticks find nothing, and write nothing
        if not anything_due(session, now):
            return 0
    with line.database.transaction() as session:
        return climb_due(session, telling, now)


def tell_digest(line: Conversation) -> bool:
    """Once a day, from the hour of `[alerts] digest` on, tell what is open, if anything is."""
    now, clinic = line.clock.now(), line.content.clinic
    local = now.astimezone(clinic.zone)
    due = local.replace(
        hour=clinic.alerts.digest.hour, minute=clinic.alerts.digest.minute, second=0, microsecond=0
    )
    if now < due or now - due > LATEST:
        return False
    with line.database.transaction() as session:
        last = last_beat(session, DIGEST)
        if last is not None and last >= due:
            return False
        beat(session, DIGEST, now)
        return _tell(session, line, local.date().isoformat(), now)


def _tell(session: Session, line: Conversation, day: str, now: datetime) -> bool:
    counts = _open(session, now)
    if not any(counts.values()):
        return False
    content = line.content
    words = {name: str(count) for name, count in counts.items()}
    language, link = content.clinic.languages[0], f"{line.public_url}/console"
    body = content.reply("staff_digest", language, link=link, **words)
    clinic = content.clinic
    for phone in roster(session, clinic.alerts.numbers, now, clinic.zone).on_duty:
        whose = line.database.keyring.index(phone.number, PLACE).hex()[:12]
        enqueue_to_staff(session, key=f"digest:{day}:{whose}", to=phone.number, body=body, now=now)
    post(session, key=f"digest:{day}", title=f"{clinic.short_name} line", says=body, now=now)
    return True


def _open(session: Session, now: datetime) -> dict[str, int]:
    """How many items of each level are open, and how many of all are overdue."""
    rows = session.execute(
        select(ReviewItem.level, func.count(ReviewItem.id))
        .where(ReviewItem.state != State.CLOSED)
        .group_by(ReviewItem.level)
    )
    by_level = dict(rows.all())
    late = select(func.count(ReviewItem.id)).where(
        ReviewItem.state != State.CLOSED, ReviewItem.due_at <= now
    )
    counted = {
        level.value: by_level.get(level, 0)
        for level in (Level.EMERGENCY, Level.URGENT, Level.REVIEW)
    }
    return counted | {"overdue": session.scalar(late) or 0}
