"""erased threads, the chain of the history, snoozed items

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("threads", schema=None) as batch_op:
        batch_op.add_column(sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.add_column(sa.Column("place", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("seal", sa.LargeBinary(), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_history_place"), ["place"])
        batch_op.create_index(
            "ix_history_unsealed",
            ["id"],
            unique=False,
            postgresql_where=sa.text("place IS NULL"),
            sqlite_where=sa.text("place IS NULL"),
        )
    with op.batch_alter_table("review_items", schema=None) as batch_op:
        batch_op.add_column(sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("snooze_reason", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("review_items", schema=None) as batch_op:
        batch_op.drop_column("snooze_reason")
        batch_op.drop_column("snoozed_until")
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.drop_index("ix_history_unsealed")
        batch_op.drop_constraint(batch_op.f("uq_history_place"), type_="unique")
        batch_op.drop_column("seal")
        batch_op.drop_column("place")
    with op.batch_alter_table("threads", schema=None) as batch_op:
        batch_op.drop_column("erased_at")
