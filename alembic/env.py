"""Run migrations on the connection that was handed over, or on the configured database."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.engine import Connection

from service.config import load_settings
from service.db import Base, Database, Encrypted, EncryptedJSON, Moment
from service.tables import ALL

assert ALL  # importing it is what fills the metadata


def plain_type(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """Migrations name the stored type, not ours: they must work whatever becomes of our classes."""
    if kind == "type" and isinstance(item, Encrypted | EncryptedJSON):
        return "sa.LargeBinary()"
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        render_item=plain_type,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Offline migrations are not supported: run `backtalk migrate`.")
handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    run(handed_over)
else:
    settings = load_settings()
    database = Database.of(settings)
    with database.engine.connect() as own:
        run(own)
        own.commit()
