"""The promises, checked over the whole history of one run."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.conversation.models import Event, EventState, InboundMessage
from service.outbox.models import OutboundMessage
from service.outbox.rules import POLICIES, Kind, State
from service.outbox.sender import Accepted, Unknown
from service.patients.find import thread_of
from service.patients.rules import permitted_until, zones
from service.review.models import AlertNotice, ReviewItem
from service.triage.rules import Level
from tests.faults.faults import Fault
from tests.faults.people import RED_FLAGS
from tests.faults.service_run import ON_CALL, Run

REACHED = ("delivered",)


def broken(run: Run) -> list[str]:
    """Every promise that this run broke, in words; empty when all were kept."""
    with run.machine.database.reading() as session:
        rows = session.scalars(select(OutboundMessage)).all()
        return [
            *run.history.broken,
            *_lost(run, session),
            *_twice(run, session, rows),
            *_after_opt_out(run, rows),
            *_outside_hours(run, session, rows),
            *_unalerted(run, session, rows),
            *_unsettled(run, rows),
        ]


def _lost(run: Run, session: Session) -> Iterator[str]:
    """1: every text to the line is one event, handled once."""
    for text in run.carrier.texts:
        if not text.inbound:
            continue
        events = session.scalars(select(Event).where(Event.carrier_id == text.sid)).all()
        if len(events) != 1:
            yield f"{len(events)} events for text {text.sid[-3:]}"
        for event in events:
            count = session.scalar(
                select(func.count(InboundMessage.id)).where(InboundMessage.event_id == event.id)
            )
            flagged = session.scalar(
                select(ReviewItem.id).where(ReviewItem.subject == f"event:{event.id}")
            )
            if (event.state, count) != (EventState.HANDLED, 1) and not flagged:
                yield f"text {text.sid[-3:]} is {event.state}, with {count} messages, before nobody"
            right_clock = not run.world.weather.happened_to_time()
            if right_clock and event.received_at - text.at > timedelta(hours=2):
                yield f"text {text.sid[-3:]} has not its own time"


def _twice(run: Run, session: Session, rows: Sequence[OutboundMessage]) -> Iterator[str]:
    """2: what reached a phone was decided as often; a tip once."""
    decided = Counter((row.to, row.body) for row in rows)
    again = {(row.to, row.body) for row in rows if POLICIES[Kind(row.kind)].resend_unknown}
    tips = {(row.to, row.body) for row in rows if row.kind == Kind.TIP}
    doubts = _doubts(run, rows)
    reached = Counter(
        (text.to, text.body)
        for text in run.carrier.texts
        if not text.inbound and text.status in REACHED
    )
    direct = Counter((h.outgoing.to, h.outgoing.body) for h in run.history.sent if h.direct)
    answered = _answered_again(run)
    for key, count in reached.items():
        allowed = 1 if key in tips else decided[key] + direct[key] + answered[key]
        allowed += doubts[key] if key in again else 0
        if count > allowed:
            yield f"{count} copies reached {key[0][-4:]} of a text decided {decided[key]} times"


def _doubts(run: Run, rows: Sequence[OutboundMessage]) -> Counter[tuple[str, str]]:
    """Hand-overs after which nobody could know: unheard, or not written down while the clock was wrong, or
    by a process that stood still on its way to the carrier until another had tried.

    The carrier's list is searched by the time of the hand-over, so a wrong clock hides what it shows.
    """
    written, tokens = {row.carrier_id for row in rows}, {row.token for row in rows}
    stood_still = run.world.weather.happened[Fault.STALL]
    wrong_clock = run.world.weather.happened_to_time()
    return Counter(
        (each.outgoing.to, each.outgoing.body)
        for each in run.history.sent
        if isinstance(each.handover, Unknown)
        or (
            stood_still
            and isinstance(each.handover, Accepted)
            and each.outgoing.token not in tokens
        )
        or (
            wrong_clock
            and isinstance(each.handover, Accepted)
            and each.handover.carrier_id not in written
        )
    )


def _answered_again(run: Run) -> Counter[tuple[str, str]]:
    """Advice in the answer to a webhook that may be a second copy: its text came again, or was known."""
    answers, happened = Counter(run.history.answered), run.world.weather.happened
    doubtful = (Fault.COMMIT_UNHEARD, Fault.WEBHOOK_REPEATED, Fault.DISK_FULL)
    if any(happened[each] for each in doubtful):
        return answers
    return Counter(run.history.answered_late)


def _after_opt_out(run: Run, rows: Sequence[OutboundMessage]) -> Iterator[str]:
    """3: no send starts after an acknowledged opt-out, but safety advice and the confirmation."""
    kinds = {(row.to, row.body): Kind(row.kind) for row in rows}
    exempt = (Kind.SAFETY, Kind.OPT_OUT_CONFIRMATION, Kind.ALERT)
    for stop, stopped in run.history.stopped:
        number = stop.sender
        until = min(
            (
                at
                for start, at in run.history.started
                if start.sender == number and start.sid > stop.sid
            ),
            default=None,
        )
        for each in run.history.sent:
            late = each.outgoing.to == number and each.claimed > stopped
            if late and (until is None or each.claimed < until):
                kind = kinds.get((number, each.outgoing.body))
                if kind not in exempt:
                    yield f"a {kind} was sent to {number[-4:]} after the opt-out"


def _outside_hours(run: Run, session: Session, rows: Sequence[OutboundMessage]) -> Iterator[str]:
    """4: tips only in the patient's permitted hours, valid no longer; one a day, three a week."""
    tips = {(row.to, row.body) for row in rows if row.kind == Kind.TIP}
    days: dict[tuple[str, object], set[str]] = defaultdict(set)
    limits = run.house.outbox.limits
    for each in run.history.sent:
        to = each.outgoing.to
        if (to, each.outgoing.body) not in tips:
            continue
        thread = thread_of(session, run.machine.database.keyring, to)
        assert thread is not None
        where = zones(thread.zone)
        until = permitted_until(each.at, limits.hours, where)
        if until is None:
            yield f"a tip left for {to[-4:]} at {each.at} outside the permitted hours"
        elif each.at + each.outgoing.validity > until + timedelta(seconds=5):
            yield f"a tip to {to[-4:]} may be delivered after the permitted hours"
        if not hasattr(each.handover, "after"):
            days[(to, each.at.astimezone(where[0]).date())].add(each.outgoing.body)
    for (to, day), different in days.items():
        if len(different) > 1 and not run.world.weather.happened_to_time():
            yield f"{len(different)} tips to {to[-4:]} on {day}"


