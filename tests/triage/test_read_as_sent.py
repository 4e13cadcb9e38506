"""How the words came helps to read them: a transcript mishears, and in Spanish "he" is a verb."""

import pytest

from service.triage.assess import assess
from service.triage.lexicon import Lexicon
from service.triage.rules import Level


@pytest.mark.parametrize(
    ("heard", "least"),
    [
        ("my left thai has been numb since friday", Level.URGENT),
        ("I can't hardly pea and my groan is dumb", Level.EMERGENCY),
        ("both my feat are tinkling and weak", Level.EMERGENCY),
        ("I got pressure in my chess and my arm is heavy", Level.EMERGENCY),
    ],
)
def test_what_a_transcript_mishears_is_put_right(
    heard: str, least: Level, lexicon: Lexicon
) -> None:
    assert assess(heard, lexicon, channel="voicemail").level.at_least(least)


def test_a_text_is_read_as_it_was_typed(lexicon: Lexicon) -> None:
    text = "both feat are tinkling"
    assert assess(text, lexicon, channel="voicemail").level is Level.EMERGENCY
    assert assess(text, lexicon).level is Level.REVIEW


def test_he_is_a_verb_to_who_writes_spanish(lexicon: Lexicon) -> None:
    text = "he batallado para orinar desde ayer"
    assert assess(text, lexicon, language="es").level is Level.EMERGENCY
    assert assess("no he padecido fiebre", lexicon, language="es").level is Level.CLEAR
