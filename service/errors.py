"""The errors that callers are meant to catch, each saying what happened and what to do."""

import traceback
from collections.abc import Sequence
from typing import Any


class BacktalkError(Exception):
    """Base of every error this product raises on purpose; its text is fit for a person to read.

    The text may name `fields`, as "%(most)d": the console translates it first and fills them in then.
    With `many`, the text for any other number, the field `num` chooses between the two.
    """

    status: int = 500  # what a web request answers when this reaches the edge

    def __init__(self, text: str = "", many: str = "", **fields: Any) -> None:
        self.text, self.many, self.fields = text, many, fields
        said = many if many and fields["num"] != 1 else text
        super().__init__(said % fields if fields else said)


class SettingsError(BacktalkError):
    """A setting is missing or wrong; the text names it."""


class ContentError(BacktalkError):
    """`messages/` cannot be used as it stands."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


class NotFound(BacktalkError):
    """What was asked for does not exist."""

    status = 404


class Conflict(BacktalkError):
    """Somebody else was faster, or the thing is no longer in a state that allows this."""

    status = 409


class Forbidden(BacktalkError):
    """The signature, session or role does not allow this."""

    status = 403


class Unkept(BacktalkError):
    """An inbound event that could not be stored: the carrier must be told so, never 200."""

    status = 503


def where(error: BaseException) -> str:
    """What failed and where, fit for a log: the text of an error may hold health data."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
