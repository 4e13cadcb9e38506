"""Who asked for the report, and how it reaches them."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, Encrypted, partial_index


class ReportRequest(Base):
    """One wish for the nine-tip report, by link or by mail; one open by mail for each thread."""

    __tablename__ = "report_requests"
    __table_args__ = (
        partial_index(
            "uq_report_requests_open",
            "thread_id",
            where="delivery = 'mail' AND state IN ('requested', 'confirmed', 'reserved', 'waiting', 'packed')",
            unique=True,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), index=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    delivery: Mapped[str]  # Delivery: link, mail
    state: Mapped[str]  # State
    recipient: Mapped[str | None] = mapped_column(Encrypted("report_requests.recipient"))
    address: Mapped[str | None] = mapped_column(Encrypted("report_requests.address"))
    requested_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
