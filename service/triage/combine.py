"""Signs that together mean more than each alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from service.triage.entries import REPLIES, Combination, Sign
from service.triage.rules import Finding, Level


def combined(present: Sequence[Finding], combinations: Sequence[Combination]) -> list[Finding]:
    """A finding for each combination whose signs are all among those present."""
    found = []
    for number, combination in enumerate(combinations):
        parts = [_first(present, choice.split("|")) for choice in combination.signs]
        if all(parts):
            last = max((part for part in parts if part), key=lambda part: part.end)
            found.append(
                Finding(
                    f"combination_{number + 1}",
                    combination.level,
                    last.words,
                    last.start,
                    last.end,
                    f"{combination.name}: "
                    + " with ".join(f"“{part.words}”" for part in parts if part),
                )
            )
    return found


def _first(present: Sequence[Finding], signs: Sequence[str]) -> Finding | None:
    return next((finding for finding in present if finding.sign in signs), None)


def reply_for(
    findings: Sequence[Finding],
    level: Level,
    signs: Mapping[str, Sign],
    combinations: Sequence[Combination],
) -> str | None:
    """The safety reply of the message's level; the more particular family wins."""
    if level is Level.CLEAR:
        return None
    wanted = {_reply(f.sign, signs, combinations) for f in findings if f.level is level}
    fitting = [key for key, fits in REPLIES.items() if fits is level]
    return next((key for key in fitting if key in wanted), fitting[-1])


def _reply(key: str, signs: Mapping[str, Sign], combinations: Sequence[Combination]) -> str | None:
    if key in signs:
        return signs[key].reply
    number = key.removeprefix("combination_")
    return combinations[int(number) - 1].reply if number.isdigit() else None
