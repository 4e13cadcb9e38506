"""The articles' questions, found in free text."""

import tomllib

import pytest

from service.config import ROOT
from service.triage.faq import match_question


@pytest.fixture(scope="module")
def wordings() -> dict[str, list[str]]:
    known: dict[str, list[str]] = {}
    for language in ("en", "es"):
        page = tomllib.loads((ROOT / f"messages/{language}/faq.toml").read_text("utf-8"))
        for key, entry in page.items():
            known.setdefault(key, []).extend(entry["asks"])
    return known


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Is it safe to pop my lower back by myself", "safe_to_pop"),
        ("hey doc is it ok if I crack my own back?", "safe_to_pop"),
        ("can I crack my back every day?", "how_often"),
        ("how many times a day can I roll on the foam roller?", "how_often"),
        ("whats the best position to pop my back", "best_position"),
        ("how hard should i push", "how_much_pressure"),
        ("How long do I hold it?", "how_long"),
        ("what if popping hurts?", "pain_while_popping"),
        ("when should i see a doctor about my back", "when_to_see_someone"),
        ("can my husband walk on my back", "step_on_back"),
        ("should I let my kid step on my back?", "step_on_back"),
        ("es malo tronarse la espalda?", "safe_to_pop"),
        ("puede mi esposa pararse en mi espalda?", "step_on_back"),
        ("Thanks for the tips. How often can I pop my back?", "how_often"),
    ],
)
def test_a_question_is_known(text: str, key: str, wordings: dict[str, list[str]]) -> None:
    assert match_question(text, wordings) == key


@pytest.mark.parametrize(
    "text",
    ["", "hi", "thanks", "do you take medicaid", "what time is my appointment", "gracias", "1",
     "what are your hours", "my back hurts", "me duele la espalda", "??"],
)  # fmt: skip
def test_what_is_no_such_question_is_none(text: str, wordings: dict[str, list[str]]) -> None:
    assert match_question(text, wordings) is None


def test_every_wording_finds_its_own_answer(wordings: dict[str, list[str]]) -> None:
    for key, known in wordings.items():
        for wording in known:
            assert match_question(wording, wordings) == key, wording
