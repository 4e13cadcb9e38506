"""The sender's pace: carriers take only so much from one number in a minute, and in a day.

What they do not take at once waits in Twilio's queue, ten hours long and in the order in which it came:
there a tip would stand before the advice for an emergency, and no opt-out could hold it back any more. So
it waits here, where the most pressing leaves first. Of the day's last quarter tips take nothing.

Sources: Twilio, "Understanding Twilio rate limits and message queues" and errors 30022 and 30027: a
registered 10DLC number of a small clinic some 75 segments a minute with each carrier and 2,000 a day with
T-Mobile, whose day ends at midnight in the Pacific zone; a toll-free number 180 a minute.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from service.outbox.models import OutboundMessage
from service.outbox.rules import POLICIES, PRESSING, Kind, Limits

PACIFIC = ZoneInfo("America/Los_Angeles")
MINUTE = timedelta(minutes=1)

LEAST = POLICIES[Kind.TIP].priority
BUT_TIPS = POLICIES[Kind.NOTICE].priority

_LEFT = select(
    func.count(OutboundMessage.id).filter(OutboundMessage.handed_over_at > bindparam("minute")),
    func.count(OutboundMessage.id),
).where(
    OutboundMessage.handed_over_at.between(bindparam("day"), bindparam("now")),
    OutboundMessage.by_call.is_(False),
)


def least_pressing(session: Session, limits: Limits, now: datetime) -> int:
    """The highest priority number that may leave now, by what has left in this minute and this day."""
    day = now.astimezone(PACIFIC).replace(hour=0, minute=0, second=0, microsecond=0)
    lately = {"minute": now - MINUTE, "day": min(day, now - MINUTE), "now": now}
    in_minute, in_day = session.execute(_LEFT, lately).one()
    if in_minute >= limits.sender_per_minute or in_day >= limits.sender_per_day:
        return PRESSING
    return BUT_TIPS if in_day >= limits.sender_per_day * 3 // 4 else LEAST
