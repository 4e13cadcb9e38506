"""Which reply tells a promise. Pure."""

from service.content_clinic import Clinic
from service.report_requests.rules import Outcome, Promise, day_in_words


def reply_for(promise: Promise, language: str) -> tuple[str, dict[str, str]]:
    """The key of replies.toml that tells `promise`, with what fills it in."""
    week = {"week": day_in_words(promise.week, language)} if promise.week else {}
    match promise.outcome:
        case Outcome.RESERVED if week:
            return "report_reserved", week
        case Outcome.WAITING if week:
            return "report_waiting", week | {"place": str(promise.place)}
        case Outcome.HELD:
            return "report_held", {}
        case Outcome.ALREADY if week:
            return "report_already_week", week
        case Outcome.ALREADY:
            return "report_already", {}
        case Outcome.MAILED_BEFORE if promise.mailed:
            return "report_mailed_before", {"day": day_in_words(promise.mailed, language)}
        case Outcome.HOUSEHOLD:
            return "report_household", {}
        case _:
            return "report_confirmed", {}


def again(promise: Promise) -> Promise:
    """The same promise for somebody who asks a second time."""
    if promise.mailed:
        return promise
    return Promise(Outcome.ALREADY, promise.week, promise.place)


def report_link(clinic: Clinic, public_url: str, language: str) -> str:
    """Where the report can be read: the clinic's own link, or our /report.pdf in this language."""
    return clinic.report.link or f"{public_url}/report.pdf?lang={language}"
