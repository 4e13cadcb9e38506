"""Who is on the program, and which step is due when."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, partial_index


class Enrollment(Base):
    """A patient on the program; at most one that has not ended for each thread."""

    __tablename__ = "enrollments"
    __table_args__ = (
        partial_index(
            "uq_enrollments_open", "thread_id", where="state IN ('active', 'paused')", unique=True
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), index=True)
    state: Mapped[str]  # EnrollmentState
    program_version: Mapped[str]
    enrolled_at: Mapped[datetime]
    plan: Mapped[
        str | None
    ]  # the ids of the program's steps at the enrollment, with spaces between
    part_of_day: Mapped[str] = mapped_column(server_default="morning")  # PartOfDay
    pace: Mapped[int] = mapped_column(server_default="1")  # NORMAL or SLOWER
    paused_by: Mapped[str | None]  # PausedBy, while paused
    heard_at: Mapped[datetime | None]  # the patient's last word, about anything


class DueStep(Base):
    """One step of one enrollment: those that were sent, and the next one, whose row is the schedule.

    Which step the next one is, is settled when it is due, by the program as it stands then.
    """

    __tablename__ = "due_steps"
    __table_args__ = (
        UniqueConstraint("enrollment_id", "step"),
        partial_index("ix_due_steps_due", "due_at", where="state = 'scheduled'"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enrollment_id: Mapped[int] = mapped_column(ForeignKey("enrollments.id"))
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), index=True)
    step: Mapped[str]  # the step's id in program.toml
    state: Mapped[str]  # StepState
    due_at: Mapped[datetime]
    queued_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]  # when its check-in was answered
