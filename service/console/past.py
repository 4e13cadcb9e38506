"""The history, for administrators: who saw and did what, when. Reading it is remembered too."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from service import history
from service.console import shell
from service.console.guard import AdminViewer, ConsoleRoute, Visit
from service.conversation.models import Recording
from service.history import HistoryEntry
from service.report_requests.models import ReportRequest
from service.review.models import ReviewItem
from service.staff.accounts import names
from service.tongue import gettext

router = APIRouter(prefix="/console/history", route_class=ConsoleRoute)

A_PAGE = 100

NAMES: dict[str, type[ReviewItem | ReportRequest | Recording]] = {
    "review": ReviewItem,
    "request": ReportRequest,
    "recording": Recording,
}
"""What the history calls rows that belong to a patient."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; nothing set finds everything."""

    staff: int | None
    patient: int | None
    action: str
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as it stands on the page."""

    id: int
    at: datetime
    who: str
    action: str
    subject: str
    href: str | None
    detail: str


@router.get("")
def show(
    visit: AdminViewer,
    staff: str = "",
    patient: str = "",
    action: str = "",
    since: str = "",
    until: str = "",
    before: Annotated[int | None, Query(ge=1)] = None,
) -> HTMLResponse:
    """A page of entries, the newest first."""
    search = Search(_number(staff), _number(patient), action.strip(), _day(since), _day(until))
    with visit.house.database.transaction() as session:
        found = session.scalars(_matching(session, search, visit, before).limit(A_PAGE + 1)).all()
        people = names(session)
        lines = list(_lines(session, found[:A_PAGE], people))
        actions = session.scalars(select(HistoryEntry.action).distinct()).all()
        actor = history.staff_actor(visit.who.staff_id)
        history.record(session, at=visit.now, actor=actor, action="history read", subject="history")
    return shell.page(
        visit,
        "history.html",
        lines=lines,
        people=people,
        actions=sorted(actions),
        search=search,
        more=found[A_PAGE - 1].id if len(found) > A_PAGE else None,
    )


def _matching(
    session: Session, search: Search, visit: Visit, before: int | None
) -> Select[HistoryEntry]:
    wanted = select(HistoryEntry).order_by(HistoryEntry.id.desc())
    if before is not None:
        wanted = wanted.where(HistoryEntry.id < before)
    if search.staff is not None:
        wanted = wanted.where(HistoryEntry.actor == history.staff_actor(search.staff))
    if search.action:
        wanted = wanted.where(HistoryEntry.action == search.action)
    if search.patient is not None:
        wanted = wanted.where(HistoryEntry.subject.in_(_subjects(session, search.patient)))
    zone = visit.house.zone
    if search.since is not None:
        wanted = wanted.where(HistoryEntry.at >= datetime.combine(search.since, time(), zone))
    if search.until is not None:
        end = datetime.combine(search.until + timedelta(days=1), time(), zone)
        wanted = wanted.where(HistoryEntry.at < end.astimezone(UTC))
    return wanted


def _subjects(session: Session, thread_id: int) -> list[str]:
    """Everything of one patient that entries can be about."""
    subjects = [f"thread:{thread_id}"]
    for name, table in NAMES.items():
        ids = session.scalars(select(table.id).where(table.thread_id == thread_id))
        subjects += [f"{name}:{each}" for each in ids]
    return subjects


def _lines(
    session: Session, entries: Sequence[HistoryEntry], people: Mapping[int, str]
) -> Iterator[Line]:
    threads = _threads(session, {entry.subject for entry in entries})
    for entry in entries:
        thread = threads.get(entry.subject)
        yield Line(
            id=entry.id,
            at=entry.at,
            who=_who(entry.actor, people),
            action=entry.action,
            subject=_who(entry.subject, people).replace(":", " "),
            href=f"/console/patients/{thread}" if thread is not None else None,
            detail=", ".join(f"{name} {value}" for name, value in sorted(entry.detail.items())),
        )


def _threads(session: Session, subjects: set[str]) -> dict[str, int]:
    """The patient's id behind each subject that has one."""
    found: dict[str, int] = {}
    for name, table in NAMES.items():
        ids = [int(each.partition(":")[2]) for each in subjects if each.startswith(f"{name}:")]
        rows = select(table.id, table.thread_id).where(table.id.in_(ids))
        found |= {f"{name}:{row}": thread for row, thread in session.execute(rows) if thread}
    own = [each for each in subjects if each.startswith("thread:")]
    return found | {each: int(each.partition(":")[2]) for each in own}


def _who(actor: str, people: Mapping[int, str]) -> str:
    name, _, number = actor.partition(":")
    if name == "staff" and number.isdigit():
        return people.get(int(number)) or gettext("Somebody")
    return actor


def _number(text: str) -> int | None:
    if not text.strip():
        return None
    return int(text) if text.isdecimal() and len(text) < 10 else 0  # of which there is none


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
