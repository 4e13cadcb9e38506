"""After a restore: nothing leaves until the carrier's list says what had left since the backup.

A restored database takes for unsent what was sent after the backup was made. So everything is held, the
carrier's own list since then is fetched, and whatever is about to leave and stands in it already is
settled by it instead of being sent a second time.
"""

from datetime import timedelta

from sqlalchemy import select

from service.db import insert_if_new
from service.outbox.echoes import fingerprint
from service.outbox.models import Echo, OutboundMessage, Restore
from service.outbox.send import Outbox

OVERLAP = timedelta(hours=1)

_UNSETTLED = select(Restore).where(Restore.released_at.is_(None))


def settle_restore(outbox: Outbox) -> bool:
    """Fetch what had left since the backup and let the outbox go on; False while that cannot be done."""
    with outbox.database.reading() as session:
        restore = session.scalars(_UNSETTLED).first()
    if restore is None:
        return True
    sent = outbox.sender.sent_since(restore.backed_up_at - OVERLAP)
    if sent is None:
        return False
    with outbox.database.transaction() as session:
        known = set(session.scalars(select(OutboundMessage.carrier_id)))
        for each in sent:
            if each.carrier_id not in known:
                print_of = fingerprint(outbox.database.keyring, each.to, each.body)
                insert_if_new(session, Echo, carrier_id=each.carrier_id, fingerprint=print_of)
        session.get_one(Restore, restore.id).released_at = outbox.clock.now()
    return True
