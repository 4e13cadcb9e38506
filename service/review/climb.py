"""Climb the ladders that are due: who is told, one text and at most one call a phone and round.

A round claims the due alerts, so that two workers never tell of one rung twice; what it tells leaves by
the outbox, at least once, and is free of health data: an item's number, its level and a link.
"""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from service.content import Content
from service.crypto import Keyring
from service.outbox.enqueue import enqueue_to_staff
from service.outbox.models import OutboundMessage
from service.outbox.posts import post
from service.outbox.rules import State as Sending
from service.review.ladder import Over, Rest, Rung, Standing, Tell, climb, rings
from service.review.models import Alert, AlertNotice, ReviewItem
from service.review.rules import State
from service.staff.phones import PLACE, Phone, Roster, roster
from service.triage.rules import Level

MOST = 200

SPOKEN = {Level.EMERGENCY: "alert_call_emergency", Level.URGENT: "alert_call_urgent"}

BETWEEN_CALLS = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Telling:
    """What telling needs, put together once."""

    content: Content
    keyring: Keyring
    public_url: str


@dataclass(slots=True)
class _Call:
    """What one phone is told of in this round."""

    items: list[ReviewItem] = field(default_factory=list)
    by_voice: bool = False


_ANY_DUE = select(Alert.id).where(Alert.due_at <= bindparam("now")).limit(1)
_DUE = (
    select(Alert, ReviewItem)
    .join(ReviewItem, ReviewItem.id == Alert.item_id)
    .where(Alert.due_at <= bindparam("now"))
    .order_by(Alert.due_at)
    .limit(MOST)
    .with_for_update(skip_locked=True, of=Alert)
)
_STILL_TO_LEAVE = (
    select(AlertNotice.items)
    .join(OutboundMessage, AlertNotice.text_id == OutboundMessage.id)
    .where(
        AlertNotice.number_index == bindparam("phone"),
        OutboundMessage.state == Sending.QUEUED,
        OutboundMessage.attempts > 0,
    )
)
_RANG_SINCE = (
    select(AlertNotice.id)
    .where(
        AlertNotice.number_index == bindparam("phone"),
        AlertNotice.at > bindparam("since"),
        AlertNotice.call_id.is_not(None),
    )
    .limit(1)
)


def anything_due(session: Session, now: datetime) -> bool:
    """Whether some rung is due."""
    return session.scalar(_ANY_DUE, {"now": now}) is not None


def climb_due(session: Session, telling: Telling, now: datetime) -> int:
    """Tell whoever is next of each item whose rung is due; how many were looked at."""
    due = session.execute(_DUE, {"now": now}).all()
    climbing = [(item, step) for alert, item in due if (step := _move(alert, item, telling, now))]
    if climbing:
        _tell(session, telling, climbing, now)
    return len(climbing)


def _move(alert: Alert, item: ReviewItem, telling: Telling, now: datetime) -> Tell | None:
    """Move one alert to where it belongs; what is to be told, if anything."""
    due = alert.due_at or now
    standing = Standing(alert.rung, due, State(item.state), item.claimed_at, alert.rests_until)
    match climb(standing, telling.content.clinic.alerts, now):
        case Over():
            alert.due_at = None
        case Rest(until):
            alert.due_at, alert.rung = until, 0
        case Tell() as step:
            alert.rung, alert.due_at = step.next_rung, step.next_due
            if step.rung is Rung.EVERYONE and alert.last_rung_at is None:
                alert.last_rung_at = now
            return step
    return None


def _tell(
    session: Session, telling: Telling, climbing: Sequence[tuple[ReviewItem, Tell]], now: datetime
) -> None:
    clinic = telling.content.clinic
    people = roster(session, clinic.alerts.numbers, now, clinic.zone)
    calls: dict[Phone, _Call] = defaultdict(_Call)
    for item, step in climbing:
        for phone in whom(people, step.rung):
            calls[phone].items.append(item)
            calls[phone].by_voice |= rings(Level(item.level), step.rung)
    for phone, call in calls.items():
        _notify(session, telling, phone, call, now)
    _post(session, telling, [item for item, _ in climbing], now)


