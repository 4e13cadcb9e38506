"""Any text at all gets an assessment, quickly, with findings that point at its own words."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.triage.assess import assess
from service.triage.explain import explain
from service.triage.lexicon import Lexicon
from service.triage.rules import Level

SYMPTOM_WORDS = (
    "numb", "tingling", "weakness", "fever", "chills", "incontinent", "paralyzed", "sciatica",
    "suicidal", "cancer", "hormigueo", "adormecido", "fiebre", "debilidad", "excruciating",
)  # fmt: skip
NEUTRAL = ("today", "thanks", "ok", "the", "my", "since", "friday", "gracias", "hola", "porch")


ODD = (
    "1" * 4000,
    "no " * 1000,
    "[numb] & ~~ (|) unless",
    "ﬁ\u0301\u202e\U0001f468\u200d\U0001f469",
)


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=300))
def test_nothing_crashes_it(lexicon: Lexicon, text: str) -> None:
    is_assessed(text, lexicon)


@pytest.mark.parametrize("text", ODD, ids=["digits", "noes", "marks", "joined"])
def test_odd_texts_do_not_crash_it(lexicon: Lexicon, text: str) -> None:
    is_assessed(text, lexicon)


def is_assessed(text: str, lexicon: Lexicon) -> None:
    """The text gets an assessment, and each finding points at its own words."""
    found = assess(text, lexicon)
    assert found.version == lexicon.version
    assert (found.reply is None) == (found.level is Level.CLEAR)
    for finding in found.findings:
        assert text[finding.start : finding.end].strip() == finding.words.strip()
    assert explain(text, lexicon)


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(SYMPTOM_WORDS),
    st.lists(st.sampled_from(NEUTRAL), max_size=6),
    st.lists(st.sampled_from(NEUTRAL), max_size=6),
)
def test_no_symptom_word_is_silently_clear(
    lexicon: Lexicon, word: str, before: list[str], after: list[str]
) -> None:
    assert assess(" ".join([*before, word, *after]), lexicon).level is not Level.CLEAR


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.sampled_from([*SYMPTOM_WORDS, *NEUTRAL, "not", "no", "but", "leg"]), max_size=25)
)
def test_it_gives_the_same_answer_twice(lexicon: Lexicon, words: list[str]) -> None:
    text = " ".join(words)
    assert assess(text, lexicon) == assess(text, lexicon)


def test_a_very_long_transcript_does_not_hold_up_the_line(lexicon: Lexicon) -> None:
    start = time.process_time()
    assess("my leg is numb and my back hurts and I can not sleep and " * 150, lexicon)
    assert time.process_time() - start < 5
