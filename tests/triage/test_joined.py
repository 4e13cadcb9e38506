"""An answer is judged with the words it completes, and never lower than alone."""

from functools import partial

import pytest

from service.triage.assess import assess
from service.triage.joined import assess_answer
from service.triage.lexicon import Lexicon
from service.triage.rules import Assessment, Level


def answered(text: str, before: str, lexicon: Lexicon) -> Assessment:
    return assess_answer(text, before, partial(assess, lexicon=lexicon))


@pytest.mark.parametrize(
    ("before", "text", "level"),
    [
        ("it gives out on me", "left knee, since Monday", Level.URGENT),
        ("its kind of asleep.", "between my legs", Level.EMERGENCY),
        ("se me duerme", "la entrepierna, desde ayer", Level.EMERGENCY),
    ],
)
def test_two_halves_make_a_sign(before: str, text: str, level: Level, lexicon: Lexicon) -> None:
    found = answered(text, before, lexicon)
    assert found.level is level
    assert found.findings[0].level is level
    assert all(text[f.start : f.end] in f.words for f in found.findings)


@pytest.mark.parametrize("before", ["", "I feel fine", "my knee", "no numbness", "?!"])
@pytest.mark.parametrize("text", ["can't pee", "left foot numb", "since Monday", "thanks"])
def test_an_answer_is_never_judged_lower_than_alone(
    before: str, text: str, lexicon: Lexicon
) -> None:
    assert answered(text, before, lexicon).level.at_least(assess(text, lexicon).level)


def test_what_was_said_and_judged_before_is_not_found_again(lexicon: Lexicon) -> None:
    assert answered("thanks", "my left foot is numb", lexicon).level is Level.CLEAR
