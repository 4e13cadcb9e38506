"""Labelled messages, and what an engine made of them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from service.triage.assess import assess
from service.triage.lexicon import Lexicon
from service.triage.rules import Level

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Row:
    """A message with the lowest and the highest level a careful reader could give it."""

    id: str
    channel: str
    lang: str
    text: str
    least: Level
    most: Level
    note: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Where the engine's level lies outside the range, by kind."""

    missed_emergencies: list[str]
    dropped: list[str]
    urgent_misses: list[str]
    over: list[str]
    in_range: float


def rows(name: str) -> list[Row]:
    """The rows of one file of this folder."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            Row(
                r["id"], r["channel"], r["lang"], r["text"],
                Level(r["min"]), Level(r["max"]), r["note"],
            )
            for r in table
        ]  # fmt: skip


def figures(gold: Sequence[Row], lexicon: Lexicon) -> Figures:
    """Judge every row and count."""
    judged = [
        (row, assess(row.text, lexicon, language=row.lang, channel=row.channel).level)
        for row in gold
    ]
    below = [(row, level) for row, level in judged if level.rank < row.least.rank]
    over = [row.text for row, level in judged if level.rank > row.most.rank]
    return Figures(
        [row.text for row, _ in below if row.least is Level.EMERGENCY],
        [row.text for row, level in below if level is Level.CLEAR],
        [row.text for row, _ in below if row.least is Level.URGENT],
        over,
        1 - (len(below) + len(over)) / len(judged),
    )
