"""What the console calls things: plain words for codes, spans and moments. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import reduce
from zoneinfo import ZoneInfo

from service.drip.rules import PausedBy
from service.outbox.rules import TOO_LATE
from service.outbox.rules import Kind as MessageKind
from service.outbox.rules import State as MessageState
from service.review.rules import Kind, Outcome, Snooze
from service.staff.rules import Role
from service.tongue import N_, Words, gettext, ngettext
from service.triage.rules import Level

LEVELS: Words[Level] = Words(
    {
        Level.CLEAR: N_("No hurry"),
        Level.REVIEW: N_("To read"),
        Level.URGENT: N_("Urgent"),
        Level.EMERGENCY: N_("Emergency"),
    }
)

KINDS: Words[Kind] = Words(
    {
        Kind.RED_FLAG: N_("Red flag"),
        Kind.UNCLEAR_REPLY: N_("Not understood"),
        Kind.QUESTION: N_("Question, answered automatically"),
        Kind.CALL_BACK: N_("Wants to be called back"),
        Kind.OPT_OUT_IN_WORDS: N_("May want no more texts"),
        Kind.HALF_REQUEST: N_("Report request left half done"),
        Kind.REPORT_HELD: N_("Report request to look at before it is mailed"),
        Kind.VOICEMAIL: N_("Voicemail"),
        Kind.FAILED_EVENT: N_("A message that could not be handled"),
        Kind.FAILED_SEND: N_("Our text did not get through"),
        Kind.UNKNOWN_SEND: N_("Our text may not have got through"),
        Kind.MISCONFIGURED: N_(
            "The carrier refuses our texts: our account is set up wrongly, run backtalk doctor"
        ),
        Kind.GAP: N_("The line was away; what patients sent was taken in late"),
    }
)

OUTCOMES: Words[Outcome] = Words(
    {
        Outcome.REACHED_ADVISED: N_("Reached and advised"),
        Outcome.SENT_TO_EMERGENCY: N_("Sent to emergency care"),
        Outcome.VOICEMAIL_LEFT: N_("Left a voicemail"),
        Outcome.NO_ANSWER: N_("No answer"),
        Outcome.WRONG_NUMBER: N_("Wrong number"),
        Outcome.DECLINED: N_("Declined help"),
        Outcome.ANSWERED_BY_TEXT: N_("Answered by text"),
        Outcome.HANDLED: N_("Handled"),
        Outcome.NOTHING_NEEDED: N_("Nothing needed"),
    }
)

SNOOZES: Words[Snooze] = Words(
    {
        Snooze.HOUR: N_("For an hour"),
        Snooze.FOUR_HOURS: N_("For four hours"),
        Snooze.TOMORROW: N_("Until tomorrow at 9"),
        Snooze.WEEK: N_("For a week"),
    }
)

ROLES: Words[Role] = Words(
    {
        Role.FRONT_DESK: N_("Front desk"),
        Role.CLINICIAN: N_("Clinician"),
        Role.ADMIN: N_("Administrator"),
    }
)

MESSAGES: Words[MessageKind] = Words(
    {
        MessageKind.SAFETY: N_("Safety advice"),
        MessageKind.ADVICE: N_("Safety advice"),
        MessageKind.ALERT: N_("Alert to staff"),
        MessageKind.RING: N_("Call to staff"),
        MessageKind.OPT_OUT_CONFIRMATION: N_("Opt-out confirmed"),
        MessageKind.REPLY: N_("Reply"),
        MessageKind.STAFF_REPLY: N_("Text"),
        MessageKind.NOTICE: N_("Notice"),
        MessageKind.TIP: N_("Tip"),
    }
)

STATES: Words[MessageState] = Words(
    {
        MessageState.QUEUED: N_("Waiting to be sent"),
        MessageState.HELD: N_("Held back"),
        MessageState.SENDING: N_("Being sent"),
        MessageState.UNKNOWN: N_("Sent, not confirmed; we are asking the carrier"),
        MessageState.ACCEPTED: N_("With the carrier"),
        MessageState.SENT: N_("On its way to the phone"),
        MessageState.DELIVERED: N_("Arrived"),
        MessageState.UNDELIVERED: N_("Did not arrive"),
        MessageState.FAILED: N_("Could not be sent"),
        MessageState.REFUSED: N_("Not sent"),
        MessageState.LOST: N_("Nobody can say whether it arrived; it was not sent again"),
    }
)

REASONS: Words[str] = Words(
    {
        "opted out": N_("opted out"),
        "cannot get texts": N_("cannot get texts"),
        "a flag is open": N_("a flag is open"),
        "no number": N_("no number"),
        TOO_LATE: N_("more than a day late"),
        "a new program was begun": N_("a new program was begun"),
        "the program was ended": N_("the program was ended"),
    }
)
"""Why we kept a text back or sent none, by what stands in the outbox."""

BAD_STATES = frozenset(
    {
        MessageState.UNDELIVERED,
        MessageState.FAILED,
        MessageState.REFUSED,
        MessageState.LOST,
    }
)

CODES: Words[int] = Words(
    {
        21610: N_("they have said STOP to the carrier"),
        21614: N_("this number cannot get texts"),
        30003: N_("phone switched off or out of range"),
        30004: N_("the phone or its carrier blocks our texts"),
        30005: N_("the number is not in use, or the phone was off for long"),
        30006: N_("a landline, or a carrier that takes no texts"),
        30007: N_("the carrier filtered it as spam"),
        30008: N_("the carrier gave no reason"),
        30034: N_("our number is not registered with the carriers yet"),
    }
)
"""Why a text did not arrive (Twilio's error dictionary, November 2026)."""

LANGUAGES: Words[str] = Words({"en": N_("English"), "es": N_("Spanish")})

PAUSED_BY: Words[PausedBy] = Words(
    {
        PausedBy.PATIENT: N_("the patient asked for a break"),
        PausedBy.OPT_OUT: N_("the patient has opted out"),
        PausedBy.SILENCE: N_("three check-ins brought no word, and we asked whether to go on"),
        PausedBy.UNTEXTABLE: N_("texts cannot arrive on this number: offer to ring instead"),
        PausedBy.FLAG: N_("a flag was raised; they go on only when one of you says so"),
        PausedBy.STAFF: N_("one of you paused them"),
    }
)


def delivery(
    state: MessageState, reason: str | None, code: int | None, *, tried: bool = False
) -> str:
    """What became of a text: "Not sent: opted out", "Did not arrive: phone switched off or out of range".

    One that was tried and waits to be sent again ends in "we try again", for a time to follow.
    """
    why = ""
    if code:
        why = CODES.get(code) or gettext("carrier’s code %(code)d", code=code)
    if state is MessageState.QUEUED and tried:
        if not why:
            return gettext("Not taken; we try again")
        return gettext("%(why)s; we try again", why=why[0].upper() + why[1:])
    if reason and state in (MessageState.REFUSED, MessageState.HELD):
        why = _reason(reason)
    return gettext("%(state)s: %(why)s", state=STATES[state], why=why) if why else STATES[state]


def _reason(kept: str) -> str:
    by = kept.removeprefix("paused: ")
    return PAUSED_BY[PausedBy(by)] if by in set(PausedBy) else REASONS.get(kept, kept)


def listed(things: Iterable[str]) -> str:
    """All of them in a sentence: "Ann and Bea", "3 texts and 1 voicemail"; nothing for none."""

    def both(one: str, other: str) -> str:
        return gettext("%(one)s and %(other)s", one=one, other=other)

    rest = list(things)
    return reduce(both, rest) if rest else ""


def sign(code: str) -> str:
    """A sign's name as people read it: "saddle_numbness" is "saddle numbness"."""
    return code.replace("_", " ")


def span(delta: timedelta) -> str:
    """A length of time in one or two units: "under a minute", "12 min", "3 h 5 min", "2 days"."""
    minutes = int(delta.total_seconds()) // 60
    if minutes < 1:
        return gettext("under a minute")
    if minutes < 60:
        return gettext("%(minutes)d min", minutes=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        if not minutes:
            return gettext("%(hours)d h", hours=hours)
        return gettext("%(hours)d h %(minutes)d min", hours=hours, minutes=minutes)
    return ngettext("%(num)d day", "%(num)d days", hours // 24)


def due(at: datetime, now: datetime) -> str:
    """How a due time stands: "due in 8 min", "overdue by 2 h"."""
    if at <= now:
        return gettext("overdue by %(span)s", span=span(now - at))
    return gettext("due in %(span)s", span=span(at - now))


def clock_time(at: datetime, zone: ZoneInfo) -> str:
    """The local time of day: "3:05 pm"."""
    local = at.astimezone(zone)
    return f"{local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'}"


def day(at: datetime, zone: ZoneInfo) -> str:
    """The local day: "Monday, November 30, 2026"."""
    local = at.astimezone(zone)
    return f"{local:%A, %B} {local.day}, {local.year}"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Day and time: "Nov 30, 3:05 pm"."""
    local = at.astimezone(zone)
    return f"{local:%b} {local.day}, {clock_time(at, zone)}"


def late(texts: int, voicemails: int) -> str:
    """What a gap held back: "3 texts and 1 voicemail"."""
    counts = []
    if texts:
        counts.append(ngettext("%(num)d text", "%(num)d texts", texts))
    if voicemails:
        counts.append(ngettext("%(num)d voicemail", "%(num)d voicemails", voicemails))
    return listed(counts)
