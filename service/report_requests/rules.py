"""How a report reaches a patient, and how a request moves. Pure."""

from enum import StrEnum


class Delivery(StrEnum):
    """By mail, a few packages a week, or by link."""

    LINK = "link"
    MAIL = "mail"


class State(StrEnum):
    """A request's way to the doorstep."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    RESERVED = "reserved"
    WAITING = "waiting"
    PACKED = "packed"
    MAILED = "mailed"
    RETURNED = "returned"
    CANCELLED = "cancelled"


OPEN = (State.REQUESTED, State.CONFIRMED, State.RESERVED, State.WAITING, State.PACKED)
"""States in which a package is still to be mailed: one such request a thread."""
