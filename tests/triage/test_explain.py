"""What a clinician reads."""

from service.triage.explain import explain
from service.triage.lexicon import Lexicon


def test_it_names_level_reply_sign_words_and_rule(lexicon: Lexicon) -> None:
    told = explain("thanks! foot still numb tho", lexicon)
    assert told.startswith("URGENT")
    assert "safety_urgent" in told
    assert "“foot still numb”" in told or "“numb”" in told
    assert "Numbness or tingling" in told
    assert "rule:" in told


def test_it_shows_what_was_set_aside_and_why(lexicon: Lexicon) -> None:
    told = explain("no numbness but I have a fever", lexicon)
    assert "set aside" in told
    assert "“numbness” (denied)" in told


def test_it_says_why_a_person_must_read_what_has_no_sign(lexicon: Lexicon) -> None:
    assert "asks something" in explain("are you open Friday?", lexicon)


def test_it_says_that_nobody_has_approved_the_list_yet(lexicon: Lexicon) -> None:
    assert "not yet approved by a clinician" in explain("1", lexicon)
