"""`python -m tests.faults --seeds N [--from SEED] [--show]`: run many seeds, count the faults."""

import argparse
import logging
import time
from collections import Counter

from tests.faults.faults import Fault
from tests.faults.promises import broken
from tests.faults.service_run import Machine, Run


def main() -> int:
    """Run the seeds; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=1e9, help="begin no run after so long")
    parser.add_argument("--show", action="store_true", help="print the trace of each failing run")
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    machine, happened, failed = Machine(), Counter[Fault](), 0
    texts, kept, started = 0, 0, time.monotonic()
    runs = 0
    for seed in range(asked.first, asked.first + asked.seeds):
        if time.monotonic() - started > asked.minutes * 60:
            break
        runs += 1
        run = Run(machine, seed, log=asked.show)
        trace = run.go()
        happened += run.world.weather.happened
        texts += len(run.carrier.texts)
        kept += run.history.acknowledged
        if found := broken(run):
            failed += 1
            print(f"seed {seed} ({trace}):", *found, sep="\n  ", flush=True)
            if asked.show:
                print(*(run.world.log or []), sep="\n    ")
    machine.remove()
    for fault in Fault:
        print(f"{happened[fault]:9,}  {fault}")
    seconds = time.monotonic() - started
    print(
        f"{runs:,} runs in {seconds:.0f} s, {failed} broke a promise; {texts:,} texts, "
        f"{kept:,} acknowledged, {happened.total():,} faults"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
