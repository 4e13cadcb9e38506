"""a message knows the try that was overtaken, an event the advice it got; an index counts what left lately

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLE = "outbound_messages"
OVERTAKEN, LEFT = "ix_outbound_messages_overtaken", "ix_outbound_messages_left"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("overtaken_token", sa.String(), nullable=True))
    op.add_column("events", sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))
    _where_known(OVERTAKEN, "overtaken_token")
    _where_known(LEFT, "handed_over_at", "by_call")


def downgrade() -> None:
    op.drop_index(LEFT, TABLE)
    op.drop_index(OVERTAKEN, TABLE)
    for table, column in (("events", "answered_at"), (TABLE, "overtaken_token")):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column(column)


def _where_known(name: str, *columns: str) -> None:
    where = sa.text(f"{columns[0]} IS NOT NULL")
    op.create_index(name, TABLE, columns, postgresql_where=where, sqlite_where=where)
