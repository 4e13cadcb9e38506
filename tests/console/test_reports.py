"""The front desk's five minutes a week: list, labels, slips, mailed, returned, CSV."""

import csv
from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select, update

from service.config import Settings
from service.console.numbers import read
from service.console.reports_table import safe, unsafe
from service.patients.find import main_patient
from service.patients.models import Thread
from service.report_requests.fulfil import mark_mailed
from service.report_requests.models import ReportRequest
from service.report_requests.packages import settle
from service.report_requests.request import Wish, request_report
from service.report_requests.rules import State
from service.staff.rules import Role
from tests.console.test_guard import _csrf
from tests.console.world import World
from tests.visitor import Visitor

NAMES = ("Ann Walker", "Bea Nguyen", "Cal Ortiz", "Dot Reed", "Eve Stone")


@pytest.fixture
def settings(embedded: Settings) -> Settings:
    """SQLite is enough for pages and paper."""
    return embedded


@pytest.fixture
def desk(world: World) -> Visitor:
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


def post(browser: Visitor, path: str, **form: object) -> int:
    answer = browser.post(f"/console/reports/{path}", data={"csrf": _csrf(browser), **form})
    return int(answer.status_code)


def words_of(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def test_this_weeks_four_stand_on_the_list_and_the_fifth_in_line(
    world: World, desk: Visitor
) -> None:
    ask(world)
    page = desk.get("/console/reports").text
    assert all(name in page for name in NAMES)
    assert states(world) == [State.RESERVED] * 4 + [State.WAITING]


def test_the_batch_is_mailed_in_one_click_and_taken_back_in_another(
    world: World, desk: Visitor
) -> None:
    ids = ask(world)
    assert post(desk, "mailed", request=ids[:4]) == 303
    assert states(world) == [State.MAILED] * 4 + [State.WAITING]
    assert post(desk, "undo") == 303
    assert states(world)[:4] == [State.RESERVED] * 4


def test_after_a_few_minutes_it_is_too_late_to_undo(world: World, desk: Visitor) -> None:
    ids = ask(world)
    post(desk, "mailed", request=ids[:4])
    world.clock.moment += timedelta(minutes=6)
    assert post(desk, "undo") == 409
    assert states(world)[:4] == [State.MAILED] * 4


def test_a_click_on_what_somebody_else_has_mailed_changes_nothing(
    world: World, desk: Visitor
) -> None:
    ids = ask(world)
    post(desk, "mailed", request=ids[:1])
    assert post(desk, "mailed", request=ids[:1]) == 409


def test_what_the_post_brings_back_keeps_its_reason(world: World, desk: Visitor) -> None:
    ids = ask(world)
    post(desk, "mailed", request=ids[:1])
    assert post(desk, f"{ids[0]}/returned", reason="no_such_number") == 303
    assert post(desk, f"{ids[1]}/returned", reason="unclaimed") == 409
    assert "came back" in desk.get("/console/reports").text.lower()


def test_a_dropped_package_goes_to_the_next_in_line(world: World, desk: Visitor) -> None:
    ids = ask(world)
    assert post(desk, f"{ids[0]}/cancel") == 303
    assert states(world) == [State.CANCELLED] + [State.RESERVED] * 4


def test_the_label_sheet_has_a_label_for_each_package_of_the_week(
    world: World, desk: Visitor
) -> None:
    ask(world)
    answer = desk.get("/console/reports/labels.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    (sheet,) = words_of(answer.content)
    assert [name in sheet for name in NAMES] == [True] * 4 + [False]
    assert "10 Oak Lane" in sheet


def test_the_report_goes_out_in_the_patients_language(world: World, desk: Visitor) -> None:
    ask(world)
    with world.database.transaction() as session:
        session.execute(update(Thread).values(language="es"))
    assert "Report in Spanish" in desk.get("/console/reports").text
    assert (
        "nine-tip report in Spanish" in words_of(desk.get("/console/reports/slips.pdf").content)[0]
    )


def test_the_slips_say_to_whom_and_what_goes_in(world: World, desk: Visitor) -> None:
    ask(world)
    pages = words_of(desk.get("/console/reports/slips.pdf").content)
    assert len(pages) == 2
    assert "1 of 4" in pages[0]
    assert "nine-tip report in English" in pages[0]


def test_the_table_goes_out_and_comes_back_with_tracking_numbers(
    world: World, desk: Visitor
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
    world: World, desk: Visitor, table: str
) -> None:
    ask(world)
    files = {"table": ("packages.csv", table.encode(), "text/csv")}
    taken = desk.post("/console/reports/list", data={"csrf": _csrf(desk)}, files=files)
    assert taken.status_code == 400
    assert State.MAILED not in states(world)


@pytest.mark.parametrize("name", ["=1+1", "+SUM(A1)", "-2", "@cmd", " =1", "'=1"])
def test_no_name_is_a_formula_in_a_spreadsheet(world: World, desk: Visitor, name: str) -> None:
    assert unsafe(safe(name)) == name
    ask(world, [name])
    (row,) = csv.DictReader(StringIO(desk.get("/console/reports/list.csv").text))
    assert row["name"].startswith("'")


def test_an_address_is_put_right_by_staff(world: World, desk: Visitor) -> None:
    first, *_ = ask(world)
    where = "PO Box 9\r\n\r\n Warsaw,  VA 22572 "
    assert post(desk, f"{first}/address", name=" Ann  Walker ", address=where) == 303
    with world.database.reading() as session:
        put_right = session.get_one(ReportRequest, first)
        assert put_right.recipient == "Ann Walker"
        assert put_right.address == "PO Box 9\nWarsaw, VA 22572"
    post(desk, "mailed", request=[first])
    assert post(desk, f"{first}/address", name="Ann", address="PO Box 8") == 409


def test_what_came_back_is_sent_again_by_staff_and_keeps_its_place(
    world: World, desk: Visitor
) -> None:
    first, *_ = ask(world)
    post(desk, "mailed", request=[first])
    post(desk, f"{first}/returned", reason="no_such_number")
    better = {"name": "Ann Walker", "address": "PO Box 9\nWarsaw, VA 22572"}
    assert post(desk, f"{first}/address", **better) == 303
    assert post(desk, f"{first}/address", **better) == 409  # a second click
    assert "Sent again" in desk.get("/console/reports").text
    with world.database.reading() as session:
        again = session.scalars(select(ReportRequest).order_by(ReportRequest.id.desc())).first()
        assert again is not None
        assert again.again_for == first
        assert again.in_line_at == session.get_one(ReportRequest, first).in_line_at


def test_staff_mail_one_to_somebody_else_on_the_same_phone(world: World, desk: Visitor) -> None:
    ask(world, NAMES[:1])
    with world.database.reading() as session:
        thread_id = session.scalars(select(ReportRequest.thread_id)).one()
    form = {"csrf": _csrf(desk), "name": "Abe Walker", "address": "10 Oak Lane\nWarsaw, VA 22572"}
    path = f"/console/patients/{thread_id}/report"
    assert desk.post(path, data=form).status_code == 303
    assert states(world) == [State.RESERVED] * 2
    assert desk.post(path, data=form).status_code == 409
    assert "Abe Walker" in desk.get(f"/console/patients/{thread_id}").text


def test_what_was_dropped_by_mistake_is_put_back_at_its_place(world: World, desk: Visitor) -> None:
    *_, fourth, fifth = ask(world)
    answer = desk.post(f"/console/reports/{fourth}/cancel", data={"csrf": _csrf(desk)})
    assert "Put it back" in desk.get(answer.headers["location"]).text
    assert states(world)[3:] == [State.CANCELLED, State.RESERVED]
    post(desk, f"{fifth}/cancel")
    assert post(desk, f"{fourth}/release") == 303
    assert post(desk, f"{fifth}/release") == 303
    assert states(world)[3:] == [State.RESERVED, State.WAITING]


@pytest.mark.parametrize(
    ("step", "said"),
    [("packed", "patients are not told"), ("mailed", "at night not before the morning")],
)
def test_before_it_is_too_late_the_page_says_what_patients_will_hear(
    world: World, desk: Visitor, step: str, said: str
) -> None:
    ids = ask(world)
    post(desk, step, request=ids[:1])
    assert said in desk.get("/console/reports").text


def test_a_tracking_number_can_be_noted_after_the_mailing(world: World, desk: Visitor) -> None:
    first, *_ = ask(world)
    post(desk, "mailed", request=[first])
    assert f"/console/reports/{first}/tracking" in desk.get("/console/reports").text
    assert post(desk, f"{first}/tracking", tracking="9400 2") == 303


def test_a_tracking_number_that_a_spreadsheet_has_rounded_is_refused(
    world: World, desk: Visitor
) -> None:
    first, second, *_ = ask(world)
    table = f"request,state,tracking\n{second},Mailed,\n{first},mailed,9.4001E+21\n"
    files = {"table": ("packages.csv", table.encode(), "text/csv")}
    taken = desk.post("/console/reports/list", data={"csrf": _csrf(desk)}, files=files)
    assert taken.status_code == 400
    assert State.MAILED not in states(world)


def test_a_table_saved_by_windows_is_taken(world: World, desk: Visitor) -> None:
    first, *_ = ask(world)
    table = f"request,name,state,tracking\n{first},José,Mailed,\n".encode("cp1252")
    files = {"table": ("packages.csv", table, "text/csv")}
    desk.post("/console/reports/list", data={"csrf": _csrf(desk)}, files=files)
    assert states(world)[0] == State.MAILED


def test_the_numbers_count_who_waits_at_the_end_of_each_week(world: World) -> None:
    ids = ask(world)
    with world.database.reading() as session:
        weeks = read(session, world.clinic, world.clock.now())
    assert (weeks[-1].requested, weeks[-1].waiting) == (5, 1)
    world.clock.moment += timedelta(weeks=1)
    with world.database.transaction() as session:
        settle(session, world.clinic, world.clock.now())
        mark_mailed(session, ids, 1, world.clock.now())
        weeks = read(session, world.clinic, world.clock.now())
    assert [week.waiting for week in weeks[-2:]] == [1, 0]
    assert weeks[-1].mailed == 5


def test_the_numbers_have_a_picture_and_a_table(world: World, desk: Visitor) -> None:
    ask(world)
    page = desk.get("/console/reports/numbers").text
    assert "<table" in page
    assert "svg" in page
