"""How texts are measured and compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.wording import fill, fold, placeholders, segments, stray_braces


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("é" * 160, 1),
        ("ñ¿¡ü" * 40, 1),
        ("á" * 70, 1),
        ("á" * 71, 2),
        ("á" * 134, 2),
        ("á" * 135, 3),
        ("[" * 80, 1),
        ("[" * 81, 2),
        ("€" * 153, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_segments(text: str, parts: int) -> None:
    assert segments(text) == parts


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("STOP.", "stop"),
        ("  Don\u2019t   stop! ", "dont stop"),
        ("opt-out", "opt out"),
        ("Sí, señor", "si senor"),
        ("1 👍", "1"),
        ("ＳＴＯＰ", "stop"),
        ("\u00bfQu\u00e9?", "que"),
        ("e\u0301l", "el"),
        ("...", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(), st.text())
def test_a_longer_text_never_costs_less(text: str, more: str) -> None:
    assert segments(text + more) >= segments(text) >= 1


def test_fill() -> None:
    assert fill("{a} and {b}", {"a": "{b}", "b": "1"}) == "{b} and 1"
    with pytest.raises(KeyError):
        fill("{a}", {})
    assert placeholders("{phone} {a.b}") == {"phone"}
    assert stray_braces("{a.b}")
    assert not stray_braces("{phone}")
