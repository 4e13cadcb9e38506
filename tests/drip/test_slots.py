"""At which minute a tip is due: in the patient's own slot, on any day of any year, in any zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from service.drip.rules import NORMAL, SLOWER, PartOfDay
from service.drip.slots import Calendar, Rhythm, first_slot, offset_of, slot, slot_after
from service.patients.rules import PermittedHours, permitted_until

HOURS = PermittedHours(time(9), time(20), time(12))
EVERY_DAY = frozenset(range(7))
HOUR = timedelta(hours=1)
EAST, WEST = ZoneInfo("America/New_York"), ZoneInfo("America/Los_Angeles")
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2037, 12, 1), timezones=st.just(UTC))
PLACES = st.sampled_from(
    [
        "America/New_York",
        "America/Phoenix",
        "Pacific/Honolulu",
        "America/Boise",
        "America/Anchorage",
    ]
).map(ZoneInfo)


def calendar(days: frozenset[int] = EVERY_DAY, *closed: date) -> Calendar:
    times = {PartOfDay.MORNING: time(10), PartOfDay.EVENING: time(17, 30)}
    return Calendar(HOURS, times, days, frozenset(closed), HOUR)


def rhythm(*where: ZoneInfo, part: PartOfDay = PartOfDay.MORNING, pace: int = NORMAL) -> Rhythm:
    return Rhythm(where or (EAST,), part, pace, timedelta(minutes=20))


def utc(zone: ZoneInfo, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=zone).astimezone(UTC)  # type: ignore[arg-type,misc]


@given(MOMENTS, PLACES, st.sampled_from(PartOfDay))
def test_a_slot_is_permitted_soon_and_at_the_preferred_time(
    moment: datetime, place: ZoneInfo, part: PartOfDay
) -> None:
    found = slot(moment, rhythm(place, part=part), calendar())
    local = found.astimezone(place)
    assert moment <= found <= moment + timedelta(hours=28)
    assert permitted_until(found, HOURS, [place])
    wanted = time(17, 50) if part is PartOfDay.EVENING else time(10, 20)
    assert local.time() == (time(12, 20) if wanted.hour == 10 and local.weekday() == 6 else wanted)


@given(MOMENTS, st.permutations([EAST, WEST]))
def test_with_two_zones_both_permit(moment: datetime, where: list[ZoneInfo]) -> None:
    found = slot(moment, rhythm(*where), calendar())
    assert permitted_until(found, HOURS, where)


def test_an_evening_that_the_numbers_zone_forbids_becomes_a_morning() -> None:
    phoenix, honolulu = ZoneInfo("America/Phoenix"), ZoneInfo("Pacific/Honolulu")
    evening = rhythm(phoenix, honolulu, part=PartOfDay.EVENING)
    found = slot(utc(honolulu, 2027, 8, 9, 21), evening, calendar())
    assert found == utc(honolulu, 2027, 8, 10, 10, 20)


def test_a_clock_change_moves_nothing_on_the_patients_wall() -> None:
    before = utc(EAST, 2027, 3, 12, 10, 20)
    after = slot_after(before, timedelta(days=3), rhythm(), calendar())
    assert after == utc(EAST, 2027, 3, 15, 10, 20)
    assert after - before == timedelta(days=3, hours=-1)


def test_days_the_clinic_leaves_out_and_holidays_are_passed_over() -> None:
    weekdays = calendar(frozenset(range(5)), date(2026, 11, 26), date(2026, 11, 27))
    found = slot(utc(EAST, 2026, 11, 25, 15), rhythm(), weekdays)
    assert found == utc(EAST, 2026, 11, 30, 10, 20)


def test_a_slower_pace_doubles_the_days() -> None:
    found = slot_after(
        utc(EAST, 2026, 12, 1, 11), timedelta(days=3), rhythm(pace=SLOWER), calendar()
    )
    assert found == utc(EAST, 2026, 12, 7, 10, 20)


def test_the_first_tip_comes_at_once_by_day_and_in_the_morning_by_night() -> None:
    by_day, by_night = utc(EAST, 2026, 12, 1, 15), utc(EAST, 2026, 12, 1, 23)
    assert first_slot(by_day, rhythm(), calendar()) == by_day
    assert first_slot(by_night, rhythm(), calendar()) == utc(EAST, 2026, 12, 2, 10, 20)


def test_people_are_spread_over_the_hour_each_at_their_own_minute() -> None:
    offsets = [offset_of(enrollment, HOUR) for enrollment in range(1, 601)]
    assert offsets == [offset_of(enrollment, HOUR) for enrollment in range(1, 601)]
    quarters = [sum(offset // timedelta(minutes=15) == q for offset in offsets) for q in range(4)]
    assert min(quarters) > 100
    assert max(offsets) < HOUR
