"""One engine for each address: a new one compiles every statement anew, and connects anew."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from unittest.mock import patch

from sqlalchemy import Engine

from service import db
from tests.postgres import SHARED


@contextmanager
def one_engine_for_each_address() -> Iterator[None]:
    """Within the block a `Database` gets a child of an engine that was there before.

    A child has its parent's statements and connections, and listeners of its own. Connections to the
    PostgreSQL database that tests share stay open; a file may be another one in the next test.
    """
    with (
        patch.object(db, "_sqlite_engine", _children_of_one(db._sqlite_engine)),
        patch.object(db, "_postgresql_engine", _children_of_one(db._postgresql_engine)),
        patch.object(db.Database, "close", _close),
    ):
        yield


def _children_of_one(make: Callable[[str], Engine]) -> Callable[[str], Engine]:
    parent = lru_cache(maxsize=4)(make)
    return lambda url: parent(url).execution_options()


def _close(database: db.Database) -> None:
    if database.engine.url.database != SHARED:
        database.engine.dispose()
