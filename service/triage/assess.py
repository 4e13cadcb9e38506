"""The one question: how soon must a person look at this message?"""

from __future__ import annotations

from service.triage.lexicon import Lexicon
from service.triage.rules import Assessment, Level


def assess(
    text: str, lexicon: Lexicon, *, language: str = "en", channel: str = "sms"
) -> Assessment:
    """Assess a patient's words; never raises."""
    return Assessment(Level.REVIEW, (), lexicon.version, "safety_review")
