import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.console.marks import findings_of, pieces
from service.triage.rules import Finding, Level


def _found(start: int, end: int, level: Level = Level.URGENT) -> Finding:
    return Finding("numb_foot", level, "", start, end, "a rule")


def test_the_words_that_raised_the_flag_are_marked() -> None:
    cut = pieces("my foot went numb today", [_found(3, 17)])
    assert [(piece.text, piece.level) for piece in cut] == [
        ("my ", None),
        ("foot went numb", Level.URGENT),
        (" today", None),
    ]


def test_overlapping_words_share_one_mark_at_the_higher_level() -> None:
    cut = pieces("abcdef", [_found(0, 3), _found(2, 5, Level.EMERGENCY)])
    assert [(piece.text, piece.level) for piece in cut] == [
        ("abcde", Level.EMERGENCY),
        ("f", None),
    ]


def test_neighbouring_words_keep_marks_of_their_own() -> None:
    assert len(pieces("abcdef", [_found(0, 3), _found(3, 6)])) == 2


@pytest.mark.parametrize("offsets", [(-5, 2), (4, 99), (90, 99), (3, 3), (5, 2)])
def test_offsets_that_do_not_fit_lose_no_letter(offsets: tuple[int, int]) -> None:
    assert "".join(piece.text for piece in pieces("abcdef", [_found(*offsets)])) == "abcdef"


@given(
    st.text(),
    st.lists(st.builds(_found, st.integers(-3, 40), st.integers(-3, 40), st.sampled_from(Level))),
)
def test_the_pieces_are_the_message_again(body: str, findings: list[Finding]) -> None:
    cut = pieces(body, findings)
    assert "".join(piece.text for piece in cut) == body
    assert all(piece.text for piece in cut)


def test_findings_are_read_worst_first() -> None:
    stored = [
        {"sign": "a", "level": level, "words": "w", "start": at, "end": at + 1, "rule": "r"}
        for at, level in enumerate(["review", "emergency", "urgent"])
    ]
    levels = [finding.level for finding in findings_of(stored)]
    assert levels == [Level.EMERGENCY, Level.URGENT, Level.REVIEW]
