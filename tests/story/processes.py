"""Real processes of the product, started as an installer starts them."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from service.config import ROOT, Settings

HTTP = httpx.Client(trust_env=False)
"""One for all: to make a client takes longer than its request, since it reads the certificates."""

BACKTALK = [sys.executable, "-c", "from service.cli import main; main()"]


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """The settings as environment variables."""
    named = settings.model_dump(by_alias=True)
    set_ = {name: str(value) for name, value in named.items() if value}
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **set_, **more}


@contextmanager
def running(command: str, env: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`backtalk COMMAND`, stopped at the end; what it prints goes to `log`."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*BACKTALK, command], env=env, stdout=output, stderr=subprocess.STDOUT, cwd=ROOT
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=15)


def wait_until(said: str, url: str, seconds: float = 90) -> None:
    """Wait until `url` answers 200; AssertionError with `said` when it does not in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if HTTP.get(url, timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(said)


def printed(log: Path, pattern: str, seconds: float = 90) -> str:
    """The first match of `pattern` in what was printed, once it is there."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if match := re.search(pattern, log.read_text()):
            return match.group(0)
        time.sleep(0.1)
    raise AssertionError(f"{pattern} was not printed:\n{log.read_text()}")
