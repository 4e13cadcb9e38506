"""Which of the articles' questions a free text asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def match_question(text: str, wordings: Mapping[str, Sequence[str]]) -> str | None:
    """The key of the question asked, or None. Call only when `assess` found no symptom."""
    return None
