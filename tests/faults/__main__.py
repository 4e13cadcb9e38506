"""`python -m tests.faults --seeds N [--from SEED] [--show]`: run many seeds, count the faults."""

import argparse
import gc
import logging
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.faults.faults import Fault
from tests.faults.promises import broken
from tests.faults.service_run import Machine, Run


@dataclass
class Campaign:
    """What many runs amount to."""

    runs: int = 0
    failed: int = 0
    texts: int = 0
    acknowledged: int = 0
    happened: Counter[Fault] = field(default_factory=Counter)
    started: float = field(default_factory=time.monotonic)

    def live(self, run: Run, *, show: bool) -> None:
        """One seed; prints which promises it broke."""
        trace = run.go()
        self.runs += 1
        self.happened += run.world.weather.happened
        self.texts += len(run.carrier.texts)
        self.acknowledged += run.history.acknowledged
        if found := broken(run):
            self.failed += 1
            print(f"seed {run.seed} ({trace}):", *found, sep="\n  ", flush=True)
            if show:
                print(*(run.world.log or []), sep="\n    ")

    def tell(self) -> None:
        """Print how often each kind of fault happened, and what came of it all."""
        for fault in Fault:
            print(f"{self.happened[fault]:9,}  {fault}")
        print(
            f"{self.runs:,} runs in {time.monotonic() - self.started:.0f} s, "
            f"{self.failed} broke a promise; {self.texts:,} texts, "
            f"{self.acknowledged:,} acknowledged, {self.happened.total():,} faults",
            flush=True,
        )


def main() -> int:
    """Run the seeds, until they are done or Ctrl-C; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--show", action="store_true", help="print the trace of each failing run")
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    gc.enable()  # which importing the tests has put off
    machine, campaign = Machine(), Campaign()
    try:
        for seed in range(asked.first, asked.first + asked.seeds):
            campaign.live(Run(machine, seed, log=asked.show), show=asked.show)
    except KeyboardInterrupt:
        print("stopped; the run under way is not counted")
    finally:
        machine.remove()
        campaign.tell()
    return 1 if campaign.failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
