"""Whatever happens in the middle of a run, it ends as if nothing had: same steps, same curve, same weights, no gap."""

import time

import pytest

from tests.faults.faults import (
    FAULTS,
    Fault,
    checkpoint_corrupted,
    checkpoint_half_written,
    trainer_killed,
)
from tests.live import runs
from tests.live.house import House
from tests.live.runs import CHECKPOINT_EVERY, Outcome

pytestmark = [pytest.mark.live, pytest.mark.slow]


@pytest.fixture(scope="module")
def training_file(house: House) -> str:
    return runs.upload(house)


@pytest.fixture(scope="module")
def undisturbed(house: House, training_file: str) -> Outcome:
    outcome = runs.start(house, training_file, "undisturbed").outcome()
    steps = [step for step, _ in outcome.losses]
    assert steps == list(range(1, len(steps) + 1))
    return outcome


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_disturbed_run_ends_like_an_undisturbed_one(
    house: House, training_file: str, undisturbed: Outcome, fault: Fault
) -> None:
    run = runs.start(house, training_file, fault.__name__.replace("_", "-")[:18])
    run.wait_for_step(12, within_s=90)

    began = time.time()
    fault(house, run)
    over = time.time()
    before = run.step()
    if before < len(undisturbed.losses):
        run.wait_for_step(before + 1, within_s=30)
    now = time.time()
    outcome = run.outcome()
    resumed = run.resumed_after(began)
    how = (
        f"first new step {resumed.after_s:.1f} s after it began, {resumed.again} steps trained again"
        if resumed
        else "no restart"
    )
    print(
        f"\n{fault.__name__}: lasted {over - began:.1f} s, {now - over:.1f} s to the next stored step; {how}"
    )

    assert outcome == undisturbed
    # A checkpoint that is of no use costs the way to the one before it.
    lost = 2 if fault in (checkpoint_corrupted, checkpoint_half_written) else 1
    assert resumed is None or resumed.again <= lost * CHECKPOINT_EVERY


def test_five_kills_change_no_bit(house: House, training_file: str, undisturbed: Outcome) -> None:
    run = runs.start(house, training_file, "five-kills")

    for kill in range(1, 6):
        run.wait_for_step(kill * len(undisturbed.losses) // 7, within_s=90)
        trainer_killed(house, run)

    assert run.outcome() == undisturbed
