"""Changes that must not change the level, or may only raise it."""

import pytest

from service.triage.assess import assess
from service.triage.lexicon import Lexicon
from service.triage.rules import Level
from tests.triage.gold import rows

SIGNS = [row for row in rows("examples.tsv") if row.least.at_least(Level.URGENT)]
AROUND = {
    "thanks": "Thanks so much for checking on me. {}",
    "thanks after": "{}. Thank you, God bless",
    "an address": "My address is 12 Oak Hollow Rd, Floyd VA 24091. {}",
    "a denied list": "No fever, no chills, no rash. {}",
    "good news": "The back is much better. {}",
    "small talk": "We had the grandkids for Thanksgiving. {}. See you Thursday.",
    "a code": "1. {}",
}


def level(text: str, lexicon: Lexicon) -> Level:
    return assess(text, lexicon).level


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND.keys())
def test_nothing_put_around_a_sign_lowers_it(around: str, lexicon: Lexicon) -> None:
    for row in SIGNS:
        before = level(row.text, lexicon)
        assert level(around.format(row.text), lexicon).at_least(before), row.text


@pytest.mark.parametrize("mark", ["🙏", "😂", "❤️", "😱😱"])
def test_an_emoji_never_changes_a_sign(mark: str, lexicon: Lexicon) -> None:
    for row in SIGNS:
        assert level(f"{row.text} {mark}", lexicon) is level(row.text, lexicon), row.text


def test_capitals_and_missing_accents_never_change_a_sign(lexicon: Lexicon) -> None:
    plainly = str.maketrans("áéíóúÁÉÍÓÚ", "aeiouAEIOU")
    for row in SIGNS:
        before = level(row.text, lexicon)
        assert level(row.text.translate(plainly), lexicon) is before, row.text
        if row.channel == "sms" and not any(character.isdigit() for character in row.text):
            assert level(row.text.lower(), lexicon).at_least(before), row.text
            assert level(row.text.upper(), lexicon).at_least(before), row.text


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("numbness", "numbnes"), ("tingling", "tinglng"), ("bladder", "bladdder"),
        ("paralyzed", "paralized"), ("sciatica", "sciatca"), ("fever", "feever"),
        ("hormigueo", "hormigeo"), ("entumecida", "entumesida"), ("incontinent", "incontinant"),
        ("swollen", "swolen"), ("weakness", "weaknes"),
    ],
)  # fmt: skip
def test_one_slip_of_the_finger_is_read_over(right: str, wrong: str, lexicon: Lexicon) -> None:
    for frame in ("left leg {}", "tengo la pierna {}", "my calf, {} since Monday"):
        before = level(frame.format(right), lexicon)
        assert level(frame.format(wrong), lexicon).at_least(before)


def test_two_messages_together_are_at_least_as_high_as_each(lexicon: Lexicon) -> None:
    for first, second in zip(SIGNS[::7], SIGNS[3::7], strict=False):
        together = level(f"{first.text}. {second.text}", lexicon)
        assert together.at_least(level(first.text, lexicon)), (first.text, second.text)
        assert together.at_least(level(second.text, lexicon)), (first.text, second.text)
