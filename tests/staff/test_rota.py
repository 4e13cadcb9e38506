"""Who is on duty at a moment, and when nobody is."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from service.staff.rota import Gap, Shift, gaps, on_duty

VIRGINIA = ZoneInfo("America/New_York")
KIM, SAM, JO = 1, 2, 3
DAY = [Shift(JO, KIM, time(8), time(17), weekday=day) for day in range(7)]
NIGHT = [Shift(KIM, SAM, time(17), time(8), weekday=day) for day in range(7)]


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of the clinic's local time in November 2026; the 30th is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=VIRGINIA).astimezone(UTC)


def who(rota: list[Shift], moment: datetime) -> list[int]:
    return [shift.staff_id for shift in on_duty(rota, moment, VIRGINIA)]


def test_a_night_belongs_to_the_day_on_which_it_began() -> None:
    friday_night = [Shift(SAM, None, time(17), time(8), weekday=4)]
    assert who(friday_night, at(27, 23)) == [SAM]
    assert who(friday_night, at(28, 7, 59)) == [SAM]
    assert who(friday_night, at(28, 8)) == []


def test_midnight_to_midnight_is_the_whole_day() -> None:
    monday = [Shift(SAM, None, time(0), time(0), weekday=0)]
    assert who(monday, at(30, 0)) == who(monday, at(30, 23, 59)) == [SAM]
    assert who(monday, at(29, 23, 59)) == []


def test_a_date_replaces_that_weekdays_lines_and_no_others() -> None:
    thanksgiving = Shift(SAM, None, time(0), time(0), on_date=date(2026, 11, 26))
    rota = [*DAY, *NIGHT, thanksgiving]
    assert who(rota, at(26, 9)) == [SAM]
    assert who(rota, at(27, 9)) == [JO]
    assert who(rota, at(26, 2)) == [SAM, KIM]  # Wednesday's night goes on until eight


def test_a_full_rota_has_no_gap_also_when_the_clocks_change() -> None:
    for day in (datetime(2026, 10, 30, 12, tzinfo=UTC), datetime(2027, 3, 12, 12, tzinfo=UTC)):
        assert gaps([*DAY, *NIGHT], day, VIRGINIA) == []


def test_gaps_are_named_from_now_on() -> None:
    weekdays = [shift for shift in [*DAY, *NIGHT] if shift.weekday != 6]
    (gap,) = gaps(weekdays, at(27, 12), VIRGINIA)
    assert gap == Gap(datetime(2026, 11, 29, 8), datetime(2026, 11, 30, 8))


def test_an_empty_rota_is_one_gap() -> None:
    (gap,) = gaps([], at(27, 12), VIRGINIA)
    assert (gap.begins, gap.ends) == (datetime(2026, 11, 27, 12), datetime(2026, 12, 4, 12))


times = st.times().map(lambda each: each.replace(second=0, microsecond=0))
lines = st.builds(
    Shift,
    staff_id=st.sampled_from((KIM, SAM)),
    backup_id=st.none(),
    starts=times,
    ends=times,
    weekday=st.integers(0, 6),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(lines, max_size=6), st.integers(0, 7 * 24 * 60 - 1))
def test_a_moment_lies_in_a_gap_exactly_when_nobody_is_on_duty(
    rota: list[Shift], minutes: int
) -> None:
    start = datetime(2026, 11, 23, 5, tzinfo=UTC)  # no change of the clocks in this week
    moment = datetime.fromtimestamp(start.timestamp() + minutes * 60, UTC)
    local = moment.astimezone(VIRGINIA).replace(tzinfo=None)
    inside = any(gap.begins <= local < gap.ends for gap in gaps(rota, start, VIRGINIA))
    assert inside == (not on_duty(rota, moment, VIRGINIA))
