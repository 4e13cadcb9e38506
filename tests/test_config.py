"""A missing or wrong setting stops the start with one line that names it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from _pytest.capture import CaptureResult
from typer.testing import CliRunner

from service.cli import app, main
from service.config import ROOT

GOOD = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
    "TWILIO_AUTH_TOKEN": "0" * 32,
    "BACKTALK_LINE_NUMBER": "+18045550100",
    "BACKTALK_PUBLIC_URL": "https://line.example.org",
    "BACKTALK_SECRET_KEY": "a secret for tests, long enough to pass",
    "BACKTALK_DATA_KEYS": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
}


Command = Callable[..., CaptureResult[str]]


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command that must end with exit code 1, with these settings and no others; what it wrote."""

    def run(*words: str, **settings: str) -> CaptureResult[str]:
        monkeypatch.setattr(sys, "argv", ["backtalk", *words])
        monkeypatch.setattr(os, "environ", settings)
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 1
        return capsys.readouterr()

    return run


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TWILIO_AUTH_TOKEN", ""),
        ("BACKTALK_LINE_NUMBER", ""),
        ("BACKTALK_LINE_NUMBER", "804 555 0100"),
        ("BACKTALK_PUBLIC_URL", ""),
        ("BACKTALK_PUBLIC_URL", "line.example.org"),
        ("BACKTALK_SECRET_KEY", "short"),
        ("BACKTALK_DATA_KEYS", ""),
        ("BACKTALK_DATA_KEYS", "rubbish"),
        ("DATABASE_URL", "mysql://somewhere"),
        ("PORT", "many"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(refused: Command, name: str, value: str) -> None:
    said = refused("web", **GOOD | {name: value}).err
    assert name in said
    assert len(said.strip().splitlines()) == 1


@pytest.mark.parametrize("command", ["web", "worker"])
def test_several_processes_refuse_sqlite_and_a_missing_account(
    refused: Command, command: str
) -> None:
    assert "backtalk run" in refused(command, **GOOD | {"DATABASE_URL": "sqlite:///x"}).err
    assert "TWILIO_ACCOUNT_SID" in refused(command, **GOOD | {"TWILIO_ACCOUNT_SID": ""}).err


def test_a_broken_messages_file_stops_the_start_naming_file_and_line(
    refused: Command, tmp_path: Path
) -> None:
    for file in (ROOT / "messages").rglob("*.*"):
        copy = tmp_path / file.relative_to(ROOT / "messages")
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(file.read_bytes())
    (tmp_path / "en" / "replies.toml").write_text("[welcome\n")
    said = refused("content", BACKTALK_MESSAGES_DIR=str(tmp_path)).err
    assert "en/replies.toml" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "command",
    ["run", "web", "worker", "migrate", "doctor", "triage", "content", "fallback", "backup", "restore",
     "staff", "staff add", "staff list", "staff reset", "staff disable"],
)  # fmt: skip
def test_every_command_has_help(command: str) -> None:
    told = CliRunner().invoke(app, [*command.split(), "--help"])
    assert told.exit_code == 0
    assert "Usage" in told.stdout


def test_triage_reads_a_table_and_prints_a_line_each(tmp_path: Path) -> None:
    table = tmp_path / "table.tsv"
    table.write_text(
        "id\tchannel\tlang\ttext\tnote\n"
        "A\tsms\ten\tI can't feel between my legs\tx\n"
        "B\tsms\tes\tgracias\tx\n"
    )
    done = CliRunner().invoke(app, ["triage", str(table)])
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert [row[:2] for row in rows] == [["A", "emergency"], ["B", "clear"]]


def test_triage_says_which_column_is_missing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from service.cli import main; main()", "triage"],
        input="id\ttext\n", capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "channel, lang" in done.stderr
