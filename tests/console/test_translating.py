"""Every word that staff see can be translated.

A catalogue is drawn out as docs/translating.md says, compiled with every sentence in ⟦brackets⟧, and the
console speaks it. What then stands on a page outside brackets must be data.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from fastapi import FastAPI
from sqlalchemy import select

from service import tongue
from service.config import ROOT
from service.console import words
from service.console.deeds import SAID
from service.console.routes import open_console
from service.content import load
from service.conversation.models import InboundMessage
from service.errors import ContentError
from service.outbox.models import OutboundMessage
from service.outbox.rules import Kind as MessageKind
from service.outbox.rules import State as MessageState
from service.patients.models import Patient
from service.report_requests.models import ReportRequest
from service.report_requests.rules import Returned
from service.review import resolve
from service.review.models import CallBack, Note
from service.review.rules import Kind, Outcome, Snooze, wake_at
from service.staff import throttle
from service.staff.models import Staff
from service.staff.rules import Role
from service.triage.rules import Level
from tests.console.brackets import compiled, speaking, untranslated
from tests.console.test_guard import STREAM, TABLE, _csrf
from tests.console.test_program import browser as browser
from tests.console.test_program import on_the_tips
from tests.console.test_reports import ask, post
from tests.console.world import World, a_busy_morning
from tests.line import TestLine
from tests.visitor import Visitor

CONSOLE = ROOT / "service" / "console"
on_sqlite = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


def test_what_is_left_of_a_page_is_found() -> None:
    html = (
        '<p title="Why" lang="es">Hola</p><p>⟦Tips for <b>Ann</b>⟧ now<input placeholder="⟦Name⟧"></p>'
        '<p dir="auto">my <mark>foot</mark> hurts</p><p translate="no">SMS</p><p>Nov 30, 3:05 pm</p>'
    )
    assert untranslated(html, {"my foot hurts"}) == ["Why", "now"]
    assert untranslated("<p>Ann Walker waits</p>", {"Ann Walker"}) == ["waits"]


@pytest.fixture
def busy(world: World) -> tuple[World, Visitor, dict[str, int], set[str]]:
    """A morning on which every page has something to show, an administrator's browser, and the data."""
    boss = world.staff("Dana Reyes", Role.ADMIN)
    cast = a_busy_morning(world, boss)
    ask(world)
    said = [f"message:{world.text(cast[who], 'Zy.')}" for who in ("bea", "luz")]
    closed = world.item(said[0], Kind.VOICEMAIL, Level.REVIEW, cast["bea"])
    alone = world.failed_event([["From", "+18045550188"], ["Body", "hm"]])[0]
    late = world.item(said[1], Kind.UNCLEAR_REPLY, Level.REVIEW, cast["luz"])
    for state in MessageState:
        world.sent(cast["luz"], f"Sent {state}.", MessageKind.NOTICE, state, reason="opted out")
        world.sent(cast["luz"], f"Told {state}.", MessageKind.TIP, state, code=30003)
    with world.database.transaction() as session:
        now = world.clock.now()
        resolve.claim(session, [closed, alone, late], boss, now)
        for each in (closed, alone):
            resolve.close(
                session, [each], staff_id=boss, outcome=Outcome.HANDLED, note="Zq.", now=now
            )
        until = wake_at(Snooze.WEEK, now, world.clinic)
        resolve.snooze(session, [late], staff_id=boss, until=until, reason="Zw.", now=now)
        session.add(Note(thread_id=cast["bea"], staff_id=boss, body="Zx.", at=now))
        session.add(CallBack(thread_id=cast["bea"], staff_id=boss, at=now, outcome="no_answer"))
    browser = world.signed_in(boss)
    token = _csrf(browser)
    for form in ({"day": "0", "starts": "08:00", "ends": "17:00"},
                 {"on_date": "2026-12-24", "starts": "12:00", "ends": "08:00"}):  # fmt: skip
        browser.post("/console/rota/duties", data={"csrf": token, "who": boss, **form})
    assert post(browser, "packed", request=[1]) == 303
    assert post(browser, "mailed", request=[2, 3]) == 303
    assert post(browser, "2/returned", reason=Returned.MOVED) == 303
    return world, browser, cast | {"closed": alone}, data_of(world)


def data_of(world: World) -> set[str]:
    """What people are called and wrote, and what stands in messages/: whole, never a word of it."""
    content = world.line().content
    data = {world.clinic.name, world.clinic.short_name, "Zq.", "Zw.", "Zx.", "ValueError"}
    data |= {"hello? my leg is weak", "hm"}
    data |= {each.note for lang in ("en", "es") for each in content.for_staff(lang).values()}
    with world.database.reading() as session:
        for person in session.scalars(select(Staff)):
            data |= {person.name, person.email, person.name[0]}
        for column in (Patient.name, InboundMessage.body, OutboundMessage.body,
                       ReportRequest.recipient, ReportRequest.address):  # fmt: skip
            data |= {each for each in session.scalars(select(column)) if each}
        for findings in session.scalars(select(InboundMessage.findings)):
            data |= {words.sign(str(each[part])) for each in findings for part in ("sign", "words")}
    return data


