"""What the front desk must know besides who waits: alerts that reach nobody, a worker that stands still."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from service.console.guard import Visit
from service.heartbeat import is_ticking
from service.staff.accounts import names
from service.staff.phones import roster, shifts
from service.staff.rota import on_duty
from service.tongue import gettext


def warnings(session: Session, visit: Visit) -> list[str]:
    """The warnings of this moment, the worst first."""
    return [*_worker(session, visit), *_rota(session, visit)]


def _worker(session: Session, visit: Visit) -> Iterator[str]:
    if not is_ticking(session, visit.now):
        yield gettext(
            "The worker stands still: no text, tip or alert leaves. Tell whoever runs the server."
        )


def _rota(session: Session, visit: Visit) -> Iterator[str]:
    clinic = visit.house.line.content.clinic
    people = roster(session, clinic.alerts.numbers, visit.now, clinic.zone)
    if not people.everyone:
        yield gettext("Alerts reach nobody: no member of staff has a mobile number yet.")
        return
    rota = shifts(session)
    holding = on_duty(rota, visit.now, clinic.zone)
    if rota and not holding:
        yield gettext("Nobody is on the rota now: an alert goes to everyone at once.")
    staff, reached = names(session), {phone.staff_id for phone in people.everyone}
    for shift in holding:
        if shift.staff_id not in reached:
            yield gettext("%(who)s is on duty and has no mobile number.", who=staff[shift.staff_id])
