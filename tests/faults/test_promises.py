"""The promises hold whatever goes wrong: many seeds, the real service, everything that can fail.

More seeds, and the trace of one that fails: `python -m tests.faults --seeds N --from SEED --show`.
"""

from collections.abc import Iterator

import pytest

from tests.faults.promises import broken
from tests.faults.service_run import Machine, Run

SEEDS = 16
"""In every run of the tests; the command runs as many as are asked for."""


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    made = Machine()
    yield made
    made.remove()


@pytest.mark.parametrize("start", range(0, SEEDS, 8))
def test_every_promise_is_kept_whatever_goes_wrong(machine: Machine, start: int) -> None:
    for seed in range(start, start + 8):
        run = Run(machine, seed)
        run.go()
        assert broken(run) == [], f"python -m tests.faults --from {seed} --seeds 1 --show"


def test_the_same_seed_is_the_same_run(machine: Machine) -> None:
    assert Run(machine, 11).go() == Run(machine, 11).go() != Run(machine, 12).go()
