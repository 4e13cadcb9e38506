"""Cut a message into pieces, so that the words that raised a flag can be marked. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from service.triage.rules import Finding, Level


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a message; `level` is None where nothing was found."""

    text: str
    level: Level | None


def findings_of(stored: Iterable[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """The findings kept with a message, the worst first."""
    found = [
        Finding(
            sign=each["sign"],
            level=Level(each["level"]),
            words=each["words"],
            start=each["start"],
            end=each["end"],
            rule=each["rule"],
        )
        for each in stored
    ]
    return tuple(sorted(found, key=lambda finding: (-finding.level.rank, finding.start)))


def pieces(body: str, findings: Iterable[Finding]) -> tuple[Piece, ...]:
    """The body in pieces that together are the body again; overlapping findings share one mark, at
    the higher level, and offsets beyond the body are cut to it.
    """
    cut: list[Piece] = []
    at = 0
    for start, end, level in _spans(body, findings):
        if start > at:
            cut.append(Piece(body[at:start], None))
        cut.append(Piece(body[start:end], level))
        at = end
    if at < len(body):
        cut.append(Piece(body[at:], None))
    return tuple(cut)


def _spans(body: str, findings: Iterable[Finding]) -> list[tuple[int, int, Level]]:
    spans: list[tuple[int, int, Level]] = []
    for finding in sorted(findings, key=lambda each: (each.start, each.end)):
        start, end = max(0, finding.start), min(len(body), finding.end)
        if start >= end or finding.level is Level.CLEAR:
            continue
        if spans and start < spans[-1][1]:
            first, last, level = spans.pop()
            spans.append((first, max(last, end), Level.highest((level, finding.level))))
        else:
            spans.append((start, end, finding.level))
    return spans
