"""What may leave, when, and what becomes of it. Pure: no database, no clock.

Sources of the numbers: the delivery promises (which kinds are sent at least and at most once) and the
limits of 47 CFR 64.1200(a)(9)(iv), one a day and three a week, kept as defaults.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from service.patients.rules import PermittedHours, next_permitted, permitted_until

LATEST = timedelta(hours=24)
"""A program message later than this is re-timed, never sent."""

TOO_LATE = "more than a day late"

AN_ANSWER = timedelta(hours=1)
"""So long after somebody wrote, a reply is an answer, at any hour. One that leaves later than this, because
the carrier or the worker was away or the sender's day was used up, waits for the permitted hours. Advice
and alerts never do.
"""

MISCONFIGURED = "our account is set up wrongly"

MAX_VALIDITY = timedelta(hours=4)
"""How long the carrier may keep trying; Twilio's own default is 10 hours, into the night."""


class Kind(StrEnum):
    """What a message is for; everything else follows from it."""

    SAFETY = "safety"  # advice in an emergency: reaches even those who opted out
    ADVICE = "advice"  # advice in an urgent case
    ALERT = "alert"
    RING = "ring"  # a call to a member of staff, to be connected with a patient
    OPT_OUT_CONFIRMATION = "opt_out_confirmation"
    REPLY = "reply"
    STAFF_REPLY = "staff_reply"
    NOTICE = "notice"
    TIP = "tip"


class State(StrEnum):
    """From the decision to send until the fate is known."""

    QUEUED = "queued"
    HELD = "held"  # due, but not now: its owner re-times it
    SENDING = "sending"
    UNKNOWN = "unknown"  # the carrier may or may not have it: reconcile
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    REFUSED = "refused"  # by our own guard: consent, or too late
    LOST = "lost"  # unknown for good: shown to staff, not sent again


@dataclass(frozen=True, slots=True)
class Policy:
    """How one kind is treated."""

    priority: int  # lower leaves first: safety before alerts before replies before tips
    respects_hours: bool = False
    passes_opt_out: bool = False
    held_by_flag: bool = False
    resend_unknown: bool = False
    tries_again: bool = True  # hours later, where nobody picked up or the phone was off
    spoken_at: str = "tip"  # the route that says what a call of this kind is about
    reconcile_for: timedelta = timedelta(minutes=15)


POLICIES: dict[Kind, Policy] = {
    Kind.SAFETY: Policy(0, passes_opt_out=True, resend_unknown=True, reconcile_for=timedelta(minutes=1)),
    Kind.ADVICE: Policy(0, resend_unknown=True, reconcile_for=timedelta(minutes=1)),
    Kind.ALERT: Policy(1, passes_opt_out=True, resend_unknown=True, reconcile_for=timedelta(minutes=1),
                       tries_again=False, spoken_at="alert"),
    Kind.RING: Policy(1, reconcile_for=timedelta(minutes=1), tries_again=False, spoken_at="ring"),
    Kind.OPT_OUT_CONFIRMATION: Policy(2, passes_opt_out=True),
    Kind.REPLY: Policy(3),
    Kind.STAFF_REPLY: Policy(3, reconcile_for=timedelta(minutes=1)),
    Kind.NOTICE: Policy(5, respects_hours=True),
    Kind.TIP: Policy(9, respects_hours=True, held_by_flag=True),
}  # fmt: skip

PRESSING = POLICIES[Kind.ALERT].priority
"""Up to this priority, advice and alerts, a message waits for nothing: no hour, no pace, no carrier away."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """What the guard needs to know of whom a message goes to."""

    opted_out: bool
    flagged: bool
    textable: bool
    zones: Sequence[ZoneInfo]
    tips: Sequence[datetime]  # when program messages were handed over in the last eight days


@dataclass(frozen=True, slots=True)
class Limits:
    """The clinic's limits, from clinic.toml."""

    hours: PermittedHours
    per_day: int
    per_week: int
    safety_after_opt_out: bool
    call_attempts: int = 3
    call_retry: timedelta = timedelta(hours=3)
    sender_per_minute: int = 60  # texts, to everybody
    sender_per_day: int = 1000


