"""docs/triage.md says what the lexicon says."""

from service.triage.handbook import tables, with_tables
from service.triage.lexicon import Lexicon
from tests.triage.refresh_page import PAGE


def test_the_tables_are_current(lexicon: Lexicon) -> None:
    page = PAGE.read_text("utf-8")
    assert with_tables(page, lexicon) == page, "run python -m tests.triage.refresh_page"


def test_every_sign_and_combination_has_its_line(lexicon: Lexicon) -> None:
    made = tables(lexicon)
    for key, sign in lexicon.signs.items():
        assert f"| {sign.name} | `{key}` |" in made
    for combination in lexicon.combinations:
        assert combination.name in made
