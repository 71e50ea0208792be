"""Early stopping as a mask that always returns the best weights. Chapter: "Epoch".

After each epoch the network is tried on rows it was not trained on. The best weights so far are kept beside the present
ones; after `patience` epochs without a better loss the lane sleeps: its trip count is zero, and nothing in it changes.

Reference: Prechelt, "Early stopping - but when?", 1998, https://doi.org/10.1007/3-540-49430-8_3. Lesson 9.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from photic.tree import Tree


class Best(NamedTuple):
    """The best network of a lane so far, and whether the lane is still training."""

    params: Tree
    state: Tree
    loss: Float[Array, ""]
    epoch: Int[Array, ""]
    active: Bool[Array, ""]


def start(params: Tree, state: Tree) -> Best:
    """Before the first epoch: the fresh network, of unknown (infinite) loss.

    >>> bool(start({}, {}).active)
    True
    """
    return Best(params, state, jnp.float32(jnp.inf), jnp.int32(0), jnp.bool_(True))


def look(
    best: Best, params: Tree, state: Tree, loss: Float[Array, ""], epoch: Int[Array, ""], patience: int
) -> tuple[Best, Bool[Array, ""]]:
    """Keep the better of two networks, and fall asleep when patience has run out.

    Args:
        loss: of the present network on the stop rows; NaN or infinity is never better, and ends the lane.
        epoch: the present epoch, counted from 1.
        patience: how many epochs without a better loss are waited for.

    Returns:
        The new best, and whether this epoch was it.

    >>> best, better = look(start({}, {}), {}, {}, jnp.float32(0.3), jnp.int32(1), patience=5)
    >>> bool(better), int(best.epoch)
    (True, 1)
    """
    better = best.active & (loss < best.loss)
    keep = lambda new, old: jnp.where(better, new, old)
    epoch_of_best = keep(epoch, best.epoch)
    awake = best.active & jnp.isfinite(loss) & (epoch - epoch_of_best < patience)
    return (
        Best(
            jax.tree.map(keep, params, best.params),
            jax.tree.map(keep, state, best.state),
            keep(loss, best.loss),
            epoch_of_best,
            awake,
        ),
        better,
    )


def latest(best: Best, params: Tree, state: Tree, loss: Float[Array, ""], epoch: Int[Array, ""]) -> Best:
    """Without stop rows the last finite network is the best one.

    >>> int(latest(start({}, {}), {}, {}, jnp.float32(0.3), jnp.int32(4)).epoch)
    4
    """
    return look(best._replace(loss=jnp.float32(jnp.inf)), params, state, loss, epoch, patience=1)[0]._replace(
        active=best.active & jnp.isfinite(loss)
    )
