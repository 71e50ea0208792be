"""Early stopping keeps the best network, falls asleep when patience ends, and never wakes again."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from photic.train import stop


def _follow(losses: list[float], patience: int) -> tuple[list[bool], stop.Best]:
    best, betters = stop.start({"w": jnp.float32(0)}, {}), []
    for epoch, loss in enumerate(losses, 1):
        best, better = stop.look(best, {"w": jnp.float32(epoch)}, {}, jnp.float32(loss), jnp.int32(epoch), patience)
        betters.append(bool(better))
    return betters, best


def test_the_best_weights_are_kept_not_the_last() -> None:
    betters, best = _follow([5.0, 3.0, 4.0, 3.5], patience=10)
    assert betters == [True, True, False, False]
    assert (int(best.epoch), float(best.loss), float(best.params["w"])) == (2, 3.0, 2.0)
    assert bool(best.active)


def test_a_lane_sleeps_after_patience_and_nothing_wakes_it() -> None:
    betters, best = _follow([5.0, 6.0, 6.0, 1.0, 0.5], patience=2)
    assert betters == [True, False, False, False, False]
    assert not best.active and int(best.epoch) == 1


def test_a_loss_that_is_not_a_number_ends_the_lane_with_its_best_weights() -> None:
    for bad in (np.nan, np.inf):
        _, best = _follow([5.0, bad, 1.0], patience=10)
        assert not best.active and float(best.loss) == 5.0


def test_without_stop_rows_the_last_finite_network_is_the_best() -> None:
    best = stop.start({"w": jnp.float32(0)}, {})
    for epoch, loss in enumerate([3.0, 4.0, np.nan], 1):
        best = stop.latest(best, {"w": jnp.float32(epoch)}, {}, jnp.float32(loss), jnp.int32(epoch))
    assert float(best.params["w"]) == 2.0 and not best.active
