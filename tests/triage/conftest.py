"""The lexicon as it ships, compiled once."""

import tomllib

import pytest

from service.config import ROOT
from service.triage.lexicon import Lexicon, compile_lexicon


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    return compile_lexicon(tomllib.loads((ROOT / "messages/red_flags.toml").read_text("utf-8")))
