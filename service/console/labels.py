"""Labels and packing slips as PDF. Addresses are on paper only: nothing is kept."""

from collections.abc import Sequence
from io import BytesIO
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.units import inch
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from service import history
from service.console import words
from service.console.fonts import BOLD, REGULAR, register_fonts
from service.console.guard import ConsoleRoute, Viewer, Visit
from service.report_requests.fulfil import languages, this_weeks
from service.report_requests.models import ReportRequest
from service.tongue import N_, gettext

router = APIRouter(prefix="/console/reports", route_class=ConsoleRoute)

# Avery 5160: 30 labels of 2 5/8 by 1 inch on US letter, three across, ten down; margins 3/16 and 1/2
# inch, 1/8 inch between the columns, none between the rows (Avery, template 5160).
ACROSS: Final = 3
DOWN: Final = 10
WIDTH: Final = 2.625 * inch
HEIGHT: Final = 1.0 * inch
PITCH: Final = 2.75 * inch
LEFT: Final = 0.1875 * inch
TOP: Final = 0.5 * inch
_PADDING: Final = 0.14 * inch
_LARGEST, _LEGIBLE = 12.0, 8.0  # points
_LEADING: Final = 1.18  # line to line, as a multiple of the type
_INSIDE: Final = (
    N_("The card with our number"),
    N_("Label and stamps"),
)


@router.get("/labels.pdf")
def labels(visit: Viewer, start: Annotated[int, Query(ge=1, le=30)] = 1) -> Response:
    """A label for each package of this week, beginning at label `start` of the first sheet."""
    return _pdf("labels.pdf", label_sheet([_lines(each) for each in _due(visit)], start))


@router.get("/slips.pdf")
def slips(visit: Viewer) -> Response:
    """A half page for each package of this week: to whom, and what goes into it."""
    due = _due(visit)
    with visit.house.database.reading() as session:
        spoken = languages(session, due)
    slips = [(_lines(each), spoken[each.thread_id]) for each in due]
    return _pdf("packing-slips.pdf", packing_slips(slips))


def label_sheet(addresses: Sequence[Sequence[str]], start: int = 1) -> bytes:
    """The labels as PDF, Avery 5160, row by row from label `start` (1 to 30) on. Print at 100 %."""
    register_fonts()
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=LETTER, invariant=1)
    canvas.setTitle(gettext("Labels"))
    for place, lines in enumerate(addresses, start - 1):
        on_page = place % (ACROSS * DOWN)
        if on_page == 0 and place > start - 1:
            canvas.showPage()
        row, column = divmod(on_page, ACROSS)
        top = LETTER[1] - TOP - row * HEIGHT
        _label(canvas, lines, LEFT + column * PITCH, top)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def packing_slips(packages: Sequence[tuple[Sequence[str], str]]) -> bytes:
    """Two slips a page, with a line to cut along, in the language of the staff who pack.

    A package is the lines of its address and the language of the report that goes into it.
    """
    register_fonts()
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=LETTER, invariant=1)
    canvas.setTitle(gettext("Packing slips"))
    for place, package in enumerate(packages):
        upper = place % 2 == 0
        if upper and place:
            canvas.showPage()
        top = LETTER[1] if upper else LETTER[1] / 2
        _slip(canvas, package, top, place + 1, len(packages))
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _label(canvas: Canvas, lines: Sequence[str], left: float, top: float) -> None:
    """One label; the type shrinks, and then long lines are broken, until everything stands on it."""
    size, fitted = _fitted(lines, WIDTH - 2 * _PADDING, HEIGHT - 2 * 0.07 * inch)
    y = top - (HEIGHT - size * _LEADING * len(fitted)) / 2 - size
    canvas.setFont(REGULAR, size)
    for line in fitted:
        canvas.drawString(left + _PADDING, y, line)
        y -= size * _LEADING


def _fitted(lines: Sequence[str], room: float, height: float) -> tuple[float, list[str]]:
    """The largest type in which the lines fit, and the lines: whole while that can be read, else broken."""
    widest = max(stringWidth(line, REGULAR, 1) for line in lines)
    size = min(_LARGEST, room / widest, height / len(lines) / _LEADING)
    if size >= _LEGIBLE:
        return size, list(lines)
    size, broken = _LARGEST, _broken(lines, _LARGEST, room)
    while size > 4 and len(broken) * size * _LEADING > height:
        size -= 0.25
        broken = _broken(lines, size, room)
    return size, broken


def _broken(lines: Sequence[str], size: float, room: float) -> list[str]:
    """The lines broken between words, and a word too long for a line wherever it must be."""
    return [
        part
        for line in lines
        for row in simpleSplit(line, REGULAR, size, room)
        for part in _chopped(row, size, room)
    ]


def _chopped(line: str, size: float, room: float) -> list[str]:
    parts = [""]
    for letter in line:
        if parts[-1] and stringWidth(parts[-1] + letter, REGULAR, size) > room + 0.01:
            parts.append("")
        parts[-1] += letter
    return parts


def _slip(
    canvas: Canvas, package: tuple[Sequence[str], str], top: float, number: int, count: int
) -> None:
    left, (lines, language) = 0.9 * inch, package
    canvas.setFont(BOLD, 16)
    canvas.drawString(left, top - 0.9 * inch, gettext("Packing slip"))
    canvas.setFont(REGULAR, 11)
    place = gettext("%(number)d of %(count)d", number=number, count=count)
    canvas.drawRightString(LETTER[0] - left, top - 0.9 * inch, place)
    y = top - 1.5 * inch
    for line in _broken(lines, 14, LETTER[0] - 2 * left):
        canvas.setFont(REGULAR, 14)
        canvas.drawString(left, y, line)
        y -= 20
    name = words.LANGUAGES.get(language, language)
    report = gettext("The nine-tip report in %(language)s, two pages", language=name)
    for item in (report, *map(gettext, _INSIDE)):
        y -= 26
        canvas.rect(left, y - 1, 11, 11)
        canvas.setFont(REGULAR, 12)
        canvas.drawString(left + 22, y, item)
    canvas.setDash(3, 4)
    canvas.line(0, top - LETTER[1] / 2, LETTER[0], top - LETTER[1] / 2)
    canvas.setDash()


def _due(visit: Visit) -> Sequence[ReportRequest]:
    with visit.house.database.transaction() as session:
        actor = history.staff_actor(visit.who.staff_id)
        history.record(
            session, at=visit.now, actor=actor, action="addresses printed", subject="reports:due"
        )
        return [each for each in this_weeks(session) if each.address]


def _lines(request: ReportRequest) -> list[str]:
    return [request.recipient or "Resident", *(request.address or "").split("\n")][:5]


def _pdf(name: str, data: bytes) -> Response:
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(data, media_type="application/pdf", headers=headers)
