"""Sums over the rows of a batch that lie on several devices: every device sums its own, and they meet once, at the end.

Left to the compiler, a loop over rows would have the devices meet at every turn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
from jax.sharding import PartitionSpec
from jaxtyping import Array

_AXIS = "row"  # of the mesh that `experiment/layout.py` lays out


def summed(function: Callable[..., Array], *arrays: Array, axis: int = 0) -> Array:
    """`function(*arrays)`, a sum over rows, added up from the devices' shares of them.

    Args:
        axis: the one of the rows, in every array.

    >>> import jax.numpy as jnp
    >>> summed(lambda x: x.sum(0), jnp.ones((4, 2))).tolist()
    [4.0, 4.0]
    """
    devices = jax.sharding.get_abstract_mesh().shape.get(_AXIS, 1)
    if devices == 1 or arrays[0].shape[axis] % devices:
        return function(*arrays)
    rows = PartitionSpec(*[None] * axis, _AXIS)
    mine: Any = lambda *parts: function(*parts)[None]
    each = jax.shard_map(
        mine, in_specs=(rows,) * len(arrays), out_specs=PartitionSpec(_AXIS), axis_names={_AXIS}, check_vma=False
    )
    return each(*arrays).sum(0)
