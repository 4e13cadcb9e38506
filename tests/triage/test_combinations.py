"""Every place with every sensation, every phrase with every frame: what lists of examples leave out.

The level follows from the parts, so that thousands of messages need no label of their own.
"""

from itertools import product

import pytest

from service.triage.assess import assess
from service.triage.lexicon import Lexicon
from service.triage.rules import Level

SADDLE = (
    "my crotch", "my private parts", "between my legs", "my groin", "down there", "my genitals",
    "my butthole", "my inner thighs", "my nether regions", "where i sit", "both butt cheeks",
    "my lady parts", "my manhood", "my saddle area", "my bum", "around my tailbone and privates",
)  # fmt: skip
NUMB = (
    "is numb", "went numb", "fell asleep and wont wake up", "is tingling", "feels dead",
    "feels like it's not there", "has no feeling", "feels novocained", "has pins and needles",
    "feels wooden", "is going numb", "feels like rubber", "feels half asleep", "is prickling",
    "feels like i had a shot at the dentist", "has hardly any feeling left",
)  # fmt: skip
BOTH_LEGS = (
    "both legs", "my legs", "both feet", "both thighs", "my left leg and my right leg",
    "everything below my waist", "from the hips down",
)  # fmt: skip
FAIL = (
    "are weak", "gave out", "keep giving out", "feel like jelly", "wont hold me", "wont work",
    "are buckling", "have no strength", "wont move", "feel like spaghetti", "crumpled",
    "stopped working", "have lost feeling", "are getting weaker",
)  # fmt: skip
ONE_LEG = (
    "my left foot",
    "my right leg",
    "my big toe",
    "my calf",
    "my shin",
    "my heel",
    "one foot",
)
SADDLE_ES = (
    "la entrepierna", "mis partes íntimas", "entre las piernas", "las nalgas", "la zona genital",
    "el trasero", "alla abajo",
)  # fmt: skip
NUMB_ES = (
    "se me durmió", "tengo adormecida", "no siento", "siento hormigueo en", "se me entumió",
    "perdí la sensibilidad en", "casi no siento", "siento raro",
)  # fmt: skip


@pytest.mark.parametrize(
    ("things", "sensations", "least"),
    [
        (SADDLE, NUMB, Level.EMERGENCY),
        (BOTH_LEGS, FAIL, Level.EMERGENCY),
        (ONE_LEG, NUMB, Level.URGENT),
        (NUMB_ES, SADDLE_ES, Level.EMERGENCY),
    ],
)
def test_every_place_with_every_sensation_is_found(
    things: tuple[str, ...], sensations: tuple[str, ...], least: Level, lexicon: Lexicon
) -> None:
    told = [" ".join(parts) for parts in product(things, sensations)]
    low = [text for text in told if not assess(text, lexicon).level.at_least(least)]
    assert len(low) <= 0.01 * len(told), low


SIGNS = {
    "numbness in the left foot": Level.URGENT, "leg weakness": Level.URGENT,
    "numbness": Level.URGENT, "a swollen calf": Level.URGENT,
    "trouble peeing": Level.EMERGENCY, "foot drop": Level.EMERGENCY,
    "weakness in both legs": Level.EMERGENCY, "trouble urinating": Level.EMERGENCY,
    "incontinence": Level.EMERGENCY,
}  # fmt: skip
THERE = (
    "i have {}", "still have {}", "{} came back", "hope its nothing but i have {}",
    "thanks! i have {} though", "no fever but i have {}", "{} wont go away",
    "is it normal to have {}", "1 but i have {}", "pain is better but now i have {}",
    "cant say i dont have {}", "woke up with {}", "everything fine except {}", "lots of {} today",
)  # fmt: skip
NOT_THERE = (
    "no {}", "i dont have {}", "havent had any {}", "never had {}", "without {}", "denies {}",
    "nope no {}", "zero {}", "not experiencing {}", "aint got no {}", "what if i get {}",
    "can popping cause {}", "how would i know if its {}", "if i ever have {} should i call",
    "my cousin has {}", "a guy at work got {}", "asking for a friend who has {}",
    "had {} years ago", "used to get {}", "what does {} mean", "they asked me about {} and i said no",
    "i had {} before surgery but not now",
)  # fmt: skip


@pytest.mark.parametrize("frame", THERE)
def test_a_sign_that_is_there_keeps_its_level(frame: str, lexicon: Lexicon) -> None:
    for sign, level in SIGNS.items():
        assert assess(frame.format(sign), lexicon).level.at_least(level), sign


@pytest.mark.parametrize("frame", NOT_THERE)
def test_a_sign_that_is_not_there_alarms_nobody(frame: str, lexicon: Lexicon) -> None:
    for sign in SIGNS:
        assert not assess(frame.format(sign), lexicon).level.at_least(Level.URGENT), sign
