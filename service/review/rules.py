"""What a review item can be, how it moves, and when it is due. Pure."""

from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import get_args

from service.content_clinic import Clinic, Weekday
from service.triage.rules import Level


class Kind(StrEnum):
    """Why a person must look."""

    RED_FLAG = "red_flag"
    UNCLEAR_REPLY = "unclear_reply"
    QUESTION = "question"  # answered from the frequently asked ones; a person reads it too
    CALL_BACK = "call_back"
    OPT_OUT_IN_WORDS = "opt_out_in_words"
    HALF_REQUEST = "half_request"  # a report dialog that fell silent
    REPORT_HELD = "report_held"  # a confirmed report request that a person must look at first
    VOICEMAIL = "voicemail"
    FAILED_EVENT = "failed_event"
    FAILED_SEND = "failed_send"
    UNKNOWN_SEND = "unknown_send"
    MISCONFIGURED = "misconfigured"  # the carrier refuses what we send because of our own set-up
    GAP = "gap"  # texts did not reach us in time and were fetched afterwards


class State(StrEnum):
    """`claimed` means that somebody is at it."""

    OPEN = "open"
    CLAIMED = "claimed"
    CLOSED = "closed"


class Outcome(StrEnum):
    """What came of it; nothing closes without one."""

    REACHED_ADVISED = "reached_and_advised"
    SENT_TO_EMERGENCY = "sent_to_emergency_care"
    VOICEMAIL_LEFT = "voicemail_left"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"
    DECLINED = "declined"
    ANSWERED_BY_TEXT = "answered_by_text"
    HANDLED = "handled"
    NOTHING_NEEDED = "nothing_needed"


FLAGGING = (Level.URGENT, Level.EMERGENCY)
"""Levels that stop the program until a person has closed the item."""


class Snooze(StrEnum):
    """How long something without hurry may be put off."""

    HOUR = "hour"
    FOUR_HOURS = "four_hours"
    TOMORROW = "tomorrow"
    WEEK = "week"


SNOOZABLE = tuple(level for level in Level if level not in FLAGGING)
"""A flag is never put off: somebody may be in danger. It is handed over, or handed back."""


def wake_at(choice: Snooze, now: datetime, clinic: Clinic) -> datetime:
    """When something that is put off now comes back, in UTC; days later at nine by the clinic's clock."""
    match choice:
        case Snooze.HOUR:
            return now + timedelta(hours=1)
        case Snooze.FOUR_HOURS:
            return now + timedelta(hours=4)
    days = 1 if choice is Snooze.TOMORROW else 7
    day = now.astimezone(clinic.zone).date() + timedelta(days=days)
    return datetime.combine(day, time(9), clinic.zone).astimezone(UTC)


WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


def due_at(level: Level, opened_at: datetime, clinic: Clinic) -> datetime:
    """When somebody must have looked, in UTC: minutes for what is pressing, the end of the next
    business day for the rest (`[due]`, `[hours]` and `holidays` in clinic.toml).
    """
    match level:
        case Level.EMERGENCY:
            return opened_at + timedelta(minutes=clinic.due.emergency_minutes)
        case Level.URGENT:
            return opened_at + timedelta(minutes=clinic.due.urgent_minutes)
    day = opened_at.astimezone(clinic.zone)
    for _ in range(30):
        day += timedelta(days=1)
        hours = clinic.hours.get(WEEKDAYS[day.weekday()])
        if hours and day.date() not in clinic.holidays:
            return datetime.combine(day.date(), hours.close, clinic.zone).astimezone(UTC)
    return opened_at + timedelta(days=30)  # a clinic that never opens
