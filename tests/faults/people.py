"""What patients text in a simulation, and what must follow from it."""

import random

RED_FLAGS = (
    "I can't feel between my legs and I can't pee",
    "my legs are getting weaker and I wet myself",
    "no siento nada entre las piernas",
    "I want to kill myself",
)
"""Each is an emergency: flagged, answered at once, alerted."""

STOPS = ("STOP", "stop ", "please stop texting me", "UNSUBSCRIBE")
"""After each nothing more is sent, until START."""

ORDINARY = (
    "HELP", "REPORT", "MAIL", "LINK", "Ann Lee", "14 Oak Lane, Riverbend VA 22599", "1", "2", "TIPS",
    "MORE", "PAUSE", "RESUME", "CALL ME", "thank you", "qwxz", "how long does it take", "AYUDA", "",
    "my knee hurts a bit",
)  # fmt: skip

NUMBERS = ("+18045550142", "+16025550133", "+18085550111", "+13175550123")
"""Virginia, Phoenix, Honolulu and Indianapolis."""


def talk(chance: random.Random) -> list[str]:
    """What one person writes over some days."""
    opening = chance.choice((["TIPS", "1"], ["TIPS", "1"], ["REPORT"], ["HELP"], []))
    rest: list[str] = []
    for _ in range(chance.randint(0, 4)):
        kind = chance.random()
        if kind < 0.15:
            rest.append(chance.choice(STOPS))
        elif kind < 0.25:
            rest.append("START")
        elif kind < 0.4:
            rest.append(chance.choice(RED_FLAGS))
        else:
            rest.append(chance.choice(ORDINARY))
    return opening + rest
