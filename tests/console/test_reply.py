"""Staff write to a patient by hand: in their hours, in their language, and never after an opt-out."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from service.history import HistoryEntry
from service.outbox.models import OutboundMessage
from service.patients import consent
from service.patients.models import Thread
from service.patients.rules import Means, Purpose
from service.wording import alphabet, segments
from tests.console.test_guard import _csrf
from tests.console.world import ANN, LUZ, World
from tests.visitor import Visitor

LATE = datetime(2026, 12, 1, 2, 30, tzinfo=UTC)  # 21:30 in Virginia
MORNING = datetime(2026, 12, 1, 14, 0, tzinfo=UTC)


@pytest.fixture
def browser(world: World) -> Visitor:
    return world.signed_in(world.staff("Dana Reyes"))


def _write(browser: Visitor, thread: int, body: str, **more: str) -> int:
    form = {"csrf": _csrf(browser), "key": "0" * 16, "body": body} | more
    return int(browser.post(f"/console/patients/{thread}/reply", data=form).status_code)


def _queued(world: World) -> list[OutboundMessage]:
    with world.database.reading() as session:
        return list(session.scalars(select(OutboundMessage)))


def _history(world: World) -> HistoryEntry:
    with world.database.reading() as session:
        wrote = select(HistoryEntry).where(HistoryEntry.action == "wrote a text")
        return session.scalars(wrote).one()


def test_a_text_leaves_at_once_within_their_hours(world: World, browser: Visitor) -> None:
    ann = world.patient(ANN)
    assert _write(browser, ann, " Please rest today.\r\nDana ") == 303
    (text,) = _queued(world)
    assert (text.body, text.kind) == ("Please rest today.\nDana", "staff_reply")
    assert text.not_before == world.clock.now()
    assert _history(world).detail["how"] == "within permitted hours"
    page = browser.get(f"/console/patients/{ann}").text
    assert "Waiting to be sent" in page


def test_outside_their_hours_it_waits_and_says_so(world: World, browser: Visitor) -> None:
    ann = world.patient(ANN)
    world.clock.moment = LATE
    again = world.signed_in(world.staff("Sam Cole"))
    assert "leaves Dec 1, 9:00 am, their time" in again.get(f"/console/patients/{ann}").text
    _write(again, ann, "Please rest.")
    (text,) = _queued(world)
    assert text.not_before == MORNING


def test_outside_their_hours_it_leaves_when_staff_say_so_and_that_is_remembered(
    world: World,
) -> None:
    ann = world.patient(ANN)
    world.clock.moment = LATE
    browser = world.signed_in(world.staff("Sam Cole"))
    _write(browser, ann, "Please ring 911 now.", at_once="true")
    assert _queued(world)[0].not_before == LATE
    assert _history(world).detail["how"] == "outside permitted hours"


def test_a_second_click_sends_nothing(world: World, browser: Visitor) -> None:
    ann = world.patient(ANN)
    for _ in range(2):
        assert _write(browser, ann, "Please rest.") == 303
    assert len(_queued(world)) == 1


def test_after_an_opt_out_there_is_no_form_and_nothing_is_sent(
    world: World, browser: Visitor
) -> None:
    ann = world.patient(ANN)
    with world.database.transaction() as session:
        consent.opt_out(session, ann, how=Means.TEXT, answered="STOP", now=world.clock.now())
    assert 'name="body" rows="4"' not in browser.get(f"/console/patients/{ann}").text
    assert _write(browser, ann, "Hello?") == 409
    assert _queued(world) == []


def test_a_number_that_cannot_get_texts_has_no_form(world: World, browser: Visitor) -> None:
    ann = world.patient(ANN)
    with world.database.transaction() as session:
        session.get_one(Thread, ann).textable = False
    assert _write(browser, ann, "Hello?") == 409


@pytest.mark.parametrize("body", [" ", "x" * 613, "á" * 269])
def test_nothing_and_too_much_are_refused(world: World, browser: Visitor, body: str) -> None:
    assert _write(browser, world.patient(ANN), body) == 400


def test_templates_are_in_the_patients_language(world: World, browser: Visitor) -> None:
    luz = world.patient(LUZ, language="es")
    page = browser.get(f"/console/patients/{luz}?template=tried_to_call").text
    assert "acabamos de llamarle" in page
    assert "Text, in Spanish" in page
    assert "{short_name}" not in page


def test_what_they_agreed_to_stands_there_with_the_words(world: World, browser: Visitor) -> None:
    ann = world.patient(ANN)
    with world.database.transaction() as session:
        consent.record_consent(
            session, ann, Purpose.PROGRAM, granted=True, how=Means.TEXT,
            shown="Reply 1 to get tips", answered="1", now=world.clock.now(),
        )  # fmt: skip
    page = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", browser.get(f"/console/patients/{ann}").text))
    assert "Yes to the tips, Nov 30, 10:00 am" in page
    assert "They were shown Reply 1 to get tips They answered 1" in page


def test_the_browser_counts_with_the_alphabet_the_carrier_bills_by() -> None:
    once, twice = alphabet()
    assert {"a", "é", "ñ", "¿", "\n"} <= set(once)
    assert set(twice) == set("^{}\\[~]|€")
    assert segments(once[:160]) == 1
    assert not set("áíóú’") & set(once)
