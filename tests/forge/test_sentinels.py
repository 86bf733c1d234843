"""Sentinels see what goes wrong within three steps, and nothing where nothing does."""

import json
import math

import pytest

from forge.training.sentinels import Alarm, Exploding, Plateau, Sentinels, ZeroLoss, not_finite

CALM = [5.0, 4.2, 3.9, 3.1, 2.6, 2.8, 2.2, 2.4, 1.9]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_the_first_number_that_is_none_is_seen(bad: float) -> None:
    assert not_finite(1.0, 1.0) is None
    assert not_finite(bad, 1.0).watched == "loss"  # type: ignore[union-attr]
    assert not_finite(1.0, bad).watched == "grad_norm"  # type: ignore[union-attr]


def test_an_explosion_is_seen_at_its_third_step_with_its_numbers() -> None:
    sentinel = Exploding()

    alarms = [sentinel.see(loss) for loss in [*CALM, 9.0, 11.0, 40.0]]

    assert alarms[:-1] == [None] * (len(alarms) - 1)
    assert alarms[-1] == Alarm("exploding", "loss", 40.0, pytest.approx(3 * 2.8))


def test_one_odd_batch_and_a_small_noisy_loss_are_no_explosion() -> None:
    sentinel = Exploding()
    noisy = [0.02, 0.2, 0.01, 0.9, 0.03] * 4

    assert [sentinel.see(loss) for loss in [*CALM, 30.0, 2.0, 30.0, 30.0, 2.0, *noisy]].count(None) == 34


def test_a_slow_descent_from_a_high_start_is_no_explosion() -> None:
    sentinel = Exploding()

    assert all(sentinel.see(11 * 0.97**step + 0.1 * (step % 3)) is None for step in range(500))


def test_an_explosion_that_goes_on_does_not_become_the_measure() -> None:
    sentinel = Exploding()
    for loss in CALM:
        sentinel.see(loss)
    before = sentinel.limit()

    for _ in range(100):
        sentinel.see(50.0)

    assert sentinel.limit() == before


def test_zero_is_seen_at_the_third_step_and_a_small_loss_is_not_zero() -> None:
    sentinel = ZeroLoss()

    assert [sentinel.see(loss) for loss in (0.0, 0.0, 1e-5, 0.0, 0.0)] == [None] * 5
    assert sentinel.see(0.0) == Alarm("zero_loss", "loss", 0.0, 1e-7)


def test_a_plateau_ends_after_the_patience_and_a_gain_starts_it_anew() -> None:
    sentinel = Plateau(patience=2, min_delta=0.1)

    seen = [sentinel.see(loss) for loss in (2.0, 1.95, 1.5, 1.45, 1.48)]

    assert seen[:-1] == [None] * 4
    assert seen[-1] == Alarm("plateau", "valid_loss", 1.48, pytest.approx(1.4))


def test_without_patience_there_is_no_plateau() -> None:
    sentinel = Plateau(patience=0, min_delta=0.0)

    assert [sentinel.see(1.0) for _ in range(50)] == [None] * 50


@pytest.mark.parametrize("cut", range(len(CALM) + 3))
def test_what_was_seen_survives_a_checkpoint(cut: int) -> None:
    losses = [*CALM, 30.0, 31.0, 32.0]
    whole, first, second = (Sentinels(patience=3, min_delta=0.0) for _ in range(3))

    for loss in losses[:cut]:
        first.see_step(loss)
        first.plateau.see(loss)
    second.recall(json.loads(json.dumps(first.seen())))
    later = [second.see_step(loss) for loss in losses[cut:]]

    assert later == [whole.see_step(loss) for loss in losses][cut:]
    assert later[-1] is not None


def test_a_strike_is_not_calm() -> None:
    sentinels = Sentinels(patience=0, min_delta=0.0)
    for loss in CALM:
        sentinels.see_step(loss)
    assert sentinels.calm

    sentinels.see_step(99.0)

    assert not sentinels.calm
