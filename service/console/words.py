"""What the console calls things: plain words for codes, spans and moments. Pure."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from service.drip.rules import EnrollmentState, PausedBy
from service.outbox.rules import Kind as MessageKind
from service.outbox.rules import State as MessageState
from service.patients.rules import Means, Purpose
from service.report_requests.rules import Hold
from service.report_requests.rules import State as RequestState
from service.review.rules import Kind, Outcome, Snooze
from service.staff.rules import Role
from service.triage.rules import Level

LEVELS: dict[Level, str] = {
    Level.CLEAR: "No hurry",
    Level.REVIEW: "To read",
    Level.URGENT: "Urgent",
    Level.EMERGENCY: "Emergency",
}

KINDS: dict[Kind, str] = {
    Kind.RED_FLAG: "Red flag",
    Kind.UNCLEAR_REPLY: "Not understood",
    Kind.QUESTION: "Question, answered automatically",
    Kind.CALL_BACK: "Wants to be called back",
    Kind.OPT_OUT_IN_WORDS: "May want no more texts",
    Kind.HALF_REQUEST: "Report request left half done",
    Kind.REPORT_HELD: "Report request to look at before it is mailed",
    Kind.VOICEMAIL: "Voicemail",
    Kind.FAILED_EVENT: "A message that could not be handled",
    Kind.FAILED_SEND: "Our text did not get through",
    Kind.UNKNOWN_SEND: "Our text may not have got through",
    Kind.MISCONFIGURED: "The carrier refuses our texts: our account is set up wrongly, run backtalk doctor",
    Kind.GAP: "The line was away; what patients sent was taken in late",
}

OUTCOMES: dict[Outcome, str] = {
    Outcome.REACHED_ADVISED: "Reached and advised",
    Outcome.SENT_TO_EMERGENCY: "Sent to emergency care",
    Outcome.VOICEMAIL_LEFT: "Left a voicemail",
    Outcome.NO_ANSWER: "No answer",
    Outcome.WRONG_NUMBER: "Wrong number",
    Outcome.DECLINED: "Declined help",
    Outcome.ANSWERED_BY_TEXT: "Answered by text",
    Outcome.HANDLED: "Handled",
    Outcome.NOTHING_NEEDED: "Nothing needed",
}

SNOOZES: dict[Snooze, str] = {
    Snooze.HOUR: "For an hour",
    Snooze.FOUR_HOURS: "For four hours",
    Snooze.TOMORROW: "Until tomorrow at 9",
    Snooze.WEEK: "For a week",
}

ROLES: dict[Role, str] = {
    Role.FRONT_DESK: "Front desk",
    Role.CLINICIAN: "Clinician",
    Role.ADMIN: "Administrator",
}

REQUESTS: dict[RequestState, str] = {
    RequestState.REQUESTED: "asked for, not confirmed",
    RequestState.CONFIRMED: "confirmed, held for a person to look at",
    RequestState.RESERVED: "confirmed, a package is reserved",
    RequestState.WAITING: "on the waiting list",
    RequestState.PACKED: "packed",
    RequestState.MAILED: "mailed",
    RequestState.RETURNED: "came back undelivered",
    RequestState.CANCELLED: "cancelled",
}

HOLDS: dict[str | None, str] = {
    Hold.ADDRESS: "The address does not quite fit together",
    Hold.MANY_ADDRESSES: "This number has asked for many addresses",
    Hold.MANY_NUMBERS: "Many numbers have asked for this address",
    Hold.CAME_BACK: "A package to this address came back before",
}

UNDOABLE: dict[str, str] = {
    RequestState.PACKED: "Packed. This can be undone for five minutes; patients are not told of it.",
    RequestState.MAILED: (
        "Mailed. This can be undone for five minutes. Then each patient is told, at night not before"
        " the morning."
    ),
    RequestState.RETURNED: (
        "Came back. This can be undone for five minutes. Then the patient is asked once for a better"
        " address, at night not before the morning."
    ),
}
"""What follows a step that can still be undone."""

UNFINISHED: dict[str, str] = {
    RequestState.CONFIRMED: "Held",
    RequestState.REQUESTED: "Left half told",
    RequestState.CANCELLED: "Merged: this household has a request already",
}

MESSAGES: dict[MessageKind, str] = {
    MessageKind.SAFETY: "Safety advice",
    MessageKind.ADVICE: "Safety advice",
    MessageKind.ALERT: "Alert to staff",
    MessageKind.RING: "Call to staff",
    MessageKind.OPT_OUT_CONFIRMATION: "Opt-out confirmed",
    MessageKind.REPLY: "Reply",
    MessageKind.STAFF_REPLY: "Text",
    MessageKind.NOTICE: "Notice",
    MessageKind.TIP: "Tip",
}

STATES: dict[MessageState, str] = {
    MessageState.QUEUED: "Waiting to be sent",
    MessageState.HELD: "Held back",
    MessageState.SENDING: "Being sent",
    MessageState.UNKNOWN: "Sent, not confirmed; we are asking the carrier",
    MessageState.ACCEPTED: "With the carrier",
    MessageState.SENT: "On its way to the phone",
    MessageState.DELIVERED: "Arrived",
    MessageState.UNDELIVERED: "Did not arrive",
    MessageState.FAILED: "Could not be sent",
    MessageState.REFUSED: "Not sent",
    MessageState.LOST: "Nobody can say whether it arrived; it was not sent again",
}

BAD_STATES = frozenset(
    {
        MessageState.UNDELIVERED,
        MessageState.FAILED,
        MessageState.REFUSED,
        MessageState.LOST,
    }
)

CODES: dict[int, str] = {
    21610: "they have said STOP to the carrier",
    21614: "this number cannot get texts",
    30003: "phone switched off or out of range",
    30004: "the phone or its carrier blocks our texts",
    30005: "the number is not in use, or the phone was off for long",
    30006: "a landline, or a carrier that takes no texts",
    30007: "the carrier filtered it as spam",
    30008: "the carrier gave no reason",
    30034: "our number is not registered with the carriers yet",
}
"""Why a text did not arrive (Twilio's error dictionary, November 2026)."""

PURPOSES: dict[Purpose, str] = {
    Purpose.PROGRAM: "the tips",
    Purpose.REPORT: "the report",
    Purpose.EVERYTHING: "all texts and automated calls",
}

MEANS: dict[Means, str] = {
    Means.TEXT: "by text",
    Means.KEY: "by a key on the telephone",
    Means.SPEECH: "spoken on the telephone",
    Means.WEB: "on the form of the public page",
    Means.STAFF: "told to one of you",
    Means.CARRIER: "STOP, which the carrier took itself",
}

LANGUAGES = {"en": "English", "es": "Spanish"}

PAUSED_BY: dict[PausedBy, str] = {
    PausedBy.PATIENT: "the patient asked for a break",
    PausedBy.OPT_OUT: "the patient has opted out",
    PausedBy.SILENCE: "three check-ins brought no word, and we asked whether to go on",
    PausedBy.UNTEXTABLE: "texts cannot arrive on this number: offer to ring instead",
    PausedBy.FLAG: "a flag was raised; they go on only when one of you says so",
    PausedBy.STAFF: "one of you paused them",
}

ENROLLMENTS: dict[EnrollmentState, str] = {
    EnrollmentState.ACTIVE: "On the program",
    EnrollmentState.PAUSED: "Resting",
    EnrollmentState.FINISHED: "Has had the whole program",
    EnrollmentState.STOPPED: "Ended by staff",
}

SAID = {
    "claimed": "It is yours. Nobody else will ring.",
    "text_sent": "Your text is on its way.",
    "text_waits": "Your text waits for the hours in which they may be texted.",
    "handed_over": "Handed over.",
    "put_off": "Put off. It stands at the end of the list until then.",
    "handed_back": "Handed back. Somebody else can take it now.",
    "closed": "Closed, with its outcome.",
    "ringing": "Your phone rings now. Press 1 to be connected; the patient sees the clinic’s number.",
    "tried": "The try is counted. They stay on the list until somebody has reached them.",
    "noted": "Your note is kept.",
    "resting": "The tips rest.",
    "going_on": "The tips go on.",
    "ended": "The program is ended.",
    "invited": "They are asked by text. The tips begin when they answer 1.",
    "opted_out": "Opted out: no more texts and no automated calls.",
    "replayed": "Handled now.",
    "packed": "Marked as packed.",
    "mailed": "Marked as mailed.",
    "undone": "Undone.",
    "returned": "Marked as returned.",
    "address_changed": "Name and address are changed.",
    "sent_again": "It goes out again. Its week stands below.",
    "by_hand": "It is in the line. Tell them the week that stands below.",
    "tracked": "The tracking number is kept.",
    "let_in": "It is in the line now.",
    "dropped": "Dropped. A package that came free goes to the next in line. The patient is not told.",
    "table_taken": "The table is taken in.",
    "password_set": "Your password is set.",
    "codes_begun": "Now read the picture with your app and type the code it shows.",
    "codes_set": "Codes are set up. Keep the recovery codes somewhere safe: they are shown once.",
    "passkey_added": "Your passkey is kept.",
    "passkey_removed": "That passkey works no more.",
    "role_changed": "The role is changed; they have to sign in again.",
    "disabled": "The account is closed.",
    "erased": "Erased. What is left can be tied to nobody.",
    "on_duty": "On the rota.",
    "off_duty": "Taken off the rota.",
    "mobile_kept": "The number is kept.",
    "replay_failed": "It could not be handled this time either.",
}
"""What the next page says after a deed; the address carries the key only."""


def delivery(
    state: MessageState, reason: str | None, code: int | None, *, tried: bool = False
) -> str:
    """What became of a text: "Not sent: opted out", "Did not arrive: phone switched off or out of range".

    One that was tried and waits to be sent again ends in "we try again", for a time to follow.
    """
    why = (CODES.get(code) or f"carrier’s code {code}") if code else ""
    if state is MessageState.QUEUED and tried:
        return f"{why.capitalize() or 'Not taken'}; we try again"
    if reason and state in (MessageState.REFUSED, MessageState.HELD):
        return f"{STATES[state]}: {reason}"
    return f"{STATES[state]}: {why}" if why else STATES[state]


def sign(code: str) -> str:
    """A sign's name as people read it: "saddle_numbness" is "saddle numbness"."""
    return code.replace("_", " ")


def span(delta: timedelta) -> str:
    """A length of time in one or two units: "under a minute", "12 min", "3 h 5 min", "2 days"."""
    minutes = int(delta.total_seconds()) // 60
    if minutes < 1:
        return "under a minute"
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days = hours // 24
    return f"{days} day" if days == 1 else f"{days} days"


def due(at: datetime, now: datetime) -> str:
    """How a due time stands: "due in 8 min", "overdue by 2 h"."""
    return f"overdue by {span(now - at)}" if at <= now else f"due in {span(at - now)}"


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
    counts = ((texts, "text"), (voicemails, "voicemail"))
    return " and ".join(f"{n} {what}{'s' if n != 1 else ''}" for n, what in counts if n)
