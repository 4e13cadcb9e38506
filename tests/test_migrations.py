"""Migrations and models say the same, up and down, on both databases."""

from alembic import command
from sqlalchemy import inspect

from service.config import Settings
from service.crypto import Keyring
from service.db import Base, Database
from service.migrate import configuration, is_current, migrate


def test_the_models_equal_the_migrations(database: Database) -> None:
    with database.engine.connect() as connection:
        config = configuration()
        config.attributes["connection"] = connection
        command.check(config)


def test_there_is_one_head_and_migrating_again_does_nothing(database: Database) -> None:
    migrate(database)
    assert is_current(database)


def test_down_and_up_again_leaves_the_same_tables(database: Database) -> None:
    before = set(inspect(database.engine).get_table_names())
    with database.engine.connect() as connection:
        config = configuration()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        connection.commit()
    assert set(inspect(database.engine).get_table_names()) == {"alembic_version"}
    migrate(database)
    assert set(inspect(database.engine).get_table_names()) == before


def test_every_column_with_health_data_is_encrypted(database: Database) -> None:
    """By name: whatever is called so holds something personal."""
    personal = {"phone", "name", "email", "body", "to", "raw", "address", "recipient", "note"}
    personal |= {"findings", "answers", "shown", "answered"}
    for table in Base.metadata.sorted_tables:
        if table.name in ("job_runs",):
            continue  # `name` is a job's there
        for column in table.columns:
            if column.name in personal:
                assert type(column.type).__name__ in ("Encrypted", "EncryptedJSON"), column


def test_a_value_written_on_one_database_url_form_is_read_on_another(
    settings: Settings, keyring: Keyring
) -> None:
    url = settings.database_url.replace("postgresql://", "postgres://")
    same = settings.model_copy(update={"database_url": url})
    assert Database(same.sqlalchemy_url, keyring).answers()
