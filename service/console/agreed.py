"""What somebody has agreed to, by which words, and who shares the telephone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.console import words
from service.patients.models import Consent, Patient
from service.patients.rules import Means, Purpose


@dataclass(frozen=True, slots=True)
class Agreement:
    """One consent, as it stands on the page."""

    at: datetime
    said: str
    how: str
    shown: str
    answered: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """All of them, the newest first, and the household."""

    agreements: Sequence[Agreement]
    household: Sequence[str]


def agreed(session: Session, thread_id: int) -> Agreed:
    """Read what stands in the database."""
    consents = select(Consent).where(Consent.thread_id == thread_id).order_by(Consent.id.desc())
    patients = select(Patient).where(Patient.thread_id == thread_id).order_by(Patient.id)
    return Agreed(
        [_agreement(consent) for consent in session.scalars(consents)],
        [patient.name or "no name yet" for patient in session.scalars(patients)],
    )


def _agreement(consent: Consent) -> Agreement:
    purpose, how = words.PURPOSES[Purpose(consent.purpose)], words.MEANS[Means(consent.how)]
    return Agreement(
        at=consent.at,
        said=f"{'Yes to' if consent.granted else 'No to'} {purpose}",
        how=how,
        shown=consent.shown or "",
        answered=consent.answered or "",
    )
