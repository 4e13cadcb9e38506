"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}

Deploy rule: expand, migrate, contract. The version before must keep working on the new schema for
the length of a deploy: add columns with a default or nullable, never rename or drop in the same
release that stops using them, and keep locks short (lock_timeout is 5 s).
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
