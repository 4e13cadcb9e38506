"""Language traps, one by one: what the words around a sign make of it."""

import pytest

from service.triage.assess import assess
from service.triage.lexicon import Lexicon


def level(text: str, lexicon: Lexicon) -> str:
    return assess(text, lexicon).level.value


@pytest.mark.parametrize(
    "text",
    [
        "no numbness, tingling, or weakness",
        "I haven't had any numbness or trouble with my bladder",
        "without fever or chills",
        "no sir no pain no nothin",
        "legs are neither weak nor numb",
        "my foot is not numb",
        "numbness: none",
        "no tengo hormigueo ni debilidad ni fiebre",
        "sin dolor, sin fiebre",
    ],
)
def test_a_denial_reaches_over_its_list(text: str, lexicon: Lexicon) -> None:
    assert level(text, lexicon) == "clear"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no fever, but my left foot is numb", "urgent"),
        ("no fever my foot is numb", "urgent"),
        ("no, my foot is numb", "urgent"),
        ("not tingling, more like numb", "urgent"),
        ("can't say I don't have numbness", "urgent"),
        ("no leg pain, no fever, can't feel when I pee", "emergency"),
        ("no tengo fiebre pero se me duerme el pie", "urgent"),
        ("ain't had no feeling between my legs", "emergency"),
    ],
)
def test_one_sign_outweighs_any_number_of_denials(
    text: str, expected: str, lexicon: Lexicon
) -> None:
    assert level(text, lexicon) == expected


@pytest.mark.parametrize(
    "text", ["can't feel my privates", "nothing comes out when I pee", "no control of my bladder"]
)
def test_a_negative_word_can_be_the_sign(text: str, lexicon: Lexicon) -> None:
    assert level(text, lexicon) == "emergency"


@pytest.mark.parametrize(
    "text", ["the numbness is gone", "my tingling went away", "ya se me quito el hormigueo"]
)
def test_what_has_passed_is_read_by_a_person_at_most(text: str, lexicon: Lexicon) -> None:
    assert level(text, lexicon) in {"clear", "review"}


@pytest.mark.parametrize(
    "text",
    [
        "numbness went away but came back last night",
        "the tingling has not gone away",
        "the feeling is gone in my foot",
    ],
)
def test_what_came_back_or_never_left_is_present(text: str, lexicon: Lexicon) -> None:
    assert level(text, lexicon) == "urgent"


@pytest.mark.parametrize(
    "text",
    [
        "what if I get numbness down there",
        "if my legs ever went numb should I call",
        "can a bad disc make your legs go numb?",
        "que pasa si se me duerme la pierna",
    ],
)
def test_a_supposition_is_a_question(text: str, lexicon: Lexicon) -> None:
    assert level(text, lexicon) == "review"


def test_a_question_about_what_is_so_now_is_the_sign(lexicon: Lexicon) -> None:
    assert level("is it normal that I can't feel when my bladder is full?", lexicon) == "emergency"


@pytest.mark.parametrize(
    "text", ["my cousin had numb legs from her disc", "asking for a friend whose foot is numb"]
)
def test_a_tale_of_somebody_else_is_read(text: str, lexicon: Lexicon) -> None:
    assert level(text, lexicon) == "review"


@pytest.mark.parametrize(
    "text",
    [
        "My husband can't move his legs",
        "calling for my mom, she can't pee and her legs are numb",
        "mi esposo no puede mover las piernas",
    ],
)
def test_who_asks_for_the_patient_now_is_heard_as_the_patient(text: str, lexicon: Lexicon) -> None:
    assert level(text, lexicon) == "emergency"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("used to get numb toes years ago", "review"),
        ("had numbness years ago and it is still there", "urgent"),
        ("fell off a roof when I was twelve", "review"),
        ("had a foot drop since 2009, wear my brace, nothing different", "review"),
    ],
)
def test_the_past_is_read_unless_it_lasts(text: str, expected: str, lexicon: Lexicon) -> None:
    assert level(text, lexicon) == expected


@pytest.mark.parametrize(
    "text",
    [
        "12 Numb Creek Rd, Floyd VA 24091",
        "PO Box 9, Hurt VA",
        "Dr. Tingle asked me to call",
        "hit a rough patch with the booklet, no hurry",
        "train wreck of a day, can I come tomorrow",
        "got to get this off my chest, the bill is wrong",
    ],
)
def test_names_places_and_figures_of_speech_are_no_signs(text: str, lexicon: Lexicon) -> None:
    assert level(text, lexicon) in {"clear", "review"}


@pytest.mark.parametrize(
    "text",
    [
        "Liked “Stop if you feel numbness or weakness in your legs”",
        'Emphasized "Reply 1 if you have none of these: trouble peeing"',
        "Le gustó “¿Siente adormecimiento?”",
    ],
)
def test_a_reaction_quotes_our_words_and_is_none_of_theirs(text: str, lexicon: Lexicon) -> None:
    assert level(text, lexicon) == "clear"


@pytest.mark.parametrize("text", ["", "   ", "\n", "¿?", "xqzv kjh", "\x00\ufffd", "2", "Y", "😭"])
def test_what_cannot_be_read_goes_to_a_person(text: str, lexicon: Lexicon) -> None:
    assert level(text, lexicon) == "review"


@pytest.mark.parametrize("text", ["ain't a bit better", "no mejoro", "feeling good, one question"])
def test_what_is_not_clearly_fine_goes_to_a_person(text: str, lexicon: Lexicon) -> None:
    assert level(text, lexicon) == "review"
