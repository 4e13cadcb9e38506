"""Decide about words that were left on a recording: nobody is on the line any more. Pure."""

from service.conversation.effects import Effect, Flag, OptOut, Say
from service.conversation.heard import Channel, Heard, Understood
from service.outbox.rules import Kind as MessageKind
from service.review.rules import FLAGGING
from service.review.rules import Kind as ReviewKind
from service.triage.rules import Assessment, Level


def left_by_voice(heard: Heard, assessment: Assessment, understood: Understood) -> list[Effect]:
    """A red flag alerts staff, and the advice goes out by text; an opt-out counts as anywhere.

    The recording itself stands in the queue already, so plain words raise nothing more. "Stop calling
    me" on a voicemail is a revocation unless shown otherwise (47 CFR 64.1200(a)(11)).
    """
    effects: list[Effect] = []
    if assessment.level in FLAGGING:
        effects.append(Flag(ReviewKind.RED_FLAG, assessment.level))
        if assessment.level is Level.EMERGENCY and heard.sender:
            effects.append(Say(assessment.reply or "safety_emergency", MessageKind.SAFETY))
    elif "opt_out" in understood.intents:
        effects.append(Flag(ReviewKind.OPT_OUT_IN_WORDS, Level.REVIEW))
    elif heard.channel is Channel.CALL:
        effects.append(Flag(ReviewKind.UNCLEAR_REPLY, Level.REVIEW))
    if "opt_out" in understood.intents:
        effects.append(OptOut())
    return effects
