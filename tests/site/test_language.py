"""Which language a visitor sees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.site.language import choose_language

OFFERED = ("en", "es")


@pytest.mark.parametrize(
    ("asked", "accepted", "shown"),
    [
        ("", "", "en"),
        ("es", "en-US,en;q=0.9", "es"),
        ("en", "es", "en"),
        ("", "es", "es"),
        ("", "es-MX,es;q=0.9,en;q=0.8", "es"),
        ("", "ES-419", "es"),
        ("", "en-US,es;q=0.9", "en"),
        ("", "en;q=0.3, es;q=0.7", "es"),
        ("", "fr-CA,fr;q=0.9,es;q=0.4,en;q=0.2", "es"),
        ("", "es;q=0, en;q=0.1", "en"),
        ("", "es;q=0", "en"),
        ("", "es,en", "es"),
        ("", "en,es", "en"),
        ("", "es;q=0.5,es-MX;q=0.9,en;q=0.7", "es"),
        ("", "es-MX;q=0.9,en;q=0.7,es;q=0.5", "es"),
        ("", "*", "en"),
        ("", "es;q=much,,;;=,en-", "en"),
        ("fr", "es", "es"),
        ("../etc", "zh", "en"),
    ],
)
def test_what_is_asked_then_what_is_liked_then_the_first(
    asked: str, accepted: str, shown: str
) -> None:
    assert choose_language(asked, accepted, OFFERED) == shown


def test_a_clinic_with_one_language_shows_that() -> None:
    assert choose_language("en", "en", ("es",)) == "es"


@given(st.text(), st.text())
def test_whatever_is_sent_a_page_is_shown(asked: str, accepted: str) -> None:
    assert choose_language(asked, accepted, OFFERED) in OFFERED
