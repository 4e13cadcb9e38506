"""Safety copies: made online, encrypted, verified, and put back into an empty database of either kind.

A copy is a header line and encrypted blocks, a line each: AES-256-GCM under the newest data key, bound to
their place in the file, so that a block that is missing, repeated or altered is noticed. The last one
holds the number of rows of every table. Times are UTC. The keys are not in it: keep them elsewhere.
"""

import base64
import json
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, Table, func, insert, select, text

from service.crypto import Keyring, Undecryptable
from service.db import Database
from service.errors import BacktalkError
from service.heartbeat import beat
from service.migrate import migrate
from service.outbox.models import Restore

BACKUP = "backup"
FORMAT = "backtalk backup 1"
ROWS_A_BLOCK = 500
OWN = "alembic_version"


class BadBackup(BacktalkError):
    """The file is not a whole backup made with our keys, or the database is not empty."""


def back_up(database: Database, path: Path, now: datetime) -> dict[str, int]:
    """Write a verified copy of the whole database to `path`; how many rows of each table it holds.

    It appears under `path` only when it is whole, on disk, and was restored once into a scratch database.
    """
    unfinished = path.with_name(path.name + ".unfinished")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        counts = _write(database, file, now)
        file.flush()
        os.fsync(file.fileno())
    _verify(unfinished, database.keyring, counts, now)
    unfinished.replace(path)
    with database.transaction() as session:
        beat(session, BACKUP, now)
    return counts


def restore(database: Database, path: Path, now: datetime) -> dict[str, int]:
    """Put a copy back into an empty database; how many rows of each table came back.

    Outbound is held until it has been settled with the carrier (`outbox.restored`).
    BadBackup when the file is not whole or the database holds anything already.
    """
    with path.open("rb") as file:
        header = _header(file)
        _refuse_if_used(database)
        migrate(database, header["revision"])
        with database.engine.begin() as connection:
            tables = _tables(connection)
            counts = _read(file, database.keyring, connection, tables)
            _after_the_last_ids(connection, tables)
    migrate(database)
    with database.transaction() as session:
        made = datetime.fromisoformat(header["at"])
        session.add(Restore(backed_up_at=made, restored_at=now, released_at=None))
    return counts


def _write(database: Database, file: IO[bytes], now: datetime) -> dict[str, int]:
    connection = database.engine.connect().execution_options(reading=True)
    if not database.embedded:
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
    counts: dict[str, int] = {}
    with connection:
        revision = MigrationContext.configure(connection).get_current_revision()
        head = {"format": FORMAT, "at": now.isoformat(), "revision": revision}
        file.write(json.dumps(head).encode() + b"\n")
        blocks = _blocks(connection, counts)
        for number, block in enumerate(blocks):
            sealed = database.keyring.encrypt(json.dumps(block).encode(), _place(number))
            file.write(base64.b64encode(sealed) + b"\n")
    return counts


def _blocks(connection: Connection, counts: dict[str, int]) -> Iterator[dict[str, Any]]:
    for table in _tables(connection):
        counts[table.name] = 0
        for part in connection.execute(select(table)).mappings().partitions(ROWS_A_BLOCK):
            counts[table.name] += len(part)
            yield {
                "table": table.name,
                "rows": [{k: _plain(v) for k, v in row.items()} for row in part],
            }
    yield {"end": counts}


def _read(
    file: IO[bytes], keyring: Keyring, connection: Connection, tables: list[Table]
) -> dict[str, int]:
    named, counts = {table.name: table for table in tables}, dict.fromkeys(map(str, tables), 0)
    for number, line in enumerate(file):
        try:
            block = json.loads(keyring.decrypt(base64.b64decode(line), _place(number)))
        except (Undecryptable, ValueError) as error:
            raise BadBackup(f"The backup cannot be read at block {number}: {error}") from error
        if "end" in block:
            if block["end"] != counts:
                raise BadBackup("The backup does not hold what it says it holds.")
            return counts
        rows = [{key: _typed(value) for key, value in row.items()} for row in block["rows"]]
        connection.execute(insert(named[block["table"]]), rows)
        counts[block["table"]] += len(rows)
    raise BadBackup("The backup is cut off: its last block is missing.")


def _verify(path: Path, keyring: Keyring, counts: dict[str, int], now: datetime) -> None:
    with tempfile.TemporaryDirectory() as folder:
        scratch = Database(f"sqlite:///{folder}/scratch.sqlite3", keyring)
        try:
            if restore(scratch, path, now) != counts:
                raise BadBackup("The backup did not restore to what was saved; it was not kept.")
        finally:
            scratch.close()


def _header(file: IO[bytes]) -> dict[str, str]:
    try:
        header = json.loads(file.readline())
    except ValueError as error:
        raise BadBackup("This file is not a backup.") from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise BadBackup("This file is not a backup, or of another version.")
    return header


def _refuse_if_used(database: Database) -> None:
    with database.engine.connect() as connection:
        for table in _tables(connection):
            if connection.scalar(select(func.count()).select_from(table)):
                raise BadBackup("The database is not empty: restore into a new one.")


def _tables(connection: Connection) -> list[Table]:
    """The tables as they stand in the database, in an order in which they can be filled."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != OWN]


def _after_the_last_ids(connection: Connection, tables: list[Table]) -> None:
    """PostgreSQL numbers new rows by itself: let it go on after the restored ones."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        if "id" in table.c:
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "  # noqa: S608
                    f"(SELECT coalesce(max(id), 0) + 1 FROM {table.name}), false)"
                )
            )


def _place(number: int) -> str:
    return f"backup block {number}"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return {"t": aware.astimezone(UTC).isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, bytes | memoryview):
        return {"b": base64.b64encode(bytes(value)).decode()}
    return {"v": value}


def _typed(cell: dict[str, Any]) -> Any:
    if "t" in cell:
        return datetime.fromisoformat(cell["t"])
    if "d" in cell:
        return date.fromisoformat(cell["d"])
    return base64.b64decode(cell["b"]) if "b" in cell else cell["v"]
