"""every look of the worker finds what is due by an index

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

UNSETTLED, WAITING = "ix_outbound_messages_unsettled", "ix_recordings_waiting"


def upgrade() -> None:
    op.drop_index(UNSETTLED, "outbound_messages")
    _where(UNSETTLED, "outbound_messages", "lease_until", "lease_until IS NOT NULL")
    _where("ix_outbound_messages_held", "outbound_messages", "reason", "state = 'held'")
    op.drop_index(WAITING, "recordings")
    op.create_index(WAITING, "recordings", ["state", "next_look"])
    _where("ix_recordings_untranscribed", "recordings", "recorded_at", "message_id IS NULL")
    op.create_index("ix_report_requests_by_mail", "report_requests", ["delivery", "state"])


def downgrade() -> None:
    op.drop_index("ix_report_requests_by_mail", "report_requests")
    op.drop_index("ix_recordings_untranscribed", "recordings")
    op.drop_index(WAITING, "recordings")
    _where(WAITING, "recordings", "next_look", "state IN ('known', 'fetched')")
    op.drop_index("ix_outbound_messages_held", "outbound_messages")
    op.drop_index(UNSETTLED, "outbound_messages")
    _where(UNSETTLED, "outbound_messages", "lease_until", "state IN ('sending', 'unknown')")


def _where(name: str, table: str, column: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, [column], postgresql_where=where, sqlite_where=where)
