"""What can be said without the database: the safety advice that answers an emergency.

The rules are the ones that always decide; only what is known of the patient is missing. So the language
is that of the words, and nothing is said that an opt-out would forbid.
"""

from service.conversation.decide import decide
from service.conversation.effects import Flag, Say
from service.conversation.heard import Heard, Known
from service.conversation.receive import Conversation
from service.conversation.understand import understand
from service.outbox.rules import Kind
from service.review.rules import FLAGGING
from service.triage.assess import assess
from service.triage.rules import Level


def judge_unaided(conversation: Conversation, heard: Heard) -> tuple[Level, str | None]:
    """How serious the words are, and the advice to give at once if they tell of an emergency."""
    content = conversation.content
    understood = understand(heard.body, content)
    language = understood.language or content.clinic.languages[0]
    assessment = assess(heard.body, conversation.lexicon, language=language, channel=heard.channel)
    effects = decide(Known(language), heard, assessment, understood)
    flags = [each.level for each in effects if isinstance(each, Flag) and each.level in FLAGGING]
    advice = [
        content.reply(each.key, language, **each.params)
        for each in effects
        if isinstance(each, Say) and each.kind is Kind.SAFETY
    ]
    answered = advice and conversation.limits.safety_after_opt_out
    return Level.highest([Level.CLEAR, *flags]), advice[0] if answered else None
