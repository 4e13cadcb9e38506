"""Migrations and models say the same, up and down, on both databases."""

from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select

from service.config import Settings
from service.conversation.models import InboundMessage
from service.crypto import Keyring
from service.db import Base, Database
from service.migrate import configuration, is_current, migrate, migrating
from tests.line import ANN, TestLine


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


def test_what_was_said_outlives_every_step_down_and_up_again(line: TestLine) -> None:
    line.text(ANN, "REPORT")
    line.text(ANN, "my foot went numb")
    with migrating(line.house.database) as config:
        command.downgrade(config, "0001")
    migrate(line.house.database)
    with line.house.database.reading() as session:
        said = session.scalars(select(InboundMessage.body).order_by(InboundMessage.id)).all()
    assert said == ["REPORT", "my foot went numb"]
    assert "help" in line.keys(line.text(ANN, "HELP"))


def test_the_version_before_can_go_on_writing_while_a_new_one_is_deployed(
    memory: Path, keyring: Keyring
) -> None:
    """No step takes anything away, and what it adds to a table may be left out of an INSERT."""
    database = Database(f"sqlite:///{memory}/steps.sqlite3", keyring)
    scripts = ScriptDirectory.from_config(configuration()).walk_revisions()
    before: dict[str, set[str]] = {}
    for script in reversed(list(scripts)):
        migrate(database, script.revision)
        found = inspect(database.engine)
        after = {table: found.get_columns(table) for table in found.get_table_names()}
        for table, names in before.items():
            assert table in after, f"{script.revision} drops {table}"
            assert names <= {column["name"] for column in after[table]}, script.revision
            for column in after[table]:
                may_be_left_out = column["nullable"] or column["default"] is not None
                assert column["name"] in names or may_be_left_out, (table, column["name"])
        before = {table: {column["name"] for column in after[table]} for table in after}


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
