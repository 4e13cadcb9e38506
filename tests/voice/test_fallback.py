"""The documents that Twilio hosts by itself."""

from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from sqlalchemy import select

from service.content import Content
from service.conversation.models import Gap, Recording
from service.conversation.recordings import Kind, Recorded, import_missed
from service.line.fallback import AFTER, after_bin, text_bin, voice_bin
from service.review.rules import Kind as ReviewKind
from service.triage.rules import Level
from service.wording import segments
from tests.line import ANN, TestLine
from tests.voice.grammar import faults


def test_a_caller_hears_911_in_both_languages_and_can_leave_a_message(content: Content) -> None:
    document = voice_bin(content)
    said = [each.attrib["language"] for each in ElementTree.fromstring(document).iter("Say")]
    assert set(said) == {"en-US", "es-US"}
    assert document.count("9 1 1") >= 2
    assert document.index("<Record") > document.rindex("</Say>")
    assert [fault for fault in faults(document) if AFTER not in fault] == []
    assert faults(after_bin(content)) == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_texter_is_told_to_ring(content: Content, language: str) -> None:
    bodies = [each.text or "" for each in ElementTree.fromstring(text_bin(content))]
    assert content.reply("out_of_order", language) in bodies
    assert all("911" in body and segments(body) <= 2 for body in bodies)


def test_what_was_recorded_meanwhile_is_taken_in_once(line: TestLine) -> None:
    at = line.clock.moment - timedelta(hours=2)
    missed = Recorded("RE" + "5" * 32, "CA" + "5" * 32, ANN, Kind.VOICEMAIL, 12, at)
    just_now = replace(missed, sid="RE" + "6" * 32, at=line.clock.moment)  # its webhook is coming

    class Files:
        def since(self, moment: object) -> list[Recorded]:
            return [missed, just_now]

        def fetch(self, sid: str) -> None:
            return None

        def delete(self, sid: str, transcription: str | None) -> bool:
            return False

    assert import_missed(line.house.conversation, Files()) == 1
    assert import_missed(line.house.conversation, Files()) == 0
    with line.house.database.reading() as session:
        (kept,) = session.scalars(select(Recording))
        (gap,) = session.scalars(select(Gap))
    assert (kept.seconds, kept.recorded_at) == (12, at)
    assert [(item.kind, item.level) for item in line.items(ANN)] == [
        (ReviewKind.VOICEMAIL, Level.URGENT)  # nothing transcribes it
    ]
    assert (gap.began_at, gap.texts, gap.voicemails) == (at, 0, 1)
