"""Look at everything that must be right, and say how to mend what is not."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from service.backup import BACKUP
from service.conversation.models import Event, EventState
from service.heartbeat import HEARTBEAT, last_beat
from service.history import SEALS, verify
from service.house import House
from service.line.account import Check, check_account
from service.migrate import is_current
from service.outbox.models import OutboundMessage
from service.outbox.rules import State
from service.phone import to_e164
from service.spool import Spool
from service.staff.phones import roster, shifts
from service.staff.rota import gaps

BACKUP_TOO_OLD = timedelta(hours=26)
WAITING_TOO_LONG = timedelta(minutes=5)


def examine(house: House) -> Iterator[Check]:
    """Every check, in the order in which faults should be mended."""
    yield Check(True, "settings are complete")
    yield Check(True, "messages/ is complete and safe")
    yield _check_line_number(house)
    yield from _check_spool(house.spool)
    try:
        house.database.answers()
    except SQLAlchemyError as error:
        yield Check(
            False, f"database ({type(error).__name__})", "check DATABASE_URL; is it running?"
        )
        return
    yield Check(True, "database answers")
    if not is_current(house.database):
        yield Check(False, "database schema", "run `backtalk migrate`")
        return
    yield Check(True, "database schema is this version's")
    yield from _check_staffing(house)
    yield from _check_queue(house)
    yield _check_history(house)
    yield _check_backup(house)
    if house.carrier is None:
        yield from check_account(house.settings)
    else:
        yield Check(True, "no Twilio account set: the carrier is simulated")


def _check_line_number(house: House) -> Check:
    shown = to_e164(house.content.clinic.phone_display)
    mend = "make phone_display in messages/clinic.toml the number in BACKTALK_LINE_NUMBER"
    return Check(shown == house.settings.line_number, "pages show the line's own number", mend)


def _check_staffing(house: House) -> Iterator[Check]:
    """Whether an alert reaches a person, now and in the week to come."""
    clinic, now = house.content.clinic, house.clock.now()
    with house.database.reading() as session:
        people = roster(session, clinic.alerts.numbers, now, clinic.zone)
        rota = shifts(session)
    mend = "give staff a mobile number and hours on the console's page Rota (docs/alerts.md)"
    yield Check(bool(people.everyone), "somebody is alerted to red flags", mend)
    empty = gaps(rota, now, clinic.zone) if rota else []
    if empty:
        mend = f"nobody is on the rota from {empty[0].begins:%a %H:%M}: fill it, or everyone is told at once"
        yield Check(False, "the rota of the next seven days is full", mend)
    if not len(house.channels):
        mend = (
            "set BACKTALK_ALERT_URLS: only there can a stopped worker be told of (docs/alerts.md)"
        )
        yield Check(False, "alerts have another channel than the phones", mend)


def _check_history(house: House) -> Check:
    with house.database.reading() as session:
        chain = verify(session, house.database.keyring.derive(SEALS))
    if chain.broken_at is not None:
        mend = "somebody has changed the database by hand: compare with a backup, and find out who"
        return Check(False, f"the history is altered at its entry {chain.broken_at}", mend)
    return Check(
        True, f"the history is whole: {chain.length} entries, seal {chain.last.hex()[:16]}"
    )


def _check_spool(spool: Spool) -> Iterator[Check]:
    mend = f"make {spool.folder} a folder this account may write, or set BACKTALK_SPOOL_DIR"
    yield Check(spool.is_writable(), "webhooks can wait on disk when the database is away", mend)
    aside = len(spool.aside())
    mend = f"{aside} unreadable files lie in {spool.folder}/aside: see docs/delivery.md"
    yield Check(not aside, "nothing unreadable was set aside", mend)


def _check_backup(house: House) -> Check:
    with house.database.reading() as session:
        last = last_beat(session, BACKUP)
    when = f"the last good backup is of {last:%Y-%m-%d %H:%M} UTC" if last else "a backup was made"
    fresh = last is not None and house.clock.now() - last < BACKUP_TOO_OLD
    return Check(fresh, when, "run `backtalk backup PATH` every night")


def _check_queue(house: House) -> Iterator[Check]:
    now = house.clock.now()
    with house.database.reading() as session:
        beat = last_beat(session, HEARTBEAT)
        overdue = session.scalar(
            select(func.count(OutboundMessage.id)).where(
                OutboundMessage.state == State.QUEUED,
                OutboundMessage.not_before < now - WAITING_TOO_LONG,
            )
        )
        failed = session.scalar(
            select(func.count(Event.id)).where(Event.state == EventState.FAILED)
        )
    ticking = beat is not None and now - beat < timedelta(minutes=2)
    yield Check(ticking, "worker is ticking", "start `backtalk worker` (or `backtalk run`)")
    yield Check(
        beat is None or beat - now < timedelta(minutes=2),
        "clock agrees with the last heartbeat",
        "this machine's clock is behind: check its time synchronisation",
    )
    yield Check(
        not overdue, "queue is moving", f"{overdue} messages are overdue: look at the worker"
    )
    yield Check(not failed, "no failed events", f"{failed} wait in the console to be replayed")