def whom(people: Roster, rung: Rung) -> tuple[Phone, ...]:
    """Whose phones a rung tells; one that nobody stands on tells the next above it."""
    rungs = {
        Rung.ON_DUTY: people.on_duty,
        Rung.AGAIN: people.on_duty,
        Rung.BACKUP: people.backup,
        Rung.EVERYONE: people.everyone,
    }
    places = list(rungs)
    return next((rungs[each] for each in places[places.index(rung) :] if rungs[each]), ())


def _notify(session: Session, telling: Telling, phone: Phone, call: _Call, now: datetime) -> None:
    """Write one text, and a call, to one phone; none while one that tells of the same waits to leave."""
    index = telling.keyring.index(phone.number, PLACE)
    items = worst_first(call.items)
    if _still_to_leave(session, index).issuperset(item.id for item in items):
        return
    code = f"{secrets.randbelow(9000) + 1000}"
    key = f"alert:{items[0].id}:{now.isoformat()}:{phone.staff_id or index.hex()[:12]}"
    text_id = enqueue_to_staff(
        session, key=key, to=phone.number, body=_words(telling, items, code), now=now
    )
    if text_id is None:
        return
    call_id = None
    if call.by_voice and not _rang_just_now(session, index, now):
        line = SPOKEN[Level.highest(Level(item.level) for item in items)]
        call_id = enqueue_to_staff(
            session, key=f"{key}:call", to=phone.number, body=line, now=now, by_call=True
        )
    session.execute(
        insert(AlertNotice).values(
            staff_id=phone.staff_id,
            number_index=index,
            code=code,
            items=[item.id for item in items],
            at=now,
            text_id=text_id,
            call_id=call_id,
        )
    )


def worst_first(items: Iterable[ReviewItem]) -> list[ReviewItem]:
    """Emergencies before urgent, older before newer."""
    return sorted(items, key=lambda item: (-Level(item.level).rank, item.opened_at, item.id))


def _still_to_leave(session: Session, index: bytes) -> set[int]:
    """The items that texts to this phone tell of which the carrier has not taken yet: one text is enough."""
    waiting = session.scalars(_STILL_TO_LEAVE, {"phone": index})
    return {item for items in waiting for item in items}


def _rang_just_now(session: Session, index: bytes, now: datetime) -> bool:
    """Whether this phone was rung within the minute: two calls at once cannot both be answered."""
    lately = {"phone": index, "since": now - BETWEEN_CALLS}
    return session.scalar(_RANG_SINCE, lately) is not None


def _words(telling: Telling, items: Sequence[ReviewItem], code: str) -> str:
    facts = _facts(items, telling.public_url)
    language = telling.content.clinic.languages[0]
    if len(items) == 1:
        return telling.content.reply(
            "staff_alert", language, item=str(items[0].id), code=code, **facts
        )
    return telling.content.reply(
        "staff_alert_many", language, count=str(len(items)), code=code, **facts
    )


def _facts(items: Sequence[ReviewItem], public_url: str) -> Mapping[str, str]:
    level = Level.highest(Level(item.level) for item in items)
    page = f"/console/items/{items[0].id}" if len(items) == 1 else "/console"
    return {"level": level, "link": f"{public_url}{page}"}


def _post(session: Session, telling: Telling, items: list[ReviewItem], now: datetime) -> None:
    """Tell the other channels of all of it at once."""
    first, level = worst_first(items)[0], Level.highest(Level(item.level) for item in items)
    title = f"{telling.content.clinic.short_name}: {level} waiting"
    says = f"{len(items)} to acknowledge, item {first.id} first: {telling.public_url}/console"
    post(session, key=f"alert:{first.id}:{now.isoformat()}", title=title, says=says, now=now)
