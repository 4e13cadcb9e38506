from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import pytest

from service.console import report_words, words
from service.outbox.rules import Kind as MessageKind
from service.outbox.rules import State as MessageState
from service.report_requests.rules import State as RequestState
from service.review.rules import Kind, Outcome
from service.staff.rules import Role
from service.triage.rules import Level

NOON = datetime(2026, 11, 30, 17, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        (words.LEVELS, Level),
        (words.KINDS, Kind),
        (words.OUTCOMES, Outcome),
        (words.ROLES, Role),
        (report_words.REQUESTS, RequestState),
        (words.MESSAGES, MessageKind),
        (words.STATES, MessageState),
    ],
)
def test_every_code_has_plain_words(said: Mapping[StrEnum, str], codes: type[StrEnum]) -> None:
    """A code without words would be an error 500 on the page of the patient it concerns."""
    assert set(said) == set(codes)
    assert all("_" not in word for word in said.values())


@pytest.mark.parametrize(
    ("delta", "said"),
    [
        (timedelta(seconds=59), "under a minute"),
        (timedelta(minutes=12), "12 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(hours=3, minutes=5), "3 h 5 min"),
        (timedelta(hours=30), "1 day"),
        (timedelta(days=2), "2 days"),
    ],
)
def test_spans(delta: timedelta, said: str) -> None:
    assert words.span(delta) == said


def test_due_times() -> None:
    assert words.due(NOON + timedelta(minutes=8), NOON) == "due in 8 min"
    assert words.due(NOON - timedelta(hours=2), NOON) == "overdue by 2 h"


def test_moments_are_local() -> None:
    virginia = ZoneInfo("America/New_York")
    assert words.moment(NOON, virginia) == "Nov 30, 12:05 pm"
    assert words.clock_time(NOON - timedelta(hours=12), virginia) == "12:05 am"
    assert words.day(NOON, virginia) == "Monday, November 30, 2026"


def test_delivery_in_plain_words() -> None:
    assert words.delivery(MessageState.DELIVERED, None, None) == "Arrived"
    assert words.delivery(MessageState.REFUSED, "opted out", None) == "Not sent: opted out"
    said = words.delivery(MessageState.UNDELIVERED, None, 30003)
    assert said == "Did not arrive: phone switched off or out of range"
    assert words.delivery(MessageState.FAILED, None, 99) == "Could not be sent: carrier’s code 99"
    waits = words.delivery(MessageState.QUEUED, None, 30003, tried=True)
    assert waits == "Phone switched off or out of range; we try again"
