"""When a patient who was not reached is tried again. Pure.

The pauses are ours, shorter the more pressing it is; a clinician may set another time with each try.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from service.patients.rules import PermittedHours, next_permitted
from service.review.rules import Outcome
from service.triage.rules import Level

UNREACHED = (Outcome.VOICEMAIL_LEFT, Outcome.NO_ANSWER, Outcome.WRONG_NUMBER)
"""Outcomes that count a try and leave the patient on the list."""

REACHED = (Outcome.REACHED_ADVISED, Outcome.SENT_TO_EMERGENCY, Outcome.DECLINED)
"""Outcomes of a call that end what was open."""

PAUSES = {
    Level.EMERGENCY: (5, 10, 15, 30),
    Level.URGENT: (15, 30, 60, 120),
    Level.REVIEW: (120, 240, 24 * 60),
    Level.CLEAR: (24 * 60,),
}
"""Minutes after the first, second ... failed try; the last one repeats."""


def next_try(
    level: Level, tries: int, now: datetime, hours: PermittedHours, zone: ZoneInfo
) -> datetime:
    """When to try again after `tries` failed ones (1 or more); what can wait, only in permitted hours."""
    pauses = PAUSES[level]
    then = now + timedelta(minutes=pauses[min(tries, len(pauses)) - 1])
    if level in (Level.URGENT, Level.EMERGENCY):
        return then
    return next_permitted(then, hours, [zone])
