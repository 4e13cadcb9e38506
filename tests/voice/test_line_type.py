"""What kind of line a caller has: asked of Twilio Lookup where the clinic has switched it on."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.clock import FixedClock
from service.config import ROOT, Settings
from tests.line import ANN, TestLine
from tests.voice.caller import Caller

pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


class LineTypes:
    """Says what a test wants, and counts."""

    def __init__(self, kind: str | None) -> None:
        self.kind, self.asked = kind, 0

    def line_type(self, number: str) -> str | None:
        self.asked += 1
        return self.kind


@pytest.fixture
def looking(settings: Settings, clock: FixedClock, tmp_path: Path) -> Iterator[TestLine]:
    """A line whose clinic pays for look-ups."""
    shutil.copytree(ROOT / "messages", tmp_path / "messages")
    clinic = tmp_path / "messages" / "clinic.toml"
    words = clinic.read_text()
    assert "look_up_line_type = false" in words
    clinic.write_text(words.replace("look_up_line_type = false", "look_up_line_type = true"))
    ready = TestLine(settings.model_copy(update={"messages_dir": tmp_path / "messages"}), clock)
    yield ready
    ready.close()


def asking(line: TestLine, kind: str | None) -> LineTypes:
    types = LineTypes(kind)
    line.use(replace(line.house, line_types=types))
    return types


def test_a_caller_on_a_landline_is_not_offered_texts(looking: TestLine) -> None:
    types = asking(looking, "landline")
    call = Caller(looking).ring()
    assert looking.thread(ANN).line_type == "landline"
    call.press("1")
    assert call.hears("will_be_recorded")
    assert not call.hears("report_how")
    assert types.asked == 1


def test_a_known_line_is_not_paid_for_again(looking: TestLine) -> None:
    types = asking(looking, "mobile")
    for _ in range(2):
        Caller(looking).ring()
    assert types.asked == 1


def test_a_look_up_that_fails_is_tried_at_the_next_call(looking: TestLine) -> None:
    types = asking(looking, None)
    for _ in range(2):
        Caller(looking).ring()
    assert types.asked == 2
    assert looking.thread(ANN).line_type is None


def test_nothing_is_looked_up_unless_the_clinic_says_so(line: TestLine) -> None:
    types = asking(line, "landline")
    Caller(line).ring()
    assert types.asked == 0
