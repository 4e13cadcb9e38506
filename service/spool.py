"""What cannot go into the database just now, kept on disk: encrypted, in order, none twice.

Each entry is a file of its own. It is written beside, fsynced, renamed into place, and the folder is
fsynced: when `keep` has returned, the entry outlives a crash of the machine. The name holds the time of
arrival, for the order, and a keyed fingerprint of what makes the entry itself, so that a repeat finds
the first one and an equal text under another id does not. What cannot be read is set aside, never read
again and never deleted.
"""

import fcntl
import itertools
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from service.crypto import Keyring, Undecryptable
from service.errors import BacktalkError, Unkept

FORMAT = 1
ENTRY, UNFINISHED, ASIDE, LOCK = ".entry", ".unfinished", "aside", "lock"
PLACE = "spool.entry"


class Unreadable(BacktalkError):
    """A file in the spool is cut off, altered, of another version or under an unknown key."""


class Spool:
    """A folder of entries. Any number of processes on one machine may share it."""

    def __init__(self, folder: Path, keyring: Keyring) -> None:
        self.folder, self._keyring = folder, keyring
        self._numbers = itertools.count()

    def keep(self, key: str, content: dict[str, Any], at: datetime) -> None:
        """Put an entry on disk for good; one that `key` was used for before is left as it is.

        Unkept when the disk does not take it: then it is not kept, and nobody may say it was.
        """
        print_of = self._keyring.index(key, PLACE).hex()[:32]
        plain = json.dumps({"format": FORMAT, "at": at.isoformat(), "content": content})
        sealed = self._keyring.encrypt(plain.encode(), PLACE)
        order = f"{_stamp(at)}-{next(self._numbers):06d}{secrets.token_hex(3)}"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if next(self.folder.glob(f"*-{print_of}{ENTRY}"), None) is None:
                self._write(self.folder / f"{order}-{print_of}", sealed)
        except OSError as error:
            raise Unkept(f"The disk does not take what arrived ({error.strerror}).") from error

    def waiting(self) -> list[Path]:
        """Every entry, in the order of arrival."""
        return sorted(self.folder.glob(f"*{ENTRY}"))

    def is_empty(self) -> bool:
        """Whether nothing waits; cheap, asked for every webhook."""
        try:
            with os.scandir(self.folder) as found:
                return not any(each.name.endswith(ENTRY) for each in found)
        except (FileNotFoundError, NotADirectoryError):
            return True

    def is_writable(self) -> bool:
        """Whether the folder is there, or can be made, and takes files."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            return False
        return os.access(self.folder, os.W_OK | os.X_OK)

    def aside(self) -> list[str]:
        """The names of what could not be read and was set aside."""
        return sorted(each.name for each in (self.folder / ASIDE).glob("*"))

    def read(self, path: Path) -> tuple[dict[str, Any], datetime]:
        """What was kept and when it arrived; Unreadable if the file is not one of ours, whole."""
        try:
            entry = json.loads(self._keyring.decrypt(path.read_bytes(), PLACE))
        except (Undecryptable, ValueError) as error:
            raise Unreadable(f"{path.name} cannot be read") from error
        if entry.get("format") != FORMAT:
            raise Unreadable(f"{path.name} is of another version")
        return entry["content"], datetime.fromisoformat(entry["at"])

    def done(self, path: Path) -> None:
        """Delete what is in the database now."""
        path.unlink(missing_ok=True)

    def set_aside(self, path: Path) -> None:
        """Put a file where it is not looked at again; a person is to look at it."""
        folder = self.folder / ASIDE
        folder.mkdir(mode=0o700, exist_ok=True)
        path.rename(folder / path.name)

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """True within the block for one process at a time; False for whoever comes meanwhile."""
        if not self.is_writable():
            yield False
            return
        with (self.folder / LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def set_aside_unfinished(self, before: datetime) -> None:
        """Set aside what was begun before a moment (UTC) and never finished: its process has died.

        It was not acknowledged. The carrier has it still, and yet a person may want to know.
        """
        for path in self.folder.glob(f"*{UNFINISHED}"):
            if path.name < _stamp(before):
                self.set_aside(path)

    def _write(self, path: Path, sealed: bytes) -> None:
        unfinished = path.with_name(path.name + UNFINISHED)
        try:
            handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(path.with_name(path.name + ENTRY))
            _fsync_folder(self.folder)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S%f}"
