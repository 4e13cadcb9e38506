"""Find or make the thread of a number, and lock it."""

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from service.crypto import Keyring
from service.db import insert_if_new
from service.patients.models import Patient, Thread
from service.phone import zone_of

PHONE_PLACE = "threads.phone"

_OF_NUMBER = select(Thread).where(Thread.phone_index == bindparam("index"))
_LOCKED_OF_NUMBER = _OF_NUMBER.with_for_update()
_LOCKED_IF_FREE = (
    select(Thread).where(Thread.id == bindparam("id")).with_for_update(skip_locked=True)
)
_MAIN_PATIENT = (
    select(Patient).where(Patient.thread_id == bindparam("thread")).order_by(Patient.id).limit(1)
)


def lock_thread(
    session: Session,
    keyring: Keyring,
    phone: str | None,
    *,
    language: str,
    zone: str,
    now: datetime,
) -> tuple[Thread, bool]:
    """The thread of `phone` (E.164), locked until the transaction ends, and whether it is new.

    1. insert unless it is there (two first texts at once have one winner);
    2. lock the row, so that whatever else comes for this number waits.
    A caller without a number gets a thread of their own. `language` and `zone` are for a new thread;
    the number's own zone is preferred.
    """
    index = keyring.index(phone, PHONE_PLACE) if phone else None
    found = zone_of(phone) if phone else None
    new_id = insert_if_new(
        session,
        Thread,
        phone=phone,
        phone_index=index,
        language=language,
        zone=found.key if found else zone,
        opened_at=now,
        textable=True,
    )
    if new_id is not None:
        session.add(Patient(thread_id=new_id, created_at=now))
    if new_id is not None:
        thread = session.get_one(Thread, new_id, with_for_update=True)
    else:
        thread = session.scalars(_LOCKED_OF_NUMBER, {"index": index}).one()
    if thread.phone is None and phone:
        thread.phone = phone  # it was erased, all but the index, and writes again
    return thread, new_id is not None


def free_thread(session: Session, thread_id: int) -> Thread | None:
    """The thread, locked until the transaction ends; None while somebody else has it."""
    return session.scalar(_LOCKED_IF_FREE, {"id": thread_id})


def thread_of(session: Session, keyring: Keyring, phone: str) -> Thread | None:
    """The thread of `phone` (E.164), not locked; None when nothing was ever said on it."""
    index = keyring.index(phone, PHONE_PLACE)
    return session.scalar(_OF_NUMBER, {"index": index})


def main_patient(session: Session, thread_id: int) -> Patient:
    """The person a thread belongs to: the first of the household on that phone."""
    return session.scalars(_MAIN_PATIENT, {"thread": thread_id}).one()


def person_named(session: Session, thread_id: int, name: str, now: datetime) -> Patient:
    """The person of that name on a shared phone: found, or named, or added to the household."""
    there = session.scalars(
        select(Patient).where(Patient.thread_id == thread_id).order_by(Patient.id)
    ).all()
    for person in there:
        if (person.name or "").casefold() == name.casefold():
            return person
    nameless = next((person for person in there if person.name is None), None)
    if nameless is not None:
        nameless.name = name
        return nameless
    added = Patient(thread_id=thread_id, name=name, created_at=now)
    session.add(added)
    session.flush()
    return added
