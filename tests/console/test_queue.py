import html
import re
from datetime import timedelta

from service.review import resolve
from service.review.rules import Kind
from service.triage.rules import Level
from tests.console.world import ANN, BEA, LUZ, ROY, World

NUMB = ("can't feel my legs", "numb_legs", Level.EMERGENCY)


def _lines(page: str) -> list[str]:
    """Each line of the queue as a person reads it."""
    found = re.findall(r'<li class="line .*?</li>', page, re.S)
    return [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", one)).split()) for one in found]


def test_nobody_is_waiting(world: World) -> None:
    page = world.signed_in(world.staff("Dana Reyes")).get("/console").text
    assert "Nobody is waiting" in page
    assert "Emergency" not in page


def test_emergencies_stand_apart_and_first(world: World) -> None:
    luz, ann = world.patient(LUZ, "Luz Ortega", "es"), world.patient(ANN, "Ann Walker")
    world.red_flag(luz, "tengo fiebre", ("fiebre", "fever", Level.URGENT), ago=300)
    world.red_flag(ann, "help i can't feel my legs", NUMB, ago=2)
    page = world.signed_in(world.staff("Dana Reyes")).get("/console").text
    first, second = _lines(page)
    assert first.startswith("Emergency waiting 2 min Ann Walker (804) 555-0142 · English")
    assert first.endswith("Nobody has it yet Ring (804) 555-0142 I’ll take it")
    assert "Urgent waiting 5 h Luz Ortega" in second
    assert "overdue by" in second
    assert "1 emergency: ring now" in page
    assert '<mark class="emergency">can&#39;t feel my legs</mark>' in page
    assert "<title>(1) Emergency · " in page
    assert f'href="tel:{ANN}"' in page


def test_one_line_a_patient_with_all_that_is_open(world: World) -> None:
    roy = world.patient(ROY)
    world.red_flag(roy, "i can't feel my legs", NUMB)
    message = world.text(roy, "call me")
    world.item(f"message:{message}", Kind.CALL_BACK, Level.REVIEW, roy)
    (line,) = _lines(world.signed_in(world.staff("Dana Reyes")).get("/console").text)
    assert "Red flag, Wants to be called back" in line
    assert "(602) 555-0133" in line


def test_it_says_who_has_it(world: World) -> None:
    bea = world.patient(BEA, "Bea Nguyen")
    item = world.red_flag(bea, "i can't feel my legs", NUMB)
    dana, sam = world.staff("Dana Reyes"), world.staff("Sam Cole")
    with world.database.transaction() as session:
        resolve.claim(session, [item], sam, world.clock.now())
    assert "Sam Cole has it" in world.signed_in(dana).get("/console").text
    assert "You have it" in world.signed_in(sam).get("/console").text


def test_the_list_alone_is_what_the_page_shows(world: World) -> None:
    world.red_flag(world.patient(ANN), "i can't feel my legs", NUMB)
    browser = world.signed_in(world.staff("Dana Reyes"))
    alone = browser.get("/console/waiting?watching=1").text
    assert "<html" not in alone
    assert alone.strip() in browser.get("/console").text
    assert 'data-emergencies="1"' in alone


def test_waiting_time_goes_by_the_patients_clock(world: World) -> None:
    world.red_flag(world.patient(ANN), "i can't feel my legs", NUMB)
    browser = world.signed_in(world.staff("Dana Reyes"))
    world.clock.moment += timedelta(minutes=20)
    (line,) = _lines(browser.get("/console").text)
    assert "waiting 20 min" in line
    assert "overdue by 15 min" in line


def test_what_belongs_to_nobody_leads_to_its_own_page(world: World) -> None:
    item, _event = world.failed_event([["From", ""], ["Body", "hello"]])
    page = world.signed_in(world.staff("Dana Reyes")).get("/console").text
    assert f'href="/console/items/{item}"' in page
    assert "A message that could not be handled" in page


def test_no_number_or_name_stands_in_an_address(world: World) -> None:
    world.red_flag(world.patient(ANN, "Ann Walker"), "i can't feel my legs", NUMB)
    page = world.signed_in(world.staff("Dana Reyes")).get("/console").text
    addresses = re.findall(r'(?:href|action|src)="([^"]*)"', page)
    assert [one for one in addresses if "555" in one or "nn" in one] == [f"tel:{ANN}"]
