"""Bring the database to this version's schema."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from service.config import ROOT
from service.db import Database


def migrate(database: Database, revision: str = "head") -> None:
    """Migrate up to `revision`; harmless when there is nothing to do."""
    with database.engine.connect() as connection:
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


def configuration() -> Config:
    """Alembic's configuration, as pyproject.toml has it, without its own logging."""
    return Config(toml_file=ROOT / "pyproject.toml")


def is_current(database: Database) -> bool:
    """Whether the database has this version's schema."""
    head = ScriptDirectory.from_config(configuration()).get_current_head()
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head
