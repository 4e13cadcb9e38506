"""Which safety reply a message calls for, and what those replies may not say."""

import re
import tomllib

import pytest

from service.config import ROOT
from service.triage.assess import assess
from service.triage.entries import REPLIES
from service.triage.lexicon import Lexicon


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("numb between my legs and can't pee", "safety_cauda_equina"),
        ("fell off the roof and my back hurts", "safety_spine_trauma"),
        ("I want to die", "safety_suicide"),
        ("chest pain and sweating", "safety_emergency"),
        ("my left foot tingles", "safety_urgent"),
        ("what are your hours", "safety_review"),
        ("1", None),
    ],
)
def test_each_family_has_its_reply(text: str, reply: str | None, lexicon: Lexicon) -> None:
    assert assess(text, lexicon).reply == reply


def test_suicidal_words_are_answered_as_such_whatever_else_is_said(lexicon: Lexicon) -> None:
    text = "fell off a ladder, can't feel my legs, I want to kill myself"
    assert assess(text, lexicon).reply == "safety_suicide"


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_safety_reply_reassures_or_repeats_a_sign_back(language: str) -> None:
    replies = tomllib.loads((ROOT / f"messages/{language}/replies.toml").read_text("utf-8"))
    soothing = re.compile(r"you('re| are) fine|nothing to worry|don't worry|no se preocupe", re.I)
    for key in REPLIES:
        assert "911" in replies[key]["text"]
        assert not soothing.search(replies[key]["text"])
        assert "{words}" not in replies[key]["text"]
    assert "988" in replies["safety_suicide"]["text"]
