"""Twilio's error codes as data (`codes.toml`), and what each means for a message."""

import tomllib
from enum import StrEnum
from functools import cache
from importlib.resources import files

from service.outbox.sender import Refused


class CodeClass(StrEnum):
    """What becomes of a message after an error code."""

    REFUSED = "refused"
    OPTED_OUT = "opted_out"
    UNTEXTABLE = "untextable"
    LATER = "later"
    RATE = "rate"
    UNKNOWN = "unknown"
    CONFIGURATION = "configuration"
    BUG = "bug"


@cache
def _classes() -> dict[int, CodeClass]:
    listed = tomllib.loads(files("service.line").joinpath("codes.toml").read_text())["classes"]
    return {code: CodeClass(name) for name, codes in listed.items() for code in codes}


def class_of(code: int | None) -> CodeClass | None:
    """The class of a code; None when Twilio has never told us of it."""
    return _classes().get(code) if code is not None else None


def refusal(code: int | None) -> Refused:
    """The final no that `code` means."""
    kind = class_of(code)
    return Refused(
        code,
        opted_out=kind is CodeClass.OPTED_OUT,
        untextable=kind is CodeClass.UNTEXTABLE,
        misconfigured=kind in (CodeClass.CONFIGURATION, CodeClass.BUG),
    )
