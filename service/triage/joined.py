"""An answer judged together with the words it completes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from service.triage.rules import Assessment, Finding

_STOPS = " .,;:!?…\n"


def assess_answer(text: str, before: str, assess: Callable[[str], Assessment]) -> Assessment:
    """Assess `text` as what completes `before`: "it gives out", then "left knee, since Monday".

    Never lower than `text` alone. Findings point into `text`, and only those that need it are kept.
    """
    alone = assess(text)
    start = before.rstrip(_STOPS)
    if not start:
        return alone
    opening = f"{start}, "
    joined = assess(opening + text)
    if alone.level.at_least(joined.level):
        return alone
    size = len(opening)
    kept = [_within(each, size) for each in joined.findings if each.end > size]
    if not any(each.level is joined.level for each in kept):
        return alone  # all of it was said, and judged, before
    return replace(joined, findings=tuple(kept))


def _within(finding: Finding, start: int) -> Finding:
    """The finding as a place in the answer."""
    return replace(finding, start=max(0, finding.start - start), end=finding.end - start)
