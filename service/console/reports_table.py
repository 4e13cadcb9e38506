"""This week's list as a CSV file, out and in, safe to open in a spreadsheet."""

import csv
import re
from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Annotated, Final

from fastapi import APIRouter, File, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from service import history
from service.console.guard import Actor, ConsoleRoute, Viewer, Visit
from service.errors import BacktalkError
from service.report_requests import fulfil
from service.report_requests.models import ReportRequest
from service.report_requests.rules import State

router = APIRouter(prefix="/console/reports", route_class=ConsoleRoute)

COLUMNS: Final = ("request", "name", "address", "week", "state", "tracking")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "'")  # OWASP: CSV injection
_ROUNDED: Final = re.compile(r"\d+(?:[.,]\d+)?E\+\d+", re.I)  # 9.4001E+21: long numbers in Excel
_MOST: Final = 500


class BadTable(BacktalkError):
    """The file is not the list that this console gives out."""

    status = 400


@router.get("/list.csv")
def give(visit: Viewer) -> Response:
    """This week's packages as a table."""
    with visit.house.database.transaction() as session:
        actor = history.staff_actor(visit.who.staff_id)
        history.record(
            session, at=visit.now, actor=actor, action="addresses exported", subject="reports:due"
        )
        table = written(_row(each) for each in fulfil.this_weeks(session))
    headers = {"Content-Disposition": 'attachment; filename="packages.csv"'}
    return Response(table, media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/list")
def take(visit: Actor, table: Annotated[bytes, File(max_length=200_000)]) -> Response:
    """Take the table back: tracking numbers, and what is packed or mailed now. All of it or nothing."""
    rows = read(_decoded(table))
    with visit.house.database.transaction() as session:
        for row in rows:
            _apply(session, visit, row)
    return RedirectResponse("/console/reports?said=table_taken", 303)


def _decoded(table: bytes) -> str:
    """As UTF-8, or as spreadsheets on Windows write it: of what is taken in, nothing has accents."""
    try:
        return table.decode("utf-8-sig")
    except UnicodeDecodeError:
        return table.decode("cp1252", errors="replace")


def written(rows: Iterable[Mapping[str, str]]) -> str:
    """The table as CSV (RFC 4180), every cell quoted; no cell is a formula when it is opened."""
    out = StringIO()
    table = csv.DictWriter(out, COLUMNS, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    table.writeheader()
    table.writerows({name: safe(cell) for name, cell in row.items()} for row in rows)
    return out.getvalue()


def read(text: str) -> list[dict[str, str]]:
    """The rows of a table that came back; BadTable when it is none of ours."""
    table = csv.DictReader(StringIO(text), strict=True)
    if not {"request", "state", "tracking"} <= set(table.fieldnames or ()):
        raise BadTable("The first line must name the columns request, state and tracking.")
    try:
        rows = list(table)
    except csv.Error as error:
        raise BadTable("This is not a table in CSV form.") from error
    if len(rows) > _MOST or any(None in row or None in row.values() for row in rows):
        raise BadTable(
            "More than %(most)d lines, or a line with too many or too few columns.", most=_MOST
        )
    if not all(row["request"].isdecimal() for row in rows):
        raise BadTable("The column request must hold the numbers that this console gave out.")
    return [{name: unsafe(cell) for name, cell in row.items()} for row in rows]


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe goes before what might be one."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell


def unsafe(cell: str) -> str:
    """The cell without that apostrophe."""
    return cell[1:] if cell.startswith("'") and cell[1:].lstrip(" ").startswith(_FORMULA) else cell


def _row(request: ReportRequest) -> dict[str, str]:
    return {
        "request": str(request.id),
        "name": request.recipient or "",
        "address": ", ".join((request.address or "").split("\n")),
        "week": request.week.isoformat() if request.week else "",
        "state": request.state,
        "tracking": request.tracking or "",
    }


def _apply(session: Session, visit: Visit, row: Mapping[str, str]) -> None:
    request_id, staff_id = int(row["request"]), visit.who.staff_id
    if tracking := row["tracking"].strip():
        if len(tracking) > 40:
            raise BadTable("A tracking number has 40 characters at most.")
        if _ROUNDED.fullmatch(tracking):
            raise BadTable(
                "The spreadsheet has cut the tracking number %(tracking)s short. Set the column to text,"
                " type the number again and save the table once more.",
                tracking=tracking,
            )
        fulfil.track(session, request_id, tracking, staff_id, visit.now)
    match row["state"].strip().lower():
        case State.PACKED:
            fulfil.mark_packed(session, [request_id], staff_id, visit.now)
        case State.MAILED:
            fulfil.mark_mailed(session, [request_id], staff_id, visit.now)
        case State.RESERVED | "":
            pass
        case _:
            raise BadTable("The column state may hold reserved, packed or mailed.")
