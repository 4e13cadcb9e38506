"""a message knows the try that was overtaken

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

OVERTAKEN = "ix_outbound_messages_overtaken"


def upgrade() -> None:
    op.add_column("outbound_messages", sa.Column("overtaken_token", sa.String(), nullable=True))
    where = sa.text("overtaken_token IS NOT NULL")
    op.create_index(
        OVERTAKEN,
        "outbound_messages",
        ["overtaken_token"],
        postgresql_where=where,
        sqlite_where=where,
    )


def downgrade() -> None:
    op.drop_index(OVERTAKEN, "outbound_messages")
    with op.batch_alter_table("outbound_messages") as batch_op:
        batch_op.drop_column("overtaken_token")
