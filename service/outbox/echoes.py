"""What had left before a restore, and whether a message is one of them."""

from datetime import datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from service.crypto import Keyring
from service.outbox.models import Echo, OutboundMessage, Restore

CATCHING_UP = timedelta(hours=1)
"""What is decided within this time of a restore may have been decided, and sent, once before."""

UNSETTLED_RESTORE = exists().where(Restore.released_at.is_(None))
"""True in SQL while a restore has not been settled with the carrier: then nothing leaves."""

LATEST_RESTORE = select(func.max(Restore.restored_at)).scalar_subquery()
"""When the database was last put back from a copy, in SQL; NULL when it never was."""


def fingerprint(keyring: Keyring, to: str, body: str) -> bytes:
    """What an equal text to the same number is known by."""
    return keyring.index(f"{to}\0{body}", "echoes.fingerprint")


def take_echo(
    session: Session, keyring: Keyring, message: OutboundMessage, restored_at: datetime | None
) -> str | None:
    """The carrier's id of this very message when it had left before the restore; each counts once."""
    if restored_at is None or message.created_at > restored_at + CATCHING_UP:
        return None
    wanted = fingerprint(keyring, message.to, message.body)
    echo = session.scalars(
        select(Echo).where(Echo.fingerprint == wanted).order_by(Echo.id).limit(1).with_for_update()
    ).first()
    if echo is None:
        return None
    session.delete(echo)
    return echo.carrier_id
