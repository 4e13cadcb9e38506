"""what patients wish of the program, and why it rests

Revision ID: 0002
Revises: 0001

Deploy rule: expand, migrate, contract. The version before must keep working on the new schema for
the length of a deploy: add columns with a default or nullable, never rename or drop in the same
release that stops using them, and keep locks short (lock_timeout is 5 s).
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("enrollments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("plan", sa.String(), nullable=True))
        batch_op.add_column(
            sa.Column("part_of_day", sa.String(), server_default="morning", nullable=False)
        )
        batch_op.add_column(sa.Column("pace", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("paused_by", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("enrollments", schema=None) as batch_op:
        for name in ("heard_at", "paused_by", "pace", "part_of_day", "plan"):
            batch_op.drop_column(name)
