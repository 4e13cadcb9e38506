"""How people ask to be left alone, and what sounds alike and is not: `opt_out.tsv`.

`fcc`: the words that the FCC and the carriers name, always heard (47 CFR 64.1200(a)(10)). `out`: asks to
stop in words of one's own. `stay`: does not ask to stop, though it may say "stop" or "end".
"""

import csv
from pathlib import Path

import pytest

from service.content import Content
from service.conversation.understand import understand

SENTENCES = Path(__file__).with_name("opt_out.tsv")


def sentences() -> list[tuple[str, str]]:
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["want"], row["text"]) for row in rows]


def heard(content: Content, text: str) -> bool:
    return "opt_out" in understand(text, content).intents


def test_the_list_is_long_enough_to_mean_something() -> None:
    assert len(sentences()) >= 300
    assert sum(want == "out" for want, _ in sentences()) >= 150
    assert sum(want == "stay" for want, _ in sentences()) >= 150


@pytest.mark.parametrize("text", [text for want, text in sentences() if want == "fcc"])
def test_the_words_of_the_law_are_always_heard(content: Content, text: str) -> None:
    assert heard(content, text)


def test_nearly_every_wish_to_stop_is_heard(content: Content) -> None:
    wishes = [text for want, text in sentences() if want == "out"]
    missed = [text for text in wishes if not heard(content, text)]
    assert len(missed) <= 0.02 * len(wishes), missed


def test_nobody_is_opted_out_who_did_not_ask(content: Content) -> None:
    mistaken = [text for want, text in sentences() if want == "stay" and heard(content, text)]
    assert not mistaken
