"""The clinician's word list, compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`red_flags.toml`, ready to be matched."""

    version: str


def compile_lexicon(data: Mapping[str, object]) -> Lexicon:
    """Compile parsed `red_flags.toml`; raises ContentError naming every bad entry."""
    return Lexicon(version=str(data.get("version", "")))
