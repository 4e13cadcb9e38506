"""The words a carrier acts on by itself, before the line hears them.

Whole message, any case, on a long code without Advanced Opt-Out; the line still gets its webhook, without
OptOutType. Source: www.twilio.com/docs/messaging/tutorials/advanced-opt-out, and Twilio's support article
"Twilio support for opt-out keywords". That a second STOP, a START from somebody who never stopped, and a HELP
from somebody who has get no answer is how this carrier reads it; Twilio states it for toll-free HELP only.
"""

from typing import NamedTuple

STOP = frozenset({"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"})
START = frozenset({"START", "UNSTOP", "YES"})
HELP = frozenset({"HELP", "INFO"})

STOPPED = (
    "You have successfully been unsubscribed. You will not receive any more messages from this "
    "number. Reply START to resubscribe."
)
STARTED = (
    "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
)
HELPED = "Reply STOP to unsubscribe. Msg&Data Rates May Apply."


class Action(NamedTuple):
    """What the carrier does with a word: whether the sender is blocked from now on, and its answer."""

    opted_out: bool
    answer: str | None


def act_on(body: str, opted_out: bool) -> Action:
    """Decide what a text from somebody who is (not) opted out makes the carrier do."""
    word = body.strip().upper()
    if word in STOP:
        return Action(True, None if opted_out else STOPPED)
    if word in START:
        return Action(False, STARTED if opted_out else None)
    if word in HELP and not opted_out:
        return Action(False, HELPED)
    return Action(opted_out, None)
