"""When automated messages may leave: the patient's own zone, right to the minute on every day."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from service.patients.rules import PermittedHours, next_permitted, permitted_until

HOURS = PermittedHours(start=time(9), end=time(20), sunday_start=time(12))
ZONES = [
    ZoneInfo(f"America/{name}")
    for name in (
        "New_York", "Chicago", "Denver", "Phoenix", "Los_Angeles", "Anchorage", "Puerto_Rico",
        "Indiana/Indianapolis", "Kentucky/Louisville", "Boise", "Detroit", "North_Dakota/Center",
    )
] + [ZoneInfo("Pacific/Honolulu")]  # fmt: skip
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC))


def local(zone: str, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone)).astimezone(UTC)  # type: ignore[arg-type,misc]


def test_a_weekday_begins_at_nine_and_ends_at_eight_in_the_evening() -> None:
    zone = [ZoneInfo("America/New_York")]
    assert permitted_until(local("America/New_York", 2026, 11, 30, 8, 59), HOURS, zone) is None
    end = local("America/New_York", 2026, 11, 30, 20)
    assert permitted_until(local("America/New_York", 2026, 11, 30, 9), HOURS, zone) == end
    assert permitted_until(end, HOURS, zone) is None


def test_a_sunday_begins_at_noon() -> None:
    zone = [ZoneInfo("America/New_York")]
    sunday = local("America/New_York", 2026, 11, 29, 9, 30)
    assert next_permitted(sunday, HOURS, zone) == local("America/New_York", 2026, 11, 29, 12)


def test_a_number_and_an_address_in_two_zones_leave_the_hours_both_permit() -> None:
    both = [ZoneInfo("America/New_York"), ZoneInfo("America/Los_Angeles")]
    early = local("America/New_York", 2026, 11, 30, 10)
    assert next_permitted(early, HOURS, both) == local("America/Los_Angeles", 2026, 11, 30, 9)
    noon = local("America/Los_Angeles", 2026, 11, 30, 12)
    assert permitted_until(noon, HOURS, both) == local("America/New_York", 2026, 11, 30, 20)


@given(MOMENTS, st.sets(st.sampled_from(ZONES), min_size=1, max_size=2))
def test_the_next_permitted_moment_is_permitted_on_every_local_clock(
    moment: datetime, zones: set[ZoneInfo]
) -> None:
    found = next_permitted(moment, HOURS, zones)
    assert moment <= found <= moment + timedelta(days=2)
    for zone in zones:
        here = found.astimezone(zone)
        begins = 12 if here.weekday() == 6 else 9
        assert begins <= here.hour < 20


@given(MOMENTS, st.sampled_from(ZONES))
def test_no_minute_that_is_permitted_is_passed_over(moment: datetime, zone: ZoneInfo) -> None:
    found = next_permitted(moment, HOURS, [zone])
    before = found - timedelta(minutes=1)
    assert before < moment or permitted_until(before, HOURS, [zone]) is None


@given(MOMENTS, st.sampled_from(ZONES))
def test_what_is_handed_over_is_never_valid_beyond_the_hours(
    moment: datetime, zone: ZoneInfo
) -> None:
    until = permitted_until(moment, HOURS, [zone])
    if until is not None:
        last = (until - timedelta(seconds=1)).astimezone(zone)
        assert last.hour == 19
        assert last.date() == moment.astimezone(zone).date()
