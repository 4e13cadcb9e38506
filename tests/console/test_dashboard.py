"""The dashboard: the right figures, drawn without scripts and styles of their own, each with its table."""

import html
import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest

from service.console import charts, figures
from service.outbox.rules import Kind as MessageKind
from service.outbox.rules import State as MessageState
from service.review.models import CallBack
from service.review.resolve import claim
from service.triage.rules import Level
from tests.console.world import ANN, ROY, World

on_sqlite = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)

NUMB = ("can't feel my legs", "numb_legs", Level.EMERGENCY)
FEVER = ("fever", "fever", Level.URGENT)


def seen_and_rung(world: World, thread: int, staff: int, minutes: tuple[int, int]) -> None:
    """An emergency an hour ago, acknowledged and rung so many minutes later."""
    item = world.red_flag(thread, "help i can't feel my legs", NUMB, ago=60)
    with world.database.transaction() as session:
        claim(session, [item], staff, world.ago(60 - minutes[0]))
        at = world.ago(60 - minutes[1])
        session.add(CallBack(thread_id=thread, staff_id=staff, at=at, outcome="no_answer"))


@on_sqlite
def test_speed_is_the_median_of_the_week_against_the_target(world: World) -> None:
    dana = world.staff("Dana Reyes")
    for number, minutes in (("+18045550161", (2, 6)), ("+18045550162", (4, 8)), (ROY, (30, 40))):
        seen_and_rung(world, world.patient(number), dana, minutes)
    world.red_flag(world.patient(ANN), "can't feel my legs", NUMB)
    with world.database.reading() as session:
        weeks = figures.speeds(
            session, Level.EMERGENCY, timedelta(minutes=5), world.clock.now(), world.clinic.zone
        )
    now = weeks[-1]
    assert (now.flags, now.seen, now.rung, now.in_time, now.unseen) == (4, 4.0, 8.0, 2, 1)
    assert [week.flags for week in weeks[:-1]] == [0] * 11
    assert weeks[-1].week - weeks[0].week == timedelta(weeks=11)


@on_sqlite
def test_signs_count_flagged_messages_once(world: World) -> None:
    ann = world.patient(ANN)
    world.red_flag(ann, "fever and can't feel my legs", NUMB, FEVER)
    world.red_flag(ann, "fever", FEVER)
    world.text(ann, "sore", ("sore", "soreness", Level.REVIEW))
    with world.database.reading() as session:
        assert figures.by_sign(session, world.clock.now()) == [("fever", 2), ("numb_legs", 1)]


@on_sqlite
def test_delivery_parts_what_arrived_from_what_did_not(world: World) -> None:
    ann = world.patient(ANN)
    for state in (MessageState.DELIVERED, MessageState.DELIVERED, MessageState.SENT,
                  MessageState.UNDELIVERED, MessageState.REFUSED):  # fmt: skip
        world.sent(ann, "A tip.", MessageKind.TIP, state)
    world.sent(ann, "An old tip.", MessageKind.TIP, ago=60 * 24 * 40)
    with world.database.reading() as session:
        (tips,) = figures.delivered(session, world.clock.now())
    assert (tips.kind, tips.arrived, tips.on_the_way, tips.failed) == ("tip", 2, 1, 2)


@on_sqlite
def test_the_page_draws_what_its_tables_say_and_brings_no_script_or_style(world: World) -> None:
    dana = world.staff("Dana Reyes")
    seen_and_rung(world, world.patient(ANN), dana, (2, 6))
    page = world.signed_in(dana).get("/console/figures").text
    assert "1 of 1 were acknowledged in time" in page
    assert "The target is 5 minutes" in page
    assert '<th scope="row">Nov 30</th><td>1</td><td>2.0</td><td>6.0</td><td>1</td>' in page
    assert not re.search(r"<script(?! src=\"/console)|<style|style=|kozea|javascript", page)
    drawn = re.findall(r"<svg [^>]*pygal.*?</svg>", page, re.S)
    assert page.count("The same as a table") == len(drawn) == 2
    for picture in drawn:
        root = ElementTree.fromstring(html.unescape(picture))
        title, tells = (root[place].get("id") for place in (0, 1))
        assert (root.get("role"), root.get("aria-labelledby")) == ("img", f"{title} {tells}")


@on_sqlite
def test_with_nothing_to_show_it_says_so(world: World) -> None:
    page = world.signed_in(world.staff("Dana Reyes")).get("/console/figures").text
    assert page.count("Nothing yet.") == 6
    assert "pygal" not in page


def test_the_target_is_drawn_through_every_week() -> None:
    chart = charts.lines("Speed", "…", ["a", "b"], {"Seen": [1, None]}, 5)
    assert chart.legend[-1] == ("hue-grey", "Target")
    grey = re.search(r'series hue-grey"><path d="([^"]+)"', chart.svg)
    assert grey
    heights = {point.split()[1] for point in re.findall(r"[\d.]+ [\d.]+", grey[1])}
    assert len(heights) == 1  # a level line


def test_what_staff_or_patients_wrote_cannot_break_out_of_a_picture() -> None:
    chart = charts.lying_bars("<b>", "&", ["</svg><script>alert(1)</script>"], {"n": [1]})
    assert "<script" not in chart.svg
    assert "<b>" not in chart.svg
