"""The phone page, in a real browser."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import axe
from tests.simulator.world import HELEN, LINE, ROSA, WALTER, World, refusal

pytestmark = pytest.mark.browser


def phone(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name)


def write(page: Page, name: str, words: str) -> None:
    box = phone(page, name).get_by_label("Text message")
    box.fill(words)
    box.press("Enter")
    expect(box).to_have_value("")


def faults_of(page: Page) -> list[str]:
    return [fault["id"] for fault in axe.look(page).response["violations"]]


def test_a_text_goes_to_the_line_and_the_answer_comes_back(here: World, page: Page) -> None:
    here.line.on_text = lambda form: here.send(
        to=form["From"], body="See http://127.0.0.1:8000/report.pdf."
    )
    helen = phone(page, "Helen Marsh")
    expect(helen).to_contain_text("No texts yet")
    write(page, "Helen Marsh", "REPORT")
    expect(helen.locator(".item").first).to_contain_text("Received by the line")
    link = helen.get_by_role("link")
    expect(link).to_have_attribute("href", "http://127.0.0.1:8000/report.pdf")
    expect(link).to_have_attribute("target", "_blank")
    expect(helen).to_contain_text("Sat, Nov 21")
    expect(helen.get_by_role("listitem").last).to_contain_text("9:05 AM")
    expect(helen.get_by_text("No texts yet")).to_be_hidden()
    assert here.line.hooks[0].form["From"] == HELEN
    expect(phone(page, "Rosa Medina")).to_contain_text("No texts yet")


def test_words_are_shown_as_words_whatever_they_hold(here: World, page: Page) -> None:
    nasty = "<img src=x onerror=alert(1)> <b>&amp;</b> javascript:alert(1) \u202eabc"
    here.send(to=HELEN, body=nasty)
    helen = phone(page, "Helen Marsh")
    expect(helen.locator(".words")).to_have_text(nasty)
    expect(helen.locator(".words *")).to_have_count(0)


def test_a_suggestion_is_sent_by_one_tap_and_a_picture_too(here: World, page: Page) -> None:
    rosa = phone(page, "Rosa Medina")
    rosa.get_by_role("button", name="se me durmió el pie").click()
    rosa.get_by_role("button", name="Send a picture").click()
    expect(rosa.get_by_role("img", name="A picture")).to_be_visible()
    here.later.wait()
    first, second = (hook.form for hook in here.line.at("/twilio/sms"))
    assert (first["From"], first["Body"]) == (ROSA, "se me durmió el pie")
    assert (second["Body"], second["NumMedia"]) == ("", "1")


def test_a_line_that_does_not_answer_is_seen(here: World, page: Page) -> None:
    here.line.answers |= {"/twilio/sms": (500, ""), "/twilio/sms/fallback": (500, "")}
    write(page, "Helen Marsh", "hello?")
    expect(phone(page, "Helen Marsh")).to_contain_text("The line did not answer")


def test_who_has_stopped_is_marked_and_what_was_refused_is_told(here: World, page: Page) -> None:
    helen = phone(page, "Helen Marsh")
    expect(helen.get_by_text("Opted out")).to_be_hidden()
    write(page, "Helen Marsh", "STOP")
    expect(helen.get_by_text("Opted out", exact=True)).to_be_visible()
    expect(helen).to_contain_text("From the carrier")
    assert refusal(lambda: here.send(to=HELEN)) == (400, 21610)
    expect(helen).to_contain_text("this phone has opted out (21610)")
    write(page, "Helen Marsh", "START")
    expect(helen.get_by_text("Opted out", exact=True)).to_be_hidden()


def test_a_landline_shows_what_was_tried_and_has_nothing_to_write_with(
    here: World, page: Page
) -> None:
    walter = phone(page, "Walter Boyd")
    expect(walter.get_by_role("textbox")).to_have_count(0)
    assert refusal(lambda: here.send(to=WALTER)) == (400, 21614)
    expect(walter).to_contain_text("this is a landline (21614)")
    here.client().calls.create(to=WALTER, from_=LINE, url=f"{here.url}/twilio/voice")
    expect(walter).to_contain_text("The line rang; nobody picked up.")


def test_a_text_under_way_shows_dots_until_it_is_there_or_lost(here: World, page: Page) -> None:
    helen = phone(page, "Helen Marsh")
    jobs: list[Callable[[], None]] = []
    here.carrier.later = jobs.append
    here.carrier.faults.next_deliveries(30003, None)
    here.send(body="lost")
    here.send(body="found")
    expect(helen.locator("[data-status=arriving]")).to_have_count(2)
    for job in jobs:
        job()
    expect(helen).to_contain_text("A text from the line did not arrive (30003).")
    expect(helen).to_contain_text("found")
    expect(helen).not_to_contain_text("lost")
    expect(helen.locator("[data-status=arriving]")).to_have_count(0)


def test_whoever_is_texted_first_appears_with_a_phone(here: World, page: Page) -> None:
    here.send(to="+18045550188", body="Red flag: somebody wrote at 9:05")
    expect(phone(page, "Phone 0188")).to_contain_text("Red flag")


def test_the_clock_moves_to_what_is_due_and_by_hours(here: World, page: Page) -> None:
    tip = page.get_by_role("button", name="Next due tip")
    expect(page.get_by_text("Sat, Nov 21, 9:05 AM", exact=True)).to_be_visible()
    expect(tip).to_be_disabled()
    here.due.append(here.clock.now() + timedelta(days=1, minutes=55))
    expect(page.get_by_text("Next due: Sun, Nov 22, 10:00 AM")).to_be_visible()
    tip.click()
    expect(page.get_by_text("Sun, Nov 22, 10:00 AM", exact=True)).to_be_visible()
    assert here.clock.now() == here.due[0] == here.moves[0]
    page.get_by_role("button", name="+1 hour").click()
    expect(page.get_by_role("status")).to_have_text("The clock now says Sun, Nov 22, 11:00 AM")
    page.get_by_role("button", name="+1 day").click()
    expect(page.get_by_role("status")).to_have_text("The clock now says Mon, Nov 23, 11:00 AM")
    assert len(here.moves) == 3
    write(page, "Helen Marsh", "hello")
    expect(phone(page, "Helen Marsh")).to_contain_text("Mon, Nov 23")


def test_a_phone_is_added_by_keyboard_alone(here: World, page: Page) -> None:
    page.get_by_role("button", name="Add a phone").press("Enter")
    dialog = page.get_by_role("dialog", name="Add a phone")
    expect(dialog.get_by_label("Number")).to_have_value("+18045550150")
    page.keyboard.type("Ana Ruiz")
    dialog.get_by_label("Number").fill("nothing")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_have_text("That is not a number a phone could have.")
    dialog.get_by_label("Number").fill("(804) 555-0161")
    dialog.get_by_label("Spanish").check()
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(phone(page, "Ana Ruiz").get_by_label("Text message")).to_be_focused()
    page.keyboard.type("hola")
    page.keyboard.press("Enter")
    expect(phone(page, "Ana Ruiz")).to_contain_text("hola")
    here.later.wait()
    assert here.line.hooks[0].form["From"] == "+18045550161"


def test_enter_with_shift_breaks_the_line_instead_of_sending(here: World, page: Page) -> None:
    box = phone(page, "Helen Marsh").get_by_label("Text message")
    box.fill("one")
    box.press("Shift+Enter")
    box.press_sequentially("two")
    assert not here.carrier.ledger.messages
    box.press("Enter")
    expect(phone(page, "Helen Marsh").locator(".words")).to_have_text(
        "one\ntwo", use_inner_text=True
    )


def test_on_a_small_screen_one_phone_is_shown_and_news_of_the_others_is_counted(
    here: World, page: Page
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    expect(phone(page, "Helen Marsh")).to_be_visible()
    expect(phone(page, "Rosa Medina")).to_be_hidden()
    here.send(to=ROSA, body="Buenos días")
    chooser = page.get_by_role("navigation", name="Phones")
    rosa = chooser.get_by_role("button", name=re.compile("Rosa"))
    expect(rosa).to_have_text("Rosa 1 new")
    rosa.click()
    expect(rosa).to_have_text("Rosa")
    expect(phone(page, "Rosa Medina")).to_contain_text("Buenos días")
    expect(phone(page, "Rosa Medina").get_by_label("Text message")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_shut_out(here: World, page: Page, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=json.loads(f'"{scheme}"'), reduced_motion="reduce")
    here.line.on_text = lambda form: here.send(to=form["From"], body="See http://127.0.0.1:8000/x")
    write(page, "Helen Marsh", "hello")
    write(page, "Helen Marsh", "HELP")
    here.later.wait()
    expect(phone(page, "Helen Marsh")).to_contain_text("From the carrier")
    expect(phone(page, "Helen Marsh").get_by_role("link")).to_have_count(2)
    assert faults_of(page) == []
    page.get_by_role("button", name="Add a phone").click()
    assert faults_of(page) == []


def test_a_line_that_has_gone_is_said_and_its_return_is_noticed(here: World, page: Page) -> None:
    page.route("**/phone/api/state*", lambda route: route.fulfill(status=503, json={}))
    with page.expect_console_message(lambda said: "503" in said.text):
        expect(page.get_by_role("alert")).to_have_text("The line does not answer. Trying again …")
    page.unroute("**/phone/api/state*")
    expect(page.locator("#trouble")).to_be_hidden()
