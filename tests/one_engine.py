"""One engine for each address: a new one compiles every statement anew, and connects anew."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from unittest.mock import patch

from service import db
from tests.postgres import SHARED


@contextmanager
def one_engine_for_each_address() -> Iterator[None]:
    """Within the block a `Database` gets the engine that was there before, with what it has compiled.

    Connections to the PostgreSQL database that tests share stay open; a file may be another one in the
    next test. Who listens to an engine listens to a child of it (`execution_options`), or stops.
    """
    with (
        patch.object(db, "_sqlite_engine", lru_cache(maxsize=4)(db._sqlite_engine)),
        patch.object(db, "_postgresql_engine", lru_cache(maxsize=4)(db._postgresql_engine)),
        patch.object(db.Database, "close", _close),
    ):
        yield


def _close(database: db.Database) -> None:
    if database.engine.url.database != SHARED:
        database.engine.dispose()
