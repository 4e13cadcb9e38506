"""The tree polices itself. Each rule names the fault it prevents."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts

from service.config import ROOT, Settings
from service.worker import timetable
from tests.line import TestLine

SOURCES = sorted((ROOT / "service").rglob("*.py"))


def calls(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr


def test_only_db_and_migrations_commit() -> None:
    """A commit in the middle of a unit of work lets half of it stand when the rest fails."""
    committing = {path.name for path in SOURCES if "commit" in set(calls(path))}
    assert committing <= {"db.py", "migrate.py"}


def test_no_file_has_grown_out_of_its_name() -> None:
    """The longest file of every codebase we learned from is the one nobody dares to touch."""
    grown = {str(path): n for path in SOURCES if (n := path.read_text().count("\n")) > 300}
    assert not grown


def test_no_function_has_grown_out_of_its_name() -> None:
    """More than 40 lines no longer say one thing (the one `match` in apply may be longer)."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                assert lines <= (55 if node.name == "apply" else 45), f"{path}:{node.lineno}"


def test_no_committed_file_names_a_host_that_packages_come_from() -> None:
    """A lock file with addresses in it installs from nowhere else."""
    for path in [ROOT / "requirements.lock", ROOT / "requirements-dev.lock"]:
        assert "://" not in path.read_text()


def test_every_setting_is_documented() -> None:
    """A setting nobody knows of is a fault waiting for its day."""
    readme = (ROOT / "README.md").read_text()
    for field in Settings.model_fields.values():
        assert f"`{field.alias}`" in readme


def test_every_command_is_documented() -> None:
    """The README is where an installer looks."""
    readme = (ROOT / "README.md").read_text()
    for command in ("run", "web", "worker", "migrate", "doctor", "triage", "content", "staff"):
        assert f"backtalk {command}" in readme


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_every_webhook_checks_its_signature(line: TestLine) -> None:
    """One unsigned route is enough to put words into a patient's mouth."""
    paths = {context.path for context in iter_route_contexts(line.client.app.routes)}
    webhooks = {path for path in paths if path and path.startswith("/twilio")}
    assert "/twilio/sms" in webhooks
    for path in webhooks:
        assert line.client.post(path, data={"From": "x"}).status_code == 403, path


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_the_phone_page_is_not_there_with_a_real_account(line: TestLine) -> None:
    """It lets anybody text as anybody."""
    assert line.house.carrier is None
    for path in ("/phone", "/phone/api/texts", "/2010-04-01/Accounts/AC/Messages.json"):
        assert line.client.get(path).status_code == 404


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_every_job_is_harmless_when_run_twice(line: TestLine) -> None:
    """A deploy runs two workers for a while."""
    line.text("+18045550142", "my foot went numb")
    sent = len(line.sender.sent)
    for job in [*timetable(line.house), *timetable(line.house)]:
        job.run()
    assert len(line.sender.sent) == sent


def test_comments_and_words_name_no_machine() -> None:
    """What is built here must read the same anywhere."""
    for path in [*SOURCES, *(ROOT / "tests").rglob("*.py"), ROOT / "README.md"]:
        if path != Path(__file__):
            assert not re.search(r"/work/|/root/|\bClaude\b", path.read_text()), path
