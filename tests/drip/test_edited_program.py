"""The program is edited while people are in the middle of it."""

from hypothesis import given
from hypothesis import strategies as st

from service.content import Content
from service.content_models import Program, Step
from service.drip.rules import next_step


def program(*ids: str) -> Program:
    steps = [
        Step(id=name, day=day, text=name, more=name, spoken=name) for day, name in enumerate(ids)
    ]
    return Program(version="1", footer="STOP = end", steps=tuple(steps))


def rest_of(edited: Program, taken: list[str], plan: list[str]) -> list[str]:
    sent = list(taken)
    while step := next_step(edited, sent, plan):
        sent.append(step.id)
    return sent[len(taken) :]


PLAN = ["a", "b", "c", "d"]


def test_a_step_put_in_ahead_is_sent_and_one_put_in_behind_is_not() -> None:
    assert rest_of(program("a", "x", "b", "c", "y", "d"), ["a", "b"], PLAN) == ["c", "y", "d"]


def test_a_step_taken_out_is_not_missed() -> None:
    assert rest_of(program("a", "b", "d"), ["a", "b"], PLAN) == ["d"]


def test_a_step_that_was_moved_behind_their_place_is_still_sent() -> None:
    assert rest_of(program("a", "c", "d", "b"), ["a", "b"], PLAN) == ["c", "d"]


NAMES = st.sampled_from("abcdefgh")


@given(st.lists(NAMES, unique=True, min_size=1), st.lists(NAMES, unique=True), st.data())
def test_whatever_is_edited_nothing_comes_twice_and_nothing_of_the_plan_is_lost(
    today: list[str], plan: list[str], data: st.DataObject
) -> None:
    taken = data.draw(st.lists(st.sampled_from(plan), unique=True)) if plan else []
    got = rest_of(program(*today), taken, plan)
    assert len({*got, *taken}) == len(got) + len(taken)
    assert {step for step in plan if step in today} <= {*got, *taken}


def test_the_real_program_is_sent_in_its_order(content: Content) -> None:
    whole = [step.id for step in content.program("en").steps]
    assert rest_of(content.program("en"), [], whole) == whole