@dataclass(frozen=True, slots=True)
class Go:
    """It may leave; the carrier may try until `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Wait:
    """Not before this moment (UTC)."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """Not now: its owner re-times it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Never."""

    reason: str


Verdict = Go | Wait | Hold | Refuse


def judge(
    kind: Kind,
    due: datetime,
    to: Recipient | None,
    limits: Limits,
    now: datetime,
    queued: datetime | None = None,
) -> Verdict:
    """Whether a message of `kind`, due at `due`, may leave now. `to` is None for staff.

    Asked when a message is queued and once more when it is sent; then `queued` is when it was decided upon.
    """
    policy = POLICIES[kind]
    if to is None:
        return Go(now + MAX_VALIDITY)
    if to.opted_out and not _passes_opt_out(kind, limits):
        return Refuse("opted out")
    if not to.textable:
        return Refuse("cannot get texts")
    if policy.held_by_flag and to.flagged:
        return Hold("a flag is open")
    pressing = policy.priority <= PRESSING
    answers = now - (queued or now) <= AN_ANSWER
    if pressing or (answers and not policy.respects_hours):
        return Go(now + MAX_VALIDITY)
    if policy.held_by_flag and now - due > LATEST:
        return Hold(TOO_LATE)
    until = permitted_until(now, limits.hours, to.zones)
    if until is None:
        return Wait(next_permitted(now, limits.hours, to.zones))
    if kind is Kind.TIP and (free := next_free(now, to, limits)) > now:
        return Wait(free)
    return Go(min(until, now + MAX_VALIDITY))


def _passes_opt_out(kind: Kind, limits: Limits) -> bool:
    if kind is Kind.SAFETY:
        return limits.safety_after_opt_out
    return POLICIES[kind].passes_opt_out


def next_free(moment: datetime, to: Recipient, limits: Limits) -> datetime:
    """The first permitted moment from `moment` on with room for one more program message.

    Counted in the local days of every zone they may be in: `per_day` on each, `per_week` in any
    seven in a row.
    """
    while True:
        moment = next_permitted(moment, limits.hours, to.zones)
        if all(_has_room(moment, zone, to.tips, limits) for zone in to.zones):
            return moment
        tomorrow = moment.astimezone(to.zones[0]) + timedelta(days=1)
        moment = tomorrow.replace(hour=0, minute=0, second=0, microsecond=0)


def _has_room(moment: datetime, zone: ZoneInfo, tips: Sequence[datetime], limits: Limits) -> bool:
    today = moment.astimezone(zone).date()
    days = [tip.astimezone(zone).date() for tip in tips]
    in_week = sum(timedelta() <= today - day < timedelta(days=7) for day in days)
    return days.count(today) < limits.per_day and in_week < limits.per_week


RANKS: dict[State, int] = {
    State.QUEUED: 0,
    State.HELD: 0,
    State.SENDING: 1,
    State.UNKNOWN: 2,
    State.LOST: 2,
    State.ACCEPTED: 3,
    State.SENT: 4,
    State.UNDELIVERED: 5,
    State.FAILED: 5,
    State.REFUSED: 5,
    State.DELIVERED: 6,
}
"""Receipts move a message only to a higher rank: they come late, twice and out of order. Highest is that a
copy arrived, whatever became of another."""

UNSETTLED = (State.QUEUED, State.HELD, State.SENDING, State.UNKNOWN)


def moves(old: State, new: State) -> bool:
    """Whether the receipt `new` may follow the state `old`."""
    return RANKS[new] > RANKS[old]


def back_off(attempts: int) -> timedelta:
    """How long to wait after the `attempts`-th refusal that is safe to repeat: 1, 2, 4 … 60 s."""
    return timedelta(seconds=min(60, 2 ** max(0, attempts - 1)))
