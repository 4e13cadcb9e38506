"""What somebody has agreed to, by which words, and who shares the telephone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.patients.models import Consent, Patient
from service.patients.rules import Means, Purpose
from service.tongue import N_, Words, gettext

GRANTED: Words[Purpose] = Words(
    {
        Purpose.PROGRAM: N_("Yes to the tips"),
        Purpose.REPORT: N_("Yes to the report"),
        Purpose.EVERYTHING: N_("Yes to all texts and automated calls"),
    }
)

REVOKED: Words[Purpose] = Words(
    {
        Purpose.PROGRAM: N_("No to the tips"),
        Purpose.REPORT: N_("No to the report"),
        Purpose.EVERYTHING: N_("No to all texts and automated calls"),
    }
)

MEANS: Words[Means] = Words(
    {
        Means.TEXT: N_("by text"),
        Means.KEY: N_("by a key on the telephone"),
        Means.SPEECH: N_("spoken on the telephone"),
        Means.WEB: N_("on the form of the public page"),
        Means.STAFF: N_("told to one of you"),
        Means.CARRIER: N_("STOP, which the carrier took itself"),
    }
)


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
        [patient.name or gettext("no name yet") for patient in session.scalars(patients)],
    )


def _agreement(consent: Consent) -> Agreement:
    said = GRANTED if consent.granted else REVOKED
    return Agreement(
        at=consent.at,
        said=said[Purpose(consent.purpose)],
        how=MEANS[Means(consent.how)],
        shown=consent.shown or "",
        answered=consent.answered or "",
    )
