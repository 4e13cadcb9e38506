"""Packages of the week: the line, the promise, the way to the doorstep."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OPEN = "delivery = 'mail' AND state IN ('requested', 'confirmed', 'reserved', 'waiting', 'packed')"


def upgrade() -> None:
    op.create_table(
        "package_ledger",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("weekly", sa.Integer(), nullable=False),
        sa.Column("carried", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package_ledger")),
    )
    with op.batch_alter_table("report_requests") as table:
        table.drop_index("uq_report_requests_open")
        table.add_column(sa.Column("household", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("in_line_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("week", sa.Date(), nullable=True))
        table.add_column(sa.Column("told_state", sa.String(), nullable=True))
        table.add_column(sa.Column("told_week", sa.Date(), nullable=True))
        table.add_column(sa.Column("hold", sa.String(), nullable=True))
        table.add_column(sa.Column("packed_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("tracking", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("return_reason", sa.String(), nullable=True))
        table.add_column(sa.Column("again_for", sa.Integer(), nullable=True))
        table.create_index(op.f("ix_report_requests_household"), ["household"])
        table.create_index(op.f("ix_report_requests_week"), ["week"])
        table.create_index(op.f("ix_report_requests_mailed_at"), ["mailed_at"])
        table.create_index(
            "ix_report_requests_line",
            ["in_line_at", "id"],
            postgresql_where=sa.text("state = 'waiting'"),
            sqlite_where=sa.text("state = 'waiting'"),
        )
        table.create_index(
            "uq_report_requests_open",
            ["patient_id"],
            unique=True,
            postgresql_where=sa.text(OPEN),
            sqlite_where=sa.text(OPEN),
        )
    op.execute(
        "UPDATE report_requests SET state = 'waiting', in_line_at = confirmed_at "
        "WHERE delivery = 'mail' AND state = 'confirmed'"
    )


def downgrade() -> None:
    op.execute("UPDATE report_requests SET state = 'confirmed' WHERE state = 'waiting'")
    with op.batch_alter_table("report_requests") as table:
        table.drop_index("uq_report_requests_open")
        table.drop_index("ix_report_requests_line")
        for column in ("mailed_at", "week", "household"):
            table.drop_index(op.f(f"ix_report_requests_{column}"))
        for column in (
            "household", "in_line_at", "week", "told_state", "told_week", "hold", "packed_at",
            "mailed_at", "tracking", "returned_at", "return_reason", "again_for",
        ):  # fmt: skip
            table.drop_column(column)
        table.create_index(
            "uq_report_requests_open",
            ["thread_id"],
            unique=True,
            postgresql_where=sa.text(OPEN),
            sqlite_where=sa.text(OPEN),
        )
    op.drop_table("package_ledger")
