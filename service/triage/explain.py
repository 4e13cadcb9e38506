"""What a clinician reads to see why a message got its level."""

from __future__ import annotations

from service.triage.assess import assess
from service.triage.lexicon import Lexicon


def explain(text: str, lexicon: Lexicon, *, language: str = "en", channel: str = "sms") -> str:
    """The level and each finding with its words and rule, as plain lines."""
    return assess(text, lexicon, language=language, channel=channel).level
