"""Splitting, masking and patterns: the small parts under the engine."""

import pytest

from service.triage.mask import masked
from service.triage.patterns import BadPattern, parse
from service.triage.phrases import PhraseTree, Span
from service.triage.spelling import Corrector
from service.triage.words import plain, split


def test_words_keep_their_place_in_the_message() -> None:
    text = "Can’t  feel my LEFT foot!"
    words = split(text)
    assert [word.plain for word in words] == ["cant", "feel", "my", "left", "foot"]
    assert [text[word.start : word.end] for word in words][3] == "LEFT"


def test_a_title_or_a_decimal_ends_no_sentence() -> None:
    assert len({word.sentence for word in split("Dr. Lee said 100.8 is a fever")}) == 1
    assert len({word.sentence for word in split("It hurts. My foot is numb")}) == 2


def test_possessives_and_drawn_out_words_are_made_plain() -> None:
    assert [w.plain for w in split("wife's foot, it's soooo numb")][:3] == ["wife", "foot", "its"]
    assert plain("Ácido") == "acido"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("send to 210 Shooting Creek Rd, Hurt VA", "210 Shooting Creek Rd, Hurt VA"),
        ("PO Box 12 please", "PO Box 12"),
        ("Dr. Tingle called", "Dr. Tingle"),
        ("vivo en la calle Hormiguero", "calle Hormiguero"),
    ],
)
def test_addresses_and_names_are_masked(text: str, hidden: str) -> None:
    assert [text[mask.start : mask.end] for mask in masked(text)] == [hidden]


def test_what_follows_an_address_is_read() -> None:
    text = "77 Painter Ln. also my leg is tingling"
    assert [text[m.start : m.end] for m in masked(text)] == ["77 Painter Ln."]


def test_a_tree_finds_overlapping_phrases_and_stems() -> None:
    tree = PhraseTree()
    tree.add(["both", "legs"], "both")
    tree.add(["legs"], "leg")
    tree.add(["numb*"], "numb")
    found = tree.find(["both", "legs", "numbish"], [True, False, False])
    assert found == {"both": [Span(0, 2)], "leg": [Span(1, 2)], "numb": [Span(2, 3)]}


def test_a_phrase_does_not_run_over_a_comma() -> None:
    tree = PhraseTree()
    tree.add(["stopped", "feeling"], "x")
    assert tree.find(["stopped", "feeling"], [True, True]) == {}


def test_a_correction_is_one_slip_away_and_never_a_real_word() -> None:
    corrector = Corrector(["bladder", "numbness"], {"num": "numb"}, ["bladders"])
    assert corrector.correct("bladdr") == "bladder"
    assert corrector.correct("bladders") == "bladders"
    assert corrector.correct("ladder") == "ladder"
    assert corrector.means("num") == "numb"


@pytest.mark.parametrize("source", ["[numb", "(a|b", "", "[numb] & ", "(a|)"])
def test_a_pattern_must_make_sense(source: str) -> None:
    with pytest.raises(BadPattern):
        parse(source, lambda words: words)
