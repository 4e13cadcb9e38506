"""What the content check refuses, and what a clinician's new wording does."""

import copy
import tomllib
from typing import Any

import pytest

from service.config import ROOT
from service.errors import ContentError
from service.triage.assess import assess
from service.triage.lexicon import Lexicon, compile_lexicon
from service.triage.rules import Level


@pytest.fixture
def data() -> dict[str, Any]:
    return tomllib.loads((ROOT / "messages/red_flags.toml").read_text("utf-8"))


def problems(data: dict[str, Any]) -> str:
    with pytest.raises(ContentError) as refused:
        compile_lexicon(data)
    return "\n".join(refused.value.problems)


def test_a_new_wording_is_heard_at_once(data: dict[str, Any], lexicon: Lexicon) -> None:
    text = "my tail feels like a wet sponge cake"
    assert assess(text, lexicon).level is not Level.EMERGENCY
    added = copy.deepcopy(data)
    added["signs"]["saddle"]["en"].append("wet sponge cake")
    found = assess(text, compile_lexicon(added))
    assert found.level is Level.EMERGENCY
    assert "wet sponge cake" in found.findings[0].rule


def test_every_finding_carries_the_version(data: dict[str, Any]) -> None:
    data["version"] = "2027-01"
    assert assess("numb foot", compile_lexicon(data)).version == "2027-01"


def test_a_sign_without_words_is_refused(data: dict[str, Any]) -> None:
    data["signs"]["empty"] = {
        "name": "x", "level": "urgent", "source": "x", "reply": "safety_urgent",
    }  # fmt: skip
    assert "sign empty: has no wording" in problems(data)


def test_a_reply_that_does_not_fit_the_level_is_refused(data: dict[str, Any]) -> None:
    data["signs"]["saddle"]["reply"] = "safety_review"
    assert "does not fit emergency" in problems(data)


def test_a_wording_that_is_its_own_false_friend_is_refused(data: dict[str, Any]) -> None:
    data["signs"]["fever"]["when"].append("cabin fever")
    assert "both wording and false friend" in problems(data)


def test_a_wording_that_a_false_friend_always_covers_is_refused(data: dict[str, Any]) -> None:
    data["signs"]["fever"]["en"] = ["awful cabin fever"]
    assert "'awful cabin fever' can never be found" in problems(data)


def test_an_unknown_vocabulary_is_refused(data: dict[str, Any]) -> None:
    data["signs"]["fever"]["when"].append("[feverish_words] & [back]")
    assert "unknown vocabulary 'feverish_words'" in problems(data)


def test_a_pattern_that_cannot_be_read_is_refused(data: dict[str, Any]) -> None:
    data["signs"]["fever"]["when"].append("(hot|cold & [back]")
    assert "cannot read" in problems(data)


def test_a_vocabulary_nobody_asks_for_is_refused(data: dict[str, Any]) -> None:
    data["vocabulary"]["spare"] = {"about": "x", "en": ["spare"]}
    assert "vocabulary spare: no sign asks for it" in problems(data)


def test_a_combination_that_raises_nothing_is_refused(data: dict[str, Any]) -> None:
    data["combinations"].append(
        {"name": "x", "signs": ["saddle", "fever"], "level": "urgent", "reply": "safety_urgent",
         "source": "x"}
    )  # fmt: skip
    assert "raises nothing" in problems(data)


def test_a_combination_of_unknown_signs_is_refused(data: dict[str, Any]) -> None:
    data["combinations"][0]["signs"] = ["cancer", "no_such_sign"]
    assert "no sign 'no_such_sign'" in problems(data)


def test_a_misspelt_field_is_refused_by_name(data: dict[str, Any]) -> None:
    data["signs"]["fever"]["levle"] = "urgent"
    assert "signs.fever.levle" in problems(data)


def test_all_faults_are_told_at_once(data: dict[str, Any]) -> None:
    data["signs"]["saddle"]["reply"] = "safety_review"
    data["vocabulary"]["spare"] = {"about": "x", "en": ["spare"]}
    assert len(problems(data).splitlines()) == 2


def test_combinations_raise_what_each_sign_alone_does_not(lexicon: Lexicon) -> None:
    assert assess("I had breast cancer and my back hurts", lexicon).level is Level.URGENT
    assert assess("my right leg is numb", lexicon).level is Level.URGENT
    both = assess("I had breast cancer. My right leg is numb", lexicon)
    assert both.level is Level.EMERGENCY
    assert "cord compression" in both.findings[0].rule
