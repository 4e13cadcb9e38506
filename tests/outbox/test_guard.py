"""The guard: what may leave, asked when a message is queued and again when it is sent."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.outbox.rules import (
    POLICIES,
    RANKS,
    Go,
    Hold,
    Kind,
    Limits,
    Recipient,
    Refuse,
    State,
    Wait,
    judge,
    moves,
)
from service.patients.rules import PermittedHours

EAST = ZoneInfo("America/New_York")
LIMITS = Limits(PermittedHours(time(9), time(20), time(12)), 1, 3, safety_after_opt_out=True)
TEN = datetime(2026, 11, 30, 10, tzinfo=EAST)  # a Monday
NIGHT = datetime(2026, 11, 30, 23, tzinfo=EAST)
MORNING = datetime(2026, 12, 1, 9, tzinfo=EAST)


def who(
    *,
    opted_out: bool = False,
    flagged: bool = False,
    textable: bool = True,
    tips: tuple[datetime, ...] = (),
) -> Recipient:
    return Recipient(opted_out, flagged, textable, [EAST], tips)


@pytest.mark.parametrize("kind", [Kind.REPLY, Kind.TIP, Kind.NOTICE, Kind.STAFF_REPLY, Kind.ADVICE])
def test_after_an_opt_out_nothing_leaves(kind: Kind) -> None:
    assert judge(kind, TEN, who(opted_out=True), LIMITS, TEN) == Refuse("opted out")


def test_safety_advice_in_an_emergency_leaves_even_after_an_opt_out_at_night() -> None:
    assert isinstance(judge(Kind.SAFETY, NIGHT, who(opted_out=True), LIMITS, NIGHT), Go)


def test_a_clinic_can_switch_safety_advice_after_an_opt_out_off() -> None:
    off = Limits(LIMITS.hours, 1, 3, safety_after_opt_out=False)
    assert judge(Kind.SAFETY, TEN, who(opted_out=True), off, TEN) == Refuse("opted out")


@pytest.mark.parametrize("kind", [Kind.REPLY, Kind.STAFF_REPLY, Kind.OPT_OUT_CONFIRMATION])
def test_what_is_no_answer_any_more_waits_for_the_morning(kind: Kind) -> None:
    asked = NIGHT - timedelta(hours=2)
    assert judge(kind, NIGHT, who(), LIMITS, NIGHT, asked) == Wait(MORNING)
    assert isinstance(judge(kind, TEN, who(), LIMITS, TEN, TEN - timedelta(hours=2)), Go)


@pytest.mark.parametrize("kind", [Kind.SAFETY, Kind.ADVICE, Kind.ALERT])
def test_advice_and_alerts_leave_at_night_however_late(kind: Kind) -> None:
    assert isinstance(judge(kind, NIGHT, who(), LIMITS, NIGHT, NIGHT - timedelta(hours=5)), Go)


def test_a_reply_leaves_at_night_and_a_tip_waits_for_the_morning() -> None:
    assert isinstance(judge(Kind.REPLY, NIGHT, who(), LIMITS, NIGHT), Go)
    assert judge(Kind.TIP, NIGHT, who(), LIMITS, NIGHT) == Wait(MORNING)


def test_a_tip_is_held_while_a_flag_is_open_and_when_more_than_a_day_late() -> None:
    assert isinstance(judge(Kind.TIP, TEN, who(flagged=True), LIMITS, TEN), Hold)
    assert isinstance(judge(Kind.TIP, TEN - timedelta(hours=25), who(), LIMITS, TEN), Hold)


def test_a_tip_may_not_be_delivered_after_the_permitted_hours() -> None:
    evening = datetime(2026, 11, 30, 19, 30, tzinfo=EAST)
    verdict = judge(Kind.TIP, evening, who(), LIMITS, evening)
    assert verdict == Go(datetime(2026, 11, 30, 20, tzinfo=EAST))


def test_a_landline_gets_no_text() -> None:
    assert isinstance(judge(Kind.REPLY, TEN, who(textable=False), LIMITS, TEN), Refuse)


@given(
    st.lists(st.integers(-7 * 24, 0), max_size=6),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
)
def test_never_more_than_one_tip_a_day_and_three_in_seven_days(
    hours_ago: list[int], now: datetime
) -> None:
    tips = tuple(now + timedelta(hours=hours) for hours in hours_ago)
    if isinstance(judge(Kind.TIP, now, who(tips=tips), LIMITS, now), Go):
        days = [tip.astimezone(EAST).date() for tip in tips]
        today = now.astimezone(EAST).date()
        assert today not in days
        assert sum(today - day < timedelta(days=7) for day in days) < 3


@given(st.lists(st.sampled_from(list(State)), min_size=1, max_size=8))
def test_receipts_in_any_order_end_in_the_furthest_state(states: list[State]) -> None:
    state = State.QUEUED
    for new in states:
        state = new if moves(state, new) else state
    assert RANKS[state] == max(RANKS[each] for each in [State.QUEUED, *states])


def test_every_kind_has_a_policy() -> None:
    assert set(POLICIES) == set(Kind)
