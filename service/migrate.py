"""Bring the database to this version's schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from service.config import ROOT
from service.db import Database
from service.errors import BacktalkError


def migrate(database: Database, revision: str = "head") -> None:
    """Migrate up to `revision`; harmless when there is nothing to do."""
    with migrating(database) as config:
        command.upgrade(config, revision)


@contextmanager
def migrating(database: Database) -> Iterator[Config]:
    """Alembic's configuration with a connection that is committed at the end.

    SQLite changes a table by making it anew, and would refuse to drop the old one while others point at
    it: so it looks at its foreign keys once, at the end (https://www.sqlite.org/lang_altertable.html).
    """
    with database.engine.connect() as connection:
        config = configuration()
        config.attributes["connection"] = connection
        driver = cast(Any, connection.connection.driver_connection)
        if database.embedded:
            driver.execute("PRAGMA foreign_keys=OFF")
        try:
            yield config
            if database.embedded and driver.execute("PRAGMA foreign_key_check").fetchone():
                raise BacktalkError("The migration would leave rows that point at nothing.")
            connection.commit()
        finally:
            connection.rollback()
            if database.embedded:
                driver.execute("PRAGMA foreign_keys=ON")


def configuration() -> Config:
    """Alembic's configuration, as pyproject.toml has it, without its own logging."""
    return Config(toml_file=ROOT / "pyproject.toml")


def is_current(database: Database) -> bool:
    """Whether the database has this version's schema."""
    head = ScriptDirectory.from_config(configuration()).get_current_head()
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head
