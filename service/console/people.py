"""Whom a thread belongs to, as the console names them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.console import words
from service.patients.models import Patient, Thread
from service.phone import pretty
from service.tongue import gettext


@dataclass(frozen=True, slots=True)
class Person:
    """The household behind a number. `phone` is E.164; None for a hidden caller."""

    thread_id: int
    phone: str | None
    number: str
    name: str | None
    language: str
    zone: ZoneInfo
    their_time: str
    opted_out_at: datetime | None
    flagged: bool
    textable: bool
    erased_at: datetime | None

    @property
    def may_be_texted(self) -> bool:
        """Whether a text from staff may go to them, and can arrive."""
        return self.phone is not None and self.textable and self.opted_out_at is None

    @property
    def title(self) -> str:
        """The name, or the number while no name is known."""
        return self.name or self.number


def people_of(session: Session, threads: Sequence[Thread], now: datetime) -> dict[int, Person]:
    """The person of each thread, by thread id."""
    called: dict[int, list[str]] = {thread.id: [] for thread in threads}
    patients = select(Patient).where(Patient.thread_id.in_(called)).order_by(Patient.id)
    for patient in session.scalars(patients):
        if patient.name:
            called[patient.thread_id].append(patient.name)
    return {thread.id: _person(thread, called[thread.id], now) for thread in threads}


def _person(thread: Thread, called: Sequence[str], now: datetime) -> Person:
    zone = ZoneInfo(thread.address_zone or thread.zone)
    return Person(
        thread_id=thread.id,
        phone=thread.phone,
        number=_number(thread),
        name=words.listed(called) or None,
        language=words.LANGUAGES.get(thread.language, thread.language),
        zone=zone,
        their_time=words.clock_time(now, zone),
        opted_out_at=thread.opted_out_at,
        flagged=thread.flagged_at is not None,
        textable=thread.textable,
        erased_at=thread.erased_at,
    )


def _number(thread: Thread) -> str:
    if thread.phone:
        return pretty(thread.phone)
    if thread.erased_at or thread.phone_index:
        return gettext("Erased")
    return gettext("Hidden number")
