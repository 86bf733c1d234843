"""A soak of random faults over small runs: nothing may be lost.

    .venv/bin/python bench/faults.py --count 200 --seed 7

Starts a studio of its own in a temporary folder, trains a tiny model undisturbed, then the same run again and again while
random faults of `tests/faults/faults.py` hit it at random steps. Each run must end with the same steps, the same losses and
the same bits of its weights, and its events must be numbered without a gap. Prints how long each kind of fault took to
be over and how long after that the next step was stored (p50 and maximum, in seconds). Exits 1 when anything differed.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# First of all: scripts beside this one bear the names of modules that others import.
sys.path[0] = str(ROOT)

import argparse
import json
import random
import shutil
import statistics
import tempfile
import time
from collections import defaultdict

from tests.faults.faults import FAULTS
from tests.live import runs
from tests.live.house import House, start_house
from tests.live.runs import Outcome, Run


class Soak:
    """Faults over runs, and what they cost."""

    def __init__(self, house: House, rng: random.Random) -> None:
        self.house = house
        self.rng = rng
        self.file = runs.upload(house)
        self.faults = 0
        self.runs = 0
        self.differing: list[str] = []
        self.over_s: dict[str, list[float]] = defaultdict(list)
        self.step_s: dict[str, list[float]] = defaultdict(list)

    def go(self, count: int) -> None:
        """Runs with one to four faults each, until there were `count`."""
        undisturbed = runs.start(self.house, self.file, "undisturbed").outcome()
        say(f"undisturbed: {len(undisturbed.losses)} steps, weights {undisturbed.weights[:12]}")
        while self.faults < count:
            self.disturb(undisturbed, min(self.rng.randint(1, 4), count - self.faults))

    def disturb(self, undisturbed: Outcome, faults: int) -> None:
        """One run with so many faults."""
        run = runs.start(self.house, self.file, f"soak-{self.runs}")
        self.runs += 1
        names = [self.rng.choice(sorted(FAULTS)) for _ in range(faults)]
        at = sorted(self.rng.sample(range(2, len(undisturbed.losses) - 6), faults))
        for name, step in zip(names, at, strict=True):
            run.wait_for_step(step, within_s=120)
            if run.state() in runs.ENDED:
                break
            self.hit(name, run, len(undisturbed.losses))
        outcome = run.outcome(within_s=300)
        if outcome != undisturbed:
            self.differing.append(f"{run.id} after {names} at {at}")
        say(
            f"{self.faults:4d} faults  {run.id}  {'same' if outcome == undisturbed else 'DIFFERS'}  {' '.join(names)}"
        )

    def hit(self, name: str, run: Run, last: int) -> None:
        """One fault, and the wait for the first new step."""
        began = time.monotonic()
        FAULTS[name](self.house, run)
        over = time.monotonic()
        step = run.step()
        run.wait_for_step(min(step + 1, last), within_s=120)
        self.faults += 1
        self.over_s[name].append(over - began)
        self.step_s[name].append(time.monotonic() - over)

    def report(self) -> None:
        """The table, and the same as JSON."""
        say(f"\n{'fault':28}{'count':>6}{'over p50':>10}{'max':>7}{'step p50':>10}{'max':>7}")
        for name in sorted(self.over_s):
            over, step = self.over_s[name], self.step_s[name]
            figures = (statistics.median(over), max(over), statistics.median(step), max(step))
            say(
                f"{name:28}{len(over):>6}{figures[0]:>10.1f}{figures[1]:>7.1f}{figures[2]:>10.1f}{figures[3]:>7.1f}"
            )
        say(f"{self.faults} faults in {self.runs} runs, {len(self.differing)} runs differed")
        say(json.dumps({"faults": self.faults, "runs": self.runs, "differing": self.differing}))


def say(text: str) -> None:
    """Print at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    """Start a studio, soak it, stop it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=20, help="faults in all")
    parser.add_argument("--seed", type=int, default=7)
    wishes = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="soak-", dir="/tmp"))
    home.chmod(0o711)
    house = start_house(home)
    try:
        soak = Soak(house, random.Random(wishes.seed))
        soak.go(wishes.count)
        soak.report()
    finally:
        house.stop()
    if not soak.differing:
        shutil.rmtree(home, ignore_errors=True)
    return 1 if soak.differing else 0


if __name__ == "__main__":
    sys.exit(main())
