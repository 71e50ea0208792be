"""Random keys by stable names, never by call order.

A key for dropout in layer 3 is `fold(key, "dropout", 3)`: adding a layer elsewhere, or drawing another
number first, does not change it.

Reference: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011, https://doi.org/10.1145/2063384.2063405
"""

from __future__ import annotations

import zlib

import jax
import numpy as np
from jaxtyping import Array


def root(seed: int | Array) -> Array:
    """The key that everything of one seed derives from; the seed may be traced.

    >>> root(7).shape
    ()
    """
    return jax.random.key(seed)


def fold(key: Array, *names: str | int | Array) -> Array:
    """A new key from `key` and a path of names; numbers may be traced (an epoch, a step).

    >>> a, b = fold(root(0), "dropout", 3), fold(root(0), "dropout", 4)
    >>> bool((jax.random.key_data(a) == jax.random.key_data(b)).all())
    False
    """
    for name in names:
        key = jax.random.fold_in(key, zlib.crc32(name.encode()) if isinstance(name, str) else name)
    return key


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """A NumPy generator for host-side draws (splits, permutations), by the same kind of path.

    >>> int(generator(0, "shuffle", 1).integers(100)) == int(generator(0, "shuffle", 1).integers(100))
    True
    """
    words = [zlib.crc32(name.encode()) if isinstance(name, str) else name for name in names]
    return np.random.default_rng([seed, *words])
