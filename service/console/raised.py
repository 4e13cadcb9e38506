"""Read what raised review items, and lay each out as a card."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.console.marks import Piece, findings_of, pieces
from service.console.sounds import Sound, sounds_of
from service.conversation.models import Event, EventState, Gap, InboundMessage
from service.outbox.models import OutboundMessage
from service.review.models import ReviewItem
from service.review.rules import Kind
from service.tongue import gettext
from service.triage.rules import Finding, Level


@dataclass(frozen=True, slots=True)
class Failed:
    """A kept event that could not be handled, with the fields as they arrived."""

    event_id: int
    fields: tuple[tuple[str, str], ...]
    error: str
    attempts: int
    replayable: bool
    thread_id: int | None  # where it was put, once it was handled

    def field(self, name: str) -> str:
        """One field, or nothing."""
        return dict(self.fields).get(name, "")


@dataclass(frozen=True, slots=True)
class Card:
    """One open review item as it stands on the screen."""

    id: int
    kind: Kind
    level: Level
    opened_at: datetime
    due_at: datetime
    claimed_by: int | None
    quote: tuple[Piece, ...]
    quote_is_ours: bool
    findings: tuple[Finding, ...]
    failed: Failed | None
    gap: Gap | None
    sound: Sound | None = None


@dataclass(frozen=True, slots=True)
class _Sources:
    messages: Mapping[int, InboundMessage]
    events: Mapping[int, Event]
    outbound: Mapping[int, OutboundMessage]
    handled: Mapping[int, int]  # event id -> thread id
    gaps: Mapping[int, Gap]
    sounds: Mapping[int, Sound]  # by recording
    spoken: Mapping[int, Sound]  # by the message that is its transcript


def cards(session: Session, items: Sequence[ReviewItem]) -> dict[int, Card]:
    """A card for each item, by the item's id."""
    sources = _sources(session, items)
    return {item.id: _card(item, sources) for item in items}


@dataclass(frozen=True, slots=True)
class Open:
    """Open items, by who holds them, the worst first."""

    free: Sequence[Card]
    mine: Sequence[Card]
    others: Sequence[tuple[str, Card]]  # with the holder's name


def by_holder(laid_out: Iterable[Card], me: int, staff: Mapping[int, str]) -> Open:
    """Sort cards by who holds each; `me` is the id of whoever looks, `staff` names the rest."""
    ordered = sorted(laid_out, key=lambda card: (-card.level.rank, card.opened_at))
    return Open(
        free=[card for card in ordered if card.claimed_by is None],
        mine=[card for card in ordered if card.claimed_by == me],
        others=[
            (staff.get(card.claimed_by) or gettext("Somebody"), card)
            for card in ordered
            if card.claimed_by is not None and card.claimed_by != me
        ],
    )


def source_id(subject: str, kind: str) -> int | None:
    """The id in a subject such as "message:12" when it is of this kind."""
    name, _, number = subject.partition(":")
    return int(number) if name == kind and number.isdigit() else None


def _sources(session: Session, items: Iterable[ReviewItem]) -> _Sources:
    subjects = [item.subject for item in items]

    def ids(kind: str) -> list[int]:
        return [found for each in subjects if (found := source_id(each, kind)) is not None]

    messages = select(InboundMessage).where(InboundMessage.id.in_(ids("message")))
    events = select(Event).where(Event.id.in_(ids("event")))
    outbound = select(OutboundMessage).where(OutboundMessage.id.in_(ids("outbound")))
    handled = select(InboundMessage.event_id, InboundMessage.thread_id).where(
        InboundMessage.event_id.in_(ids("event"))
    )
    gaps = select(Gap).where(Gap.id.in_(ids("gap")))
    sounds, spoken = sounds_of(session, recordings=ids("recording"), messages=ids("message"))
    return _Sources(
        messages={message.id: message for message in session.scalars(messages)},
        events={event.id: event for event in session.scalars(events)},
        outbound={message.id: message for message in session.scalars(outbound)},
        handled={row.event_id: row.thread_id for row in session.execute(handled)},
        gaps={gap.id: gap for gap in session.scalars(gaps)},
        sounds=sounds,
        spoken=spoken,
    )


def _card(item: ReviewItem, sources: _Sources) -> Card:
    message = sources.messages.get(source_id(item.subject, "message") or 0)
    sent = sources.outbound.get(source_id(item.subject, "outbound") or 0)
    event = sources.events.get(source_id(item.subject, "event") or 0)
    failed = _failed(event, sources.handled.get(event.id)) if event else None
    gap = sources.gaps.get(source_id(item.subject, "gap") or 0)
    findings = findings_of(message.findings) if message else ()
    body = (
        message.body if message else sent.body if sent else failed.field("Body") if failed else ""
    )
    return Card(
        id=item.id,
        kind=Kind(item.kind),
        level=Level(item.level),
        opened_at=item.opened_at,
        due_at=item.due_at,
        claimed_by=item.claimed_by,
        quote=pieces(body, findings),
        quote_is_ours=sent is not None,
        findings=findings,
        failed=failed,
        gap=gap,
        sound=sources.sounds.get(source_id(item.subject, "recording") or 0)
        or sources.spoken.get(message.id if message else 0),
    )


def _failed(event: Event, thread_id: int | None) -> Failed:
    return Failed(
        event_id=event.id,
        fields=tuple((str(name), str(value)) for name, value in event.raw),
        error=event.error or "",
        attempts=event.attempts,
        replayable=event.state == EventState.FAILED,
        thread_id=thread_id,
    )
