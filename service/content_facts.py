"""What every text may name without being given it: the clinic, its hours, the size of the program."""

from datetime import time
from typing import Final, get_args

from service.content_clinic import Clinic, OpenHours, Weekday
from service.content_models import Program

_DAYS: Final = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "es": ("lun", "mar", "mié", "jue", "vie", "sáb", "dom"),
}
_DAYS_SPOKEN: Final = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
_WRITTEN_HOURS: Final = {"en": ("{}-{}", "{}-{}"), "es": ("{}-{}", "{}-{}")}
_SPOKEN_HOURS: Final = {"en": ("{} to {}", "{} to {}"), "es": ("de {} a {}", "de {} a {}")}


def standing(clinic: Clinic, language: str, *, spoken: bool = False) -> dict[str, str]:
    """What every text may name without being given it."""
    return {
        "clinic": clinic.name,
        "short_name": clinic.short_name,
        "clinic_address": clinic.address,
        "phone": clinic.phone_display,
        "website": clinic.website,
        "hours": hours_in_words(clinic, language, spoken=spoken),
    }


def site_facts(clinic: Clinic, program: Program, language: str, phone: str) -> dict[str, str]:
    """What the public page may name besides; `phone` is the number that the line really has."""
    hours = clinic.permitted_hours
    return standing(clinic, language, spoken=True) | {
        "phone": phone,
        "count": str(len(program.steps)),
        "weeks": str(program.steps[-1].day // 7 + 1),
        "per_week": str(clinic.program.max_per_week),
        "packages": str(clinic.packages.weekly),
        "earliest": _time(hours.start),
        "latest": _time(hours.end),
    }


def hours_in_words(clinic: Clinic, language: str, *, spoken: bool = False) -> str:
    """The office hours, neighbouring weekdays joined: "Mon-Thu 8 am-5 pm, Fri 8 am-3 pm"."""
    form, names = (_SPOKEN_HOURS, _DAYS_SPOKEN) if spoken else (_WRITTEN_HOURS, _DAYS)
    runs: list[tuple[list[str], OpenHours]] = []
    closed_between = False
    for weekday, name in zip(get_args(Weekday), names[language], strict=True):
        hours = clinic.hours.get(weekday)
        if hours and runs and runs[-1][1] == hours and not closed_between:
            runs[-1][0].append(name)
        elif hours:
            runs.append(([name], hours))
        closed_between = hours is None
    days_joined, times_joined = form[language]
    return ", ".join(
        f"{_span(days, days_joined)} {times_joined.format(_time(hours.open), _time(hours.close))}"
        for days, hours in runs
    )


def _span(days: list[str], joined: str) -> str:
    return days[0] if len(days) == 1 else joined.format(days[0], days[-1])


def _time(moment: time) -> str:
    return f"{moment:%-I:%M %p}".replace(":00", "").lower()
