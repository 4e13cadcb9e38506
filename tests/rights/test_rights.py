"""Export and erase: everything is given, and nothing is left that could be tied to the number."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from service import history, house
from service.cli import app
from service.config import Settings
from service.conversation.recordings import Audio, Recorded, fetch_due
from service.db import Base, Encrypted, EncryptedBytes, EncryptedJSON
from service.errors import Conflict, NotFound
from service.history import HistoryEntry
from service.outbox.models import OutboundMessage
from service.outbox.rules import State
from service.patients.models import Consent, Thread
from service.report_requests.models import ReportRequest
from service.review import resolve
from service.review.models import ReviewItem
from service.review.rules import Outcome
from service.rights.erase import erase
from service.rights.export import export
from service.rights.held import BadNumber, held_by, thread_of_number
from service.staff import accounts
from service.staff.rules import Role
from tests.line import ANN, LUZ, TestLine, words_in
from tests.voice.caller import Caller

NAME, STREET, SOUND = "Ann Walker", "901 E Broad St", b"\xff\xfbsounds like a voice"
WORDS = "the heel raises pop, is that bad"
SPOKEN = "please call me about my exercises"


class Tape:
    """A carrier's store of recordings, with one voice in it."""

    def __init__(self) -> None:
        self.deleted: list[str] = []

    def fetch(self, sid: str) -> Audio | None:
        return Audio(SOUND, "audio/mpeg")

    def delete(self, sid: str, transcription: str | None) -> bool:
        self.deleted.append(sid)
        return True

    def since(self, moment: object) -> Iterator[Recorded]:
        return iter(())


def a_life(line: TestLine) -> int:
    """Somebody who asked for the report, takes the tips, left a voicemail; staff wrote a note."""
    for said in ("REPORT", "MAIL", NAME, f"{STREET}, Richmond VA 23219", "1", "TIPS", "1", WORDS):
        line.text(ANN, said)
    call = Caller(line).ring().press("4").press("2")
    sid = call.record()
    call.recorded(sid)
    call.transcribed(sid, SPOKEN)
    call.hang_up()
    fetch_due(line.house.conversation, Tape())
    line.work()
    line.text(LUZ, "REPORT")
    now, database = line.clock.now(), line.house.database
    with database.transaction() as session:
        staff = accounts.add(
            session, database.keyring, name="Dana", email="d@x.example", role=Role.ADMIN, now=now
        )
        resolve.add_note(
            session, line.thread(ANN).id, staff_id=staff.id, body="prefers mornings", now=now
        )
        return staff.id


def close_all(line: TestLine, staff_id: int) -> None:
    ids, now = [item.id for item in line.items(ANN)], line.clock.now()
    with line.house.database.transaction() as session:
        resolve.claim(session, ids, staff_id, now)
        resolve.close(
            session, ids, staff_id=staff_id, outcome=Outcome.HANDLED, note="spoke with Ann", now=now
        )


def erase_ann(line: TestLine) -> None:
    with line.house.database.transaction() as session:
        thread = thread_of_number(session, line.house.database.keyring, ANN)
        erase(session, thread, line.content.clinic, line.clock.now(), history.SYSTEM)


def export_ann(line: TestLine) -> dict[str, Any]:
    with line.house.database.transaction() as session:
        thread = thread_of_number(session, line.house.database.keyring, "(804) 555-0142")
        return export(session, thread, line.clock.now(), history.SYSTEM)


def everything(line: TestLine) -> str:
    """All that can be read in the whole database, with the keys at hand."""
    with line.house.database.reading() as session:
        rows = [
            str(row)
            for table in Base.metadata.sorted_tables
            for row in session.execute(select(table)).all()
        ]
    return "\n".join(rows)


def test_the_export_holds_all_that_is_held_on_the_number_and_nothing_of_others(
    line: TestLine,
) -> None:
    close_all(line, a_life(line))
    held = json.loads(json.dumps(export_ann(line)))
    text = json.dumps(held)
    for said in (
        NAME,
        STREET,
        WORDS,
        SPOKEN,
        "prefers mornings",
        "spoke with Ann",
        "consent granted",
    ):
        assert said in text
    assert base64.b64decode(held["recordings"][0]["audio"]) == SOUND
    assert {"patients", "consents", "calls", "enrollments", "report_requests"} <= held.keys()
    assert LUZ not in text
    assert held["number"] == ANN


def test_that_it_was_exported_stands_in_the_history(line: TestLine) -> None:
    line.text(ANN, "REPORT")
    export_ann(line)
    assert export_ann(line)["history"][-1]["action"] == "exported"


def test_nothing_that_can_be_tied_to_the_number_is_left(line: TestLine) -> None:
    staff = a_life(line)
    line.text(ANN, "my foot went numb")
    close_all(line, staff)
    erase_ann(line)
    left = everything(line)
    for said in (
        ANN,
        NAME,
        "901",
        WORDS,
        SPOKEN,
        "mornings",
        "spoke with Ann",
        "numb",
        "sounds like",
    ):
        assert said not in left, said
    assert LUZ in left


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_every_table_with_something_personal_is_reached_from_the_thread(line: TestLine) -> None:
    """A table that is added later is exported and erased, or stands here as one about staff."""
    line.text(ANN, "HELP")
    with line.house.database.reading() as session:
        reached = {table.name for table, _own in held_by(session, line.thread(ANN))}
    kinds = (Encrypted, EncryptedJSON, EncryptedBytes)
    personal = {
        table.name
        for table in Base.metadata.sorted_tables
        if any(isinstance(column.type, kinds) for column in table.c)
    }
    assert personal - reached == {"staff", "passkeys"}


