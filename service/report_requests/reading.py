"""An address as it was read, and what is doubtful about it. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Doubt(StrEnum):
    """What does not fit, or is missing."""

    NO_ZIP = "no_zip"
    ZIP_UNKNOWN = "zip_unknown"
    STATE_DIFFERS = "state_differs"
    TOWN_DIFFERS = "town_differs"
    TOWN_UNKNOWN = "town_unknown"  # a name the post does not list: mail goes by the ZIP
    STREET = "street"


SOFT: Final = frozenset({Doubt.TOWN_UNKNOWN})
"""What the reading back is enough for."""


@dataclass(frozen=True, slots=True)
class Address:
    """What was read: who it is for, if that stood there too, and the address as far as it is sure."""

    recipient: str | None
    street: str
    town: str | None
    state: str | None
    zip: str | None
    doubts: frozenset[Doubt] = frozenset()

    @property
    def text(self) -> str:
        """The address as it is written on an envelope, without the name; lines by line feeds."""
        end = " ".join(filter(None, (f"{self.town}," if self.town else None, self.state, self.zip)))
        return "\n".join(filter(None, (self.street, end.rstrip(","))))

    @property
    def hard(self) -> frozenset[Doubt]:
        """The doubts that must be asked about or seen by a person."""
        return self.doubts - SOFT
