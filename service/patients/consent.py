"""Record consent and opt-out: an append-only row, and the thread's present state."""

from datetime import datetime

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from service import history
from service.patients.models import Consent, Thread
from service.patients.rules import Means, Purpose


def record_consent(
    session: Session,
    thread_id: int,
    purpose: Purpose,
    *,
    granted: bool,
    how: Means,
    shown: str | None,
    answered: str | None,
    now: datetime,
    actor: str = history.PATIENT,
) -> None:
    """Append one consent: for what, by which words, shown which words; `actor` wrote it down."""
    session.add(
        Consent(
            thread_id=thread_id,
            purpose=purpose,
            granted=granted,
            how=how,
            shown=shown,
            answered=answered,
            at=now,
        )
    )
    history.record(
        session,
        at=now,
        actor=actor,
        action="consent granted" if granted else "consent revoked",
        subject=f"thread:{thread_id}",
        purpose=purpose,
        how=how,
    )


def opt_out(
    session: Session,
    thread_id: int,
    *,
    how: Means,
    answered: str | None,
    now: datetime,
    actor: str = history.PATIENT,
) -> None:
    """Stop everything to this number, texts and calls (47 CFR 64.1200(a)(10): any reasonable way)."""
    record_consent(
        session,
        thread_id,
        Purpose.EVERYTHING,
        granted=False,
        how=how,
        shown=None,
        answered=answered,
        now=now,
        actor=actor,
    )
    before = or_(Thread.opted_out_at.is_(None), Thread.opted_out_at < now)
    unmarked = update(Thread).where(Thread.id == thread_id, before)
    session.execute(unmarked.values(opted_out_at=now))


def opt_in(
    session: Session, thread_id: int, *, how: Means, answered: str | None, now: datetime
) -> None:
    """Take an opt-out back: only an explicit START does."""
    record_consent(
        session,
        thread_id,
        Purpose.EVERYTHING,
        granted=True,
        how=how,
        shown=None,
        answered=answered,
        now=now,
    )
    session.execute(update(Thread).where(Thread.id == thread_id).values(opted_out_at=None))