def test_what_was_still_to_happen_does_not(line: TestLine) -> None:
    close_all(line, a_life(line))
    sent, thread = len(line.sender.to(ANN)), line.thread(ANN).id
    erase_ann(line)
    for _ in range(5):
        line.clock.moment += timedelta(days=3)
        line.work()
    assert len(line.sender.to(ANN)) == sent
    with line.house.database.reading() as session:
        hers = select(ReportRequest.state).where(ReportRequest.thread_id == thread)
        assert session.scalars(hers).all() == ["cancelled"]
        waiting = select(OutboundMessage).where(OutboundMessage.state == State.QUEUED)
        assert session.scalars(waiting).all() == []


def test_a_voice_that_the_carrier_still_keeps_is_deleted_there(line: TestLine) -> None:
    close_all(line, a_life(line))
    erase_ann(line)
    tape = Tape()
    fetch_due(line.house.conversation, tape)
    assert len(tape.deleted) == 1


def test_an_erased_number_that_had_opted_out_is_still_never_texted(line: TestLine) -> None:
    line.text(ANN, "TIPS")
    line.text(ANN, "1")
    line.text(ANN, "STOP")
    erase_ann(line)
    sent = len(line.sender.to(ANN))
    line.text(ANN, "TIPS")
    assert len(line.sender.to(ANN)) == sent
    line.text(ANN, "START")
    assert line.text(ANN, "HELP")


def test_the_words_of_a_consent_are_kept_by_index_without_a_name(line: TestLine) -> None:
    close_all(line, a_life(line))
    erase_ann(line)
    bare = line.thread(ANN)
    with line.house.database.reading() as session:
        kept = session.scalars(select(Consent).where(Consent.thread_id == bare.id)).all()
    assert (bare.phone, [each.answered for each in kept if each.purpose == "program"]) == (
        None,
        ["1"],
    )


def test_a_number_without_consents_leaves_no_trace_and_begins_anew(line: TestLine) -> None:
    line.text(ANN, "HELP")
    erase_ann(line)
    with line.house.database.reading() as session, pytest.raises(NotFound):
        thread_of_number(session, line.house.database.keyring, ANN)
    line.text(ANN, "REPORT")
    assert line.thread(ANN).phone == ANN


def test_a_repeat_of_an_erased_text_changes_nothing(line: TestLine) -> None:
    form = line.form(ANN, "my neck cracks")
    line.post("/twilio/sms", form)
    line.work()
    close_all(line, a_life(line))
    erase_ann(line)
    before = everything(line)
    assert line.post("/twilio/sms", form) == 200
    assert everything(line) == before


def test_while_a_flag_is_open_nothing_is_erased(line: TestLine) -> None:
    line.text(ANN, "I can't feel between my legs")
    with pytest.raises(Conflict, match="flag is open"):
        erase_ann(line)
    assert line.thread(ANN).phone == ANN


def test_what_waited_without_hurry_is_closed_and_the_figures_stay(line: TestLine) -> None:
    line.text(ANN, WORDS)
    erase_ann(line)
    with line.house.database.reading() as session:
        item = session.scalars(select(ReviewItem)).one()
        thread = session.scalars(select(Thread)).one()
        last = session.scalars(select(HistoryEntry).order_by(HistoryEntry.id.desc())).first()
    assert (item.state, item.outcome) == ("closed", "nothing_needed")
    assert (thread.phone, thread.phone_index) == (None, None)
    assert thread.erased_at == line.clock.now()
    assert last
    assert (last.action, last.subject) == ("erased", f"thread:{thread.id}")


@pytest.mark.parametrize(("number", "error"), [("hello", BadNumber), (LUZ, NotFound)])
def test_a_number_that_is_none_or_unknown_is_told(
    line: TestLine, number: str, error: type[Exception]
) -> None:
    with line.house.database.reading() as session, pytest.raises(error):
        thread_of_number(session, line.house.database.keyring, number)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_the_commands_write_a_file_for_its_owner_alone_and_erase_when_told(
    line: TestLine, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.model_dump(by_alias=True).items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr(house, "read_words", words_in)  # once, not for every command
    backtalk, file = CliRunner(), tmp_path / "ann.json"
    line.text(ANN, WORDS)
    done = backtalk.invoke(app, ["export", ANN, "--to", str(file)])
    assert (done.exit_code, done.stdout) == (0, "")
    assert "Health data" in done.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.read_text())["inbound_messages"][0]["body"] == WORDS
    assert isinstance(backtalk.invoke(app, ["export", ANN, "--to", str(file)]).exception, Conflict)
    assert backtalk.invoke(app, ["erase", ANN], input="n\n").exit_code == 1
    assert json.loads(backtalk.invoke(app, ["export", ANN]).stdout)["number"] == ANN
    assert backtalk.invoke(app, ["erase", ANN, "--yes"]).exit_code == 0
    assert isinstance(backtalk.invoke(app, ["export", ANN]).exception, NotFound)
