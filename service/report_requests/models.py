"""Who asked for the report, how it reaches them, and the packages of the week."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, Encrypted, partial_index


class ReportRequest(Base):
    """One wish for the nine-tip report, by link or by mail; one open by mail for each patient."""

    __tablename__ = "report_requests"
    __table_args__ = (
        partial_index(
            "uq_report_requests_open",
            "patient_id",
            where="delivery = 'mail' AND state IN ('requested', 'confirmed', 'reserved', 'waiting', 'packed')",
            unique=True,
        ),
        Index("ix_report_requests_by_mail", "delivery", "state"),
        partial_index("ix_report_requests_line", "in_line_at", "id", where="state = 'waiting'"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), index=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    delivery: Mapped[str]  # Delivery: link, mail
    state: Mapped[str]  # State
    recipient: Mapped[str | None] = mapped_column(Encrypted("report_requests.recipient"))
    address: Mapped[str | None] = mapped_column(Encrypted("report_requests.address"))
    household: Mapped[bytes | None] = mapped_column(index=True)  # blind index of the address
    requested_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    in_line_at: Mapped[datetime | None]  # first come first served, by this and the id
    week: Mapped[date | None] = mapped_column(index=True)  # first day of the week promised
    told_state: Mapped[str | None]  # what the patient was last told
    told_week: Mapped[date | None]
    hold: Mapped[str | None]  # Hold: why a person must look first
    packed_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None] = mapped_column(index=True)
    tracking: Mapped[str | None] = mapped_column(Encrypted("report_requests.tracking"))
    returned_at: Mapped[datetime | None]
    return_reason: Mapped[str | None]  # Returned
    again_for: Mapped[int | None]  # the request whose package came back


class PackageLedger(Base):
    """One row, id 1: the week that is being given out. Whoever promises a package holds its lock."""

    __tablename__ = "package_ledger"

    id: Mapped[int] = mapped_column(primary_key=True)
    week: Mapped[date]  # its first day, the clinic's local date
    weekly: Mapped[int]
    carried: Mapped[int]  # left over from the weeks before, where the clinic carries over
