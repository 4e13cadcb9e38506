"""Codes that answer a check-in."""

import pytest

from service.triage.answers import CheckInAnswer, read_choice, read_code


@pytest.mark.parametrize(
    "text",
    ["1", " 1. ", "one", "ONE", "uno", "Uno.", "#1", "(1)", "1️⃣", "none", "ninguno", "Ninguna",
     "1 none of these", "1 - none", "1, ninguno", "number 1", "reply 1", "la 1", "1 thanks",
     "none of the above", "1 please", "uno gracias"],
)  # fmt: skip
def test_none(text: str) -> None:
    assert read_code(text) is CheckInAnswer.NONE


@pytest.mark.parametrize("text", ["2", "two", "dos", "2.", "#2", "some of these", "2 gracias"])
def test_some(text: str) -> None:
    assert read_code(text) is CheckInAnswer.SOME


@pytest.mark.parametrize(
    "text",
    ["1 but my foot is numb", "1 except I soiled myself", "12", "3", "1 or 2", "11", "", "one leg",
     "ninguno pero", "uno de los pies", "2 days ago", "no", "1 (well, heel prickles)", "01/02"],
)  # fmt: skip
def test_anything_more_is_not_a_code(text: str) -> None:
    assert read_code(text) is None


@pytest.mark.parametrize("text", ["1", "No", "nope", "no sir", "No, none", "nada", "no tengo"])
def test_no_to_a_question_by_one_and_two(text: str) -> None:
    assert read_choice(text) is CheckInAnswer.NONE


@pytest.mark.parametrize("text", ["2", "Yes", "yes ma'am", "sí", "si, las dos", "I do", "both"])
def test_yes_to_a_question_by_one_and_two(text: str) -> None:
    assert read_choice(text) is CheckInAnswer.SOME


@pytest.mark.parametrize("text", ["no but it tingles", "yes and no", "kinda", "si no me muevo", ""])
def test_what_is_neither_yes_nor_no(text: str) -> None:
    assert read_choice(text) is None
