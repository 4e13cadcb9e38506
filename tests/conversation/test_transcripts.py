"""Whole talks, as data: see tests/transcripts/README.md."""

import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark.structures import ParameterSet

from tests.line import ANN, TestLine

TALKS = sorted((Path(__file__).parents[1] / "transcripts").glob("*.toml"))


def _on_both_databases() -> Iterator[ParameterSet]:
    """Every talk on SQLite; on PostgreSQL those that do not take weeks."""
    for talk in TALKS:
        for database in ("sqlite", "postgresql"):
            if database == "sqlite" or "days" not in talk.read_text():
                yield pytest.param(database, talk, id=f"{database}-{talk.stem}")


@pytest.mark.parametrize(("settings", "talk"), list(_on_both_databases()), indirect=["settings"])
def test_the_talk_goes_as_written(line: TestLine, talk: Path) -> None:
    script = tomllib.loads(talk.read_text())
    language, flagged = script.get("language", "en"), 0
    for number, turn in enumerate(script["turn"], 1):
        said = line.keys(_heard(line, turn), language)
        items = line.items()
        levels = [item.level for item in items[flagged:]]
        flagged = len(items)
        place = f"{talk.stem}, turn {number}: {turn}"
        assert said == turn.get("said", []), place
        assert levels == turn.get("flagged", []), place


def _heard(line: TestLine, turn: dict[str, Any]) -> list[str]:
    if "later" in turn:
        count, unit = turn["later"].split()
        line.wait(timedelta(**{unit: int(count)}))
        return line.new_texts(ANN)
    return line.text(ANN, turn["heard"], **turn.get("form", {}))
