"""What the console calls the states of a report by mail, and what keeps it from leaving."""

from service.report_requests.rules import Hold, Returned, State
from service.tongue import N_, Words

REQUESTS: Words[State] = Words(
    {
        State.REQUESTED: N_("asked for, not confirmed"),
        State.CONFIRMED: N_("confirmed, held for a person to look at"),
        State.RESERVED: N_("confirmed, a package is reserved"),
        State.WAITING: N_("on the waiting list"),
        State.PACKED: N_("packed"),
        State.MAILED: N_("mailed"),
        State.RETURNED: N_("came back undelivered"),
        State.CANCELLED: N_("cancelled"),
    }
)

HOLDS: Words[str | None] = Words(
    {
        Hold.ADDRESS: N_("The address does not quite fit together"),
        Hold.MANY_ADDRESSES: N_("This number has asked for many addresses"),
        Hold.MANY_NUMBERS: N_("Many numbers have asked for this address"),
        Hold.CAME_BACK: N_("A package to this address came back before"),
    }
)

UNDOABLE: Words[str] = Words(
    {
        State.PACKED: N_(
            "Packed. This can be undone for five minutes; patients are not told of it."
        ),
        State.MAILED: N_(
            "Mailed. This can be undone for five minutes. Then each patient is told, at night not"
            " before the morning."
        ),
        State.RETURNED: N_(
            "Came back. This can be undone for five minutes. Then the patient is asked once for a"
            " better address, at night not before the morning."
        ),
    }
)
"""What follows a step that can still be undone."""

RETURNED: Words[str] = Words(
    {
        Returned.NO_SUCH_NUMBER: N_("no such number"),
        Returned.INSUFFICIENT_ADDRESS: N_("insufficient address"),
        Returned.ATTEMPTED_NOT_KNOWN: N_("attempted not known"),
        Returned.MOVED: N_("moved left no address"),
        Returned.NO_MAIL_RECEPTACLE: N_("no mail receptacle"),
        Returned.UNCLAIMED: N_("unclaimed"),
        Returned.REFUSED: N_("refused"),
        Returned.OTHER: N_("other"),
    }
)

UNFINISHED: Words[str] = Words(
    {
        State.CONFIRMED: N_("Held"),
        State.REQUESTED: N_("Left half told"),
        State.CANCELLED: N_("Merged: this household has a request already"),
    }
)