def _unalerted(run: Run, session: Session, rows: Sequence[OutboundMessage]) -> Iterator[str]:
    """6: each emergency stands before staff, alerted unless taken, answered or known to be unanswered."""
    rung = any(text.to == ON_CALL for text in run.carrier.texts)  # seen by the carrier itself
    subjects = {item.subject: item for item in session.scalars(select(ReviewItem))}
    told = {row.id: row for row in rows}
    notices = session.scalars(select(AlertNotice)).all()
    for message in session.scalars(select(InboundMessage)):
        if message.body not in RED_FLAGS:
            continue
        item = subjects.get(f"message:{message.id}")
        if item is None or item.level != Level.EMERGENCY:
            yield f"an emergency was not flagged (message {message.id})"
            continue
        about = [notice for notice in notices if item.id in notice.items]
        ways = [way for notice in about for way in (notice.text_id, notice.call_id)]
        alerts = [told[way] for way in ways if way is not None]
        seen = item.claimed_at is not None  # a person had it before anybody needed to be told
        if not seen and not (rung and any(_told(alert, subjects) for alert in alerts)):
            yield f"the emergency of message {message.id} was alerted to nobody"
        advice = [row for row in rows if row.dedupe_key.startswith(f"reply:{message.id}:")]
        safety = [row for row in advice if row.kind == Kind.SAFETY]
        if not safety or not _told(safety[0], subjects):
            yield f"the emergency of message {message.id} was not answered"


def _told(row: OutboundMessage, subjects: dict[str, ReviewItem]) -> bool:
    """Whether the carrier has it (or will be asked again), or a person knows that it has not."""
    waiting = row.state == State.QUEUED and row.attempts > 0
    took = row.state in (State.ACCEPTED, State.SENT, State.DELIVERED)
    return took or waiting or f"outbound:{row.id}" in subjects


def _unsettled(run: Run, rows: Sequence[OutboundMessage]) -> Iterator[str]:
    """10: nothing stays in doubt, nothing that is due stays, what arrived is known to have arrived."""
    arrived = {
        t.sid for t in run.carrier.texts if t.status in REACHED and "delivered" in t.heard_back
    }
    for row in rows:
        overdue = row.state == State.QUEUED and row.not_before < run.world.time - timedelta(
            minutes=6
        )
        if overdue or row.state in (State.SENDING, State.UNKNOWN):
            yield f"message {row.id} ({row.kind}) is still {row.state}"
        if row.carrier_id in arrived and row.state != State.DELIVERED:
            yield f"message {row.id} arrived and is said to be {row.state}"
