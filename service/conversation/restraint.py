"""What must not be said, whatever was decided. Pure."""

from datetime import datetime, timedelta

from service.conversation.effects import (
    Ask,
    Effect,
    EndDialog,
    Flag,
    Say,
    SayAnswer,
    SayMore,
    SayReport,
)
from service.conversation.heard import Known
from service.outbox.rules import Kind as MessageKind
from service.review.rules import Kind as ReviewKind
from service.triage.rules import Level

MOST_REPLIES_AN_HOUR = 12
"""Beyond this an automatic partner is likely: only safety advice is sent, and a person looks."""

ACKNOWLEDGEMENTS = frozenset(
    {"call_back_promised", "media_only", "not_understood", "person_will_read", "safety_review"}
)
"""That we have it, and who will read it."""

AT_ONE_GO = timedelta(minutes=10)


def said_once(reply: str, thread_id: int, written: datetime) -> str | None:
    """The natural key by which a reply leaves once for all that somebody writes at one go; None: each time."""
    if reply not in ACKNOWLEDGEMENTS:
        return None
    return f"once:{thread_id}:{reply}:{int(written.timestamp() // AT_ONE_GO.total_seconds())}"


def without_exercise(known: Known, effects: list[Effect]) -> list[Effect]:
    """While a red flag is open nobody is told to go on exercising: a person answers instead."""
    if not known.flagged:
        return effects
    kept = [each for each in effects if not _leads_to_exercise(each)]
    if len(kept) == len(effects):
        return effects
    return [*kept, Flag(ReviewKind.UNCLEAR_REPLY, Level.REVIEW), Say("person_will_read")]


def _leads_to_exercise(effect: Effect) -> bool:
    if isinstance(effect, Say):
        return effect.key in ("resumed", "tips_started")
    return isinstance(effect, SayMore | SayAnswer)


def bounded(known: Known, effects: list[Effect]) -> list[Effect]:
    """Two automatic systems that text each other stop here: a person sees it, nothing more is said."""
    if known.replies_last_hour < MOST_REPLIES_AN_HOUR:
        return effects
    kept = [each for each in effects if not _is_plain_speech(each)]
    if len(kept) == len(effects) or any(isinstance(each, Flag) for each in kept):
        return kept
    return [*kept, Flag(ReviewKind.UNCLEAR_REPLY, Level.REVIEW)]


def _is_plain_speech(effect: Effect) -> bool:
    if isinstance(effect, Say):
        return effect.kind is MessageKind.REPLY
    return isinstance(effect, SayMore | SayAnswer | SayReport | Ask | EndDialog)
