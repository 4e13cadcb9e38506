"""The front desk's five minutes a week: list, labels, slips, mailed, returned, CSV."""

import csv
import shutil
from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader
from sqlalchemy import select

from service.config import Settings
from service.console.reports_table import safe, unsafe
from service.patients.find import main_patient
from service.report_requests.models import ReportRequest
from service.report_requests.request import Wish, request_report
from service.report_requests.rules import State
from service.staff.rules import Role
from tests.console.test_guard import _csrf
from tests.console.world import World
from tests.line import make_settings

NAMES = ("Ann Walker", "Bea Nguyen", "Cal Ortiz", "Dot Reed", "Eve Stone")


@pytest.fixture
def settings(sqlite_template: Path, tmp_path: Path) -> Settings:
    """SQLite is enough for pages and paper."""
    path = tmp_path / "backtalk.sqlite3"
    shutil.copy(sqlite_template, path)
    return make_settings(f"sqlite:///{path}")


@pytest.fixture
def desk(world: World) -> TestClient:
    return world.signed_in(world.staff("Fay Desk", Role.FRONT_DESK))


def ask(world: World, names: Sequence[str] = NAMES) -> list[int]:
    """Each asks for a report, in order; the ids of the requests."""
    for index, name in enumerate(names):
        thread_id = world.patient(f"+180455501{index:02}", name)
        with world.database.transaction() as session:
            patient = main_patient(session, thread_id).id
            where = f"{index + 10} Oak Lane\nWarsaw, VA 22572"
            wish = Wish(thread_id, patient, name, where, doubtful=False)
            request_report(session, wish, world.clinic, world.clock.now())
        world.clock.moment += timedelta(minutes=1)
    with world.database.reading() as session:
        return list(session.scalars(select(ReportRequest.id).order_by(ReportRequest.id)))


def states(world: World) -> list[str]:
    with world.database.reading() as session:
        return list(session.scalars(select(ReportRequest.state).order_by(ReportRequest.id)))


def post(browser: TestClient, path: str, **form: object) -> int:
    answer = browser.post(f"/console/reports/{path}", data={"csrf": _csrf(browser), **form})
    return int(answer.status_code)


def words_of(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def test_this_weeks_four_stand_on_the_list_and_the_fifth_in_line(
    world: World, desk: TestClient
) -> None:
    ask(world)
    page = desk.get("/console/reports").text
    assert all(name in page for name in NAMES)
    assert states(world) == [State.RESERVED] * 4 + [State.WAITING]


def test_the_batch_is_mailed_in_one_click_and_taken_back_in_another(
    world: World, desk: TestClient
) -> None:
    ids = ask(world)
    assert post(desk, "mailed", request=ids[:4]) == 303
    assert states(world) == [State.MAILED] * 4 + [State.WAITING]
    assert post(desk, "undo") == 303
    assert states(world)[:4] == [State.RESERVED] * 4


def test_after_a_few_minutes_it_is_too_late_to_undo(world: World, desk: TestClient) -> None:
    ids = ask(world)
    post(desk, "mailed", request=ids[:4])
    world.clock.moment += timedelta(minutes=6)
    assert post(desk, "undo") == 409
    assert states(world)[:4] == [State.MAILED] * 4


def test_a_click_on_what_somebody_else_has_mailed_changes_nothing(
    world: World, desk: TestClient
) -> None:
    ids = ask(world)
    post(desk, "mailed", request=ids[:1])
    assert post(desk, "mailed", request=ids[:1]) == 409


def test_what_the_post_brings_back_keeps_its_reason(world: World, desk: TestClient) -> None:
    ids = ask(world)
    post(desk, "mailed", request=ids[:1])
    assert post(desk, f"{ids[0]}/returned", reason="no_such_number") == 303
    assert post(desk, f"{ids[1]}/returned", reason="unclaimed") == 409
    assert "came back" in desk.get("/console/reports").text.lower()


def test_a_dropped_package_goes_to_the_next_in_line(world: World, desk: TestClient) -> None:
    ids = ask(world)
    assert post(desk, f"{ids[0]}/cancel") == 303
    assert states(world) == [State.CANCELLED] + [State.RESERVED] * 4


def test_the_label_sheet_has_a_label_for_each_package_of_the_week(
    world: World, desk: TestClient
) -> None:
    ask(world)
    answer = desk.get("/console/reports/labels.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    (sheet,) = words_of(answer.content)
    assert [name in sheet for name in NAMES] == [True] * 4 + [False]
    assert "10 Oak Lane" in sheet


def test_the_slips_say_to_whom_and_what_goes_in(world: World, desk: TestClient) -> None:
    ask(world)
    pages = words_of(desk.get("/console/reports/slips.pdf").content)
    assert len(pages) == 2
    assert "1 of 4" in pages[0]
    assert "nine-tip report" in pages[0]


def test_the_table_goes_out_and_comes_back_with_tracking_numbers(
    world: World, desk: TestClient
) -> None:
    ids = ask(world)
    rows = list(csv.DictReader(StringIO(desk.get("/console/reports/list.csv").text)))
    assert [row["name"] for row in rows] == list(NAMES[:4])
    table = f"request,state,tracking\n{ids[0]},mailed,9400 1\n{ids[1]},reserved,\n"
    files = {"table": ("packages.csv", table.encode(), "text/csv")}
    taken = desk.post("/console/reports/list", data={"csrf": _csrf(desk)}, files=files)
    assert taken.status_code == 303
    assert states(world)[:2] == [State.MAILED, State.RESERVED]
    assert "9400 1" in desk.get("/console/reports").text


@pytest.mark.parametrize(
    "table",
    ["name\nAnn\n", "request,state,tracking\nx,mailed,\n", "request,state,tracking\n1,lost,\n",
     "request,state,tracking\n1,mailed\n", "\ufffe"],
)  # fmt: skip
def test_a_table_that_is_none_of_ours_changes_nothing(
    world: World, desk: TestClient, table: str
) -> None:
    ask(world)
    files = {"table": ("packages.csv", table.encode(), "text/csv")}
    taken = desk.post("/console/reports/list", data={"csrf": _csrf(desk)}, files=files)
    assert taken.status_code == 400
    assert State.MAILED not in states(world)


@pytest.mark.parametrize("name", ["=1+1", "+SUM(A1)", "-2", "@cmd", " =1", "'=1"])
def test_no_name_is_a_formula_in_a_spreadsheet(world: World, desk: TestClient, name: str) -> None:
    assert unsafe(safe(name)) == name
    ask(world, [name])
    (row,) = csv.DictReader(StringIO(desk.get("/console/reports/list.csv").text))
    assert row["name"].startswith("'")


def test_the_numbers_have_a_picture_and_a_table(world: World, desk: TestClient) -> None:
    ask(world)
    page = desk.get("/console/reports/numbers").text
    assert "<table" in page
    assert "svg" in page