def pages(cast: dict[str, int]) -> Iterator[str]:
    """Where every GET route leads on this morning."""
    for path in sorted({path for method, path in TABLE if method == "GET"} - {STREAM}):
        if "{thread_id}" in path:
            yield from (path.format(thread_id=cast[who]) for who in ("ann", "luz", "roy", "bea"))
        elif "{item_id}" in path:
            yield from (path.format(item_id=cast[each]) for each in ("lost_item", "closed"))
        elif "{anything" in path:
            yield "/console/nowhere"
        else:
            yield path.format(recording_id=1, name="console.css")
    yield "/console/tips?lang=es"
    yield "/console/reports?said=dropped&dropped=1"
    yield from (f"/console?said={said}" for said in SAID)


@on_sqlite
def test_every_page_is_translated(
    busy: tuple[World, Visitor, dict[str, int], set[str]], locale: Path
) -> None:
    world, browser, cast, data = busy
    read = 0
    with speaking(locale):
        for path in pages(cast):
            answer = browser.get(path)
            if "html" not in answer.headers["content-type"]:
                continue
            assert answer.status_code == (404 if "nowhere" in path or "recordings" in path else 200)
            assert untranslated(answer.text, data) == [], path
            read += answer.text.count("⟦")
        assert '<html lang="qps">' in browser.get("/console").text
        assert untranslated(world.browser().get("/console/sign-in").text, data) == []
    assert read > 2000, "the pages must have something to say"


@on_sqlite
def test_every_refusal_is_translated(
    busy: tuple[World, Visitor, dict[str, int], set[str]], locale: Path
) -> None:
    """Of forms that are empty, out of date, or come too late."""
    world, browser, _cast, data = busy
    token, refusals = _csrf(browser), 0
    full = {"csrf": token, "outcome": "handled", "item": "1", "reason": "refused", "until": "hour",
            "name": "Zv.", "address": "1 Oak Lane"}  # fmt: skip
    forms: list[dict[str, str]] = [full, full | {"address": "1\n2\n3\n4\n5"}, {"csrf": token}, {}]
    with speaking(locale):
        for path in [path for method, path in TABLE if method == "POST"]:
            if path == "/console/sign-out":
                continue
            where = re.sub(r"\{\w+_id\}", "99", path)
            for form in forms:
                answer = browser.post(where, data=form)
                if "html" in answer.headers.get("content-type", ""):
                    assert untranslated(answer.text, data | data_of(world)) == [], path
                    refusals += answer.status_code >= 400
    assert refusals > 60


@on_sqlite
def test_the_page_of_somebody_on_the_tips_is_translated(
    line: TestLine, browser: Visitor, locale: Path
) -> None:
    page = on_the_tips(line)
    data = {"Dana Reed", "D", line.house.content.clinic.short_name}
    with speaking(locale):
        for deed in ("", "/pause", "/end"):
            if deed:
                browser.post(page + deed, data={"csrf": _csrf(browser)})
            answer = browser.get(page)
            assert "⟦" in answer.text
            assert untranslated(answer.text, data) == []


def test_how_long_to_wait_is_said_in_the_form_of_its_number(locale: Path) -> None:
    waits = {0.5: "1 second", 1.5: "2 seconds", 150: "3 minutes"}
    for seconds, said in waits.items():
        error = throttle._too_many(timedelta(seconds=seconds))
        english = f"Too many tries. Wait {said}, then try again."
        assert str(error) == tongue.in_words(error) == english
        with speaking(locale):
            assert tongue.in_words(error) == f"⟦{english}⟧"


def test_the_clinic_chooses_a_language_that_has_a_catalogue(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "messages", tmp_path / "messages")
    clinic = tmp_path / "messages" / "clinic.toml"
    clinic.write_text('console_language = "xx"\n' + clinic.read_text(encoding="utf-8"))
    with pytest.raises(ContentError, match="console_language: 'xx' has no compiled catalogue"):
        load(tmp_path / "messages")


def test_a_catalogue_that_would_break_a_page_is_refused(tmp_path: Path) -> None:
    """Or the page of an emergency would answer 500."""
    good = Catalog(locale="en")
    good.add("Tips for %(who)s", "%(who)s : 100 %%")
    good.add(("%(num)d day", "%(num)d days"), ("one day", "%(num)d days"))
    assert tongue.known_language("good", compiled(good, tmp_path, "good")) == "good"
    for language, said in (("aa", "Tips for %(whom)s"), ("bb", "%(who)s: 100 %"), ("cc", "%d")):
        bad = Catalog(locale="en")
        bad.add("Tips for %(who)s", said)
        with pytest.raises(ValueError, match="wrong fields"):
            tongue.known_language(language, compiled(bad, tmp_path, language))


def test_the_console_speaks_what_the_clinic_chose(
    world: World, locale: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tongue, "CATALOGUES", locale)
    house = world.house()
    chosen = world.clinic.model_copy(update={"console_language": "qps"})
    content = house.line.content.model_copy(update={"clinic": chosen})
    app = FastAPI()
    try:
        open_console(app, replace(house, line=replace(house.line, content=content)))
        assert "⟦Staff sign-in⟧" in Visitor(app).get("/console/sign-in").text
    finally:
        tongue.speak("en")
