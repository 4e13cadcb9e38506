"""A simulated year: nothing twice, nothing at night, nothing after an opt-out, nothing late, all nine.

`BACKTALK_SEEDS=1-40 pytest tests/simulation` runs other seeds; a failing one names itself, and
`BACKTALK_SEEDS=<seed>` replays it exactly.
"""

import os
import shutil
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from service.config import Settings
from service.drip.models import DueStep, Enrollment
from service.outbox.models import OutboundMessage
from service.outbox.rules import Kind, State
from service.patients.find import thread_of
from tests.line import make_settings
from tests.simulation.carrier import Taken
from tests.simulation.people import Mood, Person
from tests.simulation.year import OUTAGE, Year

PEOPLE, PARTS = 500, 4


def seeds() -> list[int]:
    """The seeds to run: BACKTALK_SEEDS as "7" or "1-40", else one."""
    first, _, last = os.environ.get("BACKTALK_SEEDS", "1").partition("-")
    return list(range(int(first), int(last or first) + 1))


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("seed", seeds())
def test_a_year_keeps_its_promises(embedded: Settings, seed: int, part: int) -> None:
    """Five hundred people, a quarter to a database, so that the parts can run side by side."""
    year = Year(embedded, seed * PARTS + part, PEOPLE // PARTS)
    year.run()
    broken = list(breaches(year))
    year.database.close()
    assert not broken, f"seed {seed}: {len(broken)} promises broken, such as:\n" + "\n".join(
        broken[:12]
    )


def test_the_same_seed_gives_the_same_year(sqlite_template: Path, memory: Path) -> None:
    traces = set()
    for turn in range(2):
        path = memory / f"{turn}.sqlite3"
        shutil.copy(sqlite_template, path)
        year = Year(make_settings(f"sqlite:///{path}"), 7, 6)
        year.run()
        year.database.close()
        traces.add(year.trace())
    assert len(traces) == 1


def breaches(year: Year) -> Iterator[str]:
    """Every promise that the year has broken, in words."""
    assert year.deaths > 10, "nothing was ever interrupted"
    tips = [taken for taken in year.phones.taken if taken.body in year.steps]
    assert len(tips) > 6 * len(year.people), "hardly anything was sent"
    for taken in year.phones.taken:
        yield from _after_opt_out(year, taken)
    for taken in tips:
        yield from _at_a_bad_moment(year, taken)
    for person in year.people.values():
        yield from _too_many(person)
        yield from _out_of_order(year, person)
    yield from _late(year)
    yield from _flood(year, tips)


def moods_at(person: Person, moment: datetime) -> frozenset[Mood]:
    """What the model says of the person just before `moment`."""
    at = bisect_right([since for since, _ in person.since], moment - timedelta(microseconds=1))
    return person.since[at - 1][1] if at else frozenset()


def _after_opt_out(year: Year, taken: Taken) -> Iterator[str]:
    person = year.people[taken.to]
    if Mood.OPTED_OUT not in moods_at(person, taken.at):
        return
    confirmed = {year.content.reply("opted_out", each) for each in ("en", "es")}
    if taken.body not in confirmed:
        yield f"{taken.to} opted out and got, at {taken.at}: {taken.body[:50]}"


def _at_a_bad_moment(year: Year, taken: Taken) -> Iterator[str]:
    person = year.people[taken.to]
    clinic = year.content.clinic
    for zone in person.zones:
        begin, end = taken.at.astimezone(zone), taken.until.astimezone(zone)
        opens = 12 if begin.weekday() == 6 else 9
        if not opens <= begin.hour < 20 or end.date() != begin.date() or end.hour > 20:
            yield f"{taken.to} was texted at {begin}, valid until {end}"
    home = taken.at.astimezone(person.zones[-1])
    first = person.tips[0][0] == taken.at
    if not first and home.date() in clinic.holidays:
        yield f"{taken.to} got a tip on the holiday {home.date()}"
    back = year.outage + OUTAGE  # what is less than a day late goes out when the service is back
    if not first and home.hour < 10 and not back <= taken.at < back + timedelta(hours=1):
        yield f"{taken.to} got a tip at {home}, before the preferred time"
    bad = moods_at(person, taken.at)
    if bad & {Mood.FLAGGED, Mood.PAUSED, Mood.RESTING}:
        yield f"{taken.to} got a tip at {taken.at} while {', '.join(bad)}"


def _too_many(person: Person) -> Iterator[str]:
    for zone in person.zones:
        days: list[date] = [at.astimezone(zone).date() for at, _ in person.tips]
        for day, count in Counter(days).items():
            week = sum(timedelta() <= day - other < timedelta(days=7) for other in days)
            if count > 1 or week > 3:
                yield f"{person.number} got {count} tips on {day}, {week} in the week up to it"


def _out_of_order(year: Year, person: Person) -> Iterator[str]:
    got = [step for _, step in person.tips]
    whole = [step.id for step in year.content.program(person.language).steps]
    if len(set(got)) != len(got):
        yield f"{person.number} got a tip twice: {got}"
    if got != [step for step in whole if step in got]:
        yield f"{person.number} got tips out of order: {got}"
    lost = _lost(year, person)
    given_up = {year.steps[body] for body in lost if body in year.steps}
    rests = person.moods or year.still_there & set(lost)  # the question was lost: staff are told
    if not rests and (missing := [s for s in whole if s not in {*got, *given_up}]):
        yield f"{person.number} stayed and did not get {missing}; since {person.since[-2:]}"
    if taken := given_up & set(got):
        yield f"{person.number} got {taken}, which stand as lost"


def _lost(year: Year, person: Person) -> list[str]:
    """Texts of the program whose outcome stayed unknown, and which are therefore not sent again."""
    with year.database.reading() as session:
        thread = thread_of(session, year.database.keyring, person.number)
        assert thread is not None
        lost = select(OutboundMessage.body).where(
            OutboundMessage.thread_id == thread.id,
            OutboundMessage.kind == Kind.TIP,
            OutboundMessage.state == State.LOST,
        )
        return list(session.scalars(lost))


def _late(year: Year) -> Iterator[str]:
    with year.database.reading() as session:
        rows = session.execute(
            select(OutboundMessage.dedupe_key, OutboundMessage.handed_over_at,
                   OutboundMessage.not_before, DueStep.due_at)
            .join(Enrollment, Enrollment.thread_id == OutboundMessage.thread_id)
            .join(DueStep, DueStep.enrollment_id == Enrollment.id)
            .where(OutboundMessage.kind == Kind.TIP, OutboundMessage.handed_over_at.is_not(None),
                   OutboundMessage.dedupe_key.endswith(":" + DueStep.step))
        ).all()  # fmt: skip
    assert rows
    for key, handed_over_at, not_before, due_at in rows:
        assert handed_over_at is not None
        if handed_over_at - max(due_at, not_before) > timedelta(hours=24):
            yield f"{key} was sent {handed_over_at - max(due_at, not_before)} late"


def _flood(year: Year, tips: list[Taken]) -> Iterator[str]:
    """In the hour after the outage no more leaves than in the busiest quarter of an ordinary day."""
    end = year.outage + OUTAGE
    after = sum(end <= taken.at < end + timedelta(hours=1) for taken in tips)
    per_day = Counter(taken.at.date() for taken in tips)
    if after > max(8, max(per_day.values()) / 2):
        yield f"{after} tips left within an hour of the outage's end"
