"""Random keys by stable names, never by call order.

A key for dropout in layer 3 is `fold(key, "dropout", 3)`: adding a layer elsewhere, or drawing another
number first, does not change it.

The bits are those of JAX's own keys, Threefry-2x32. On a CPU JAX computes them in a loop of many small kernels; for
draws in every step the rounds are written out here and become one kernel (docs/performance.md, "Random bits").

Reference: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011, https://doi.org/10.1145/2063384.2063405
(Threefry: section 4.2, its rotations: table 2)
"""

from __future__ import annotations

import math
import zlib

import jax
import jax.extend.random
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = np.uint32(0x1BD11BDA)


def _threefry(key: Array, high: Array, low: Array) -> tuple[Array, Array]:
    """Twenty rounds over a counter of two words."""
    words = (key[0], key[1], key[0] ^ key[1] ^ _PARITY)
    a, b = high + words[0], low + words[1]
    for turn in range(5):
        for by in _ROTATIONS[turn % 2]:
            a = a + b
            b = a ^ ((b << np.uint32(by)) | (b >> np.uint32(32 - by)))
        a, b = a + words[(turn + 1) % 3], b + words[(turn + 2) % 3] + np.uint32(turn + 1)
    return a, b


def _counted(key: Array, shape: tuple[int, ...]) -> tuple[Array, Array]:
    """Two words for every place of a shape of fewer than 2**32 places.

    Computed in two halves, by a loop: so they are there once, where the compiler would otherwise compute them again
    for each use, which for dropout means both ways through the network.
    """
    size = math.prod(shape)
    half = -(-size // 2)

    def fill(turn: Array, words: tuple[Array, Array]) -> tuple[Array, Array]:
        first = turn * half
        low = jax.lax.iota(np.uint32, half) + first.astype(np.uint32)
        new = _threefry(key, jnp.zeros_like(low), low)
        put = lambda old, each: jax.lax.dynamic_update_slice(old, each, (first,))
        return put(words[0], new[0]), put(words[1], new[1])

    words = jax.lax.fori_loop(0, 2, fill, (jnp.zeros(2 * half, np.uint32),) * 2)
    return words[0][:size].reshape(shape), words[1][:size].reshape(shape)


def _fold_in(key: Array, data: Array | int) -> Array:
    return jnp.stack(_threefry(key, jnp.uint32(0), jnp.asarray(data).astype(np.uint32)))


def _split(key: Array, shape: tuple[int, ...]) -> Array:
    return jnp.stack(_counted(key, shape), axis=len(shape))


def _bits(key: Array, width: int, shape: tuple[int, ...]) -> Array:
    high, low = _counted(key, shape)
    if width == 64:
        return (high.astype(np.uint64) << np.uint64(32)) | low.astype(np.uint64)
    return (high ^ low).astype(f"uint{width}")


_IMPLEMENTATION = jax.extend.random.define_prng_impl(
    key_shape=(2,),
    seed=lambda seed: jax.random.key_data(jax.random.key(seed, impl="threefry2x32")),
    split=_split,
    random_bits=_bits,
    fold_in=_fold_in,
    name="threefry2x32, its rounds written out",
    tag="photic",
)


def root(seed: int | Array) -> Array:
    """The key that everything of one seed derives from; the seed may be traced.

    >>> root(7).shape
    ()
    """
    return jax.random.key(seed)


def often(key: Array) -> Array:
    """The same key for draws in every step: on a CPU they take longer to compile, and are several times as fast.

    >>> jax.random.bits(often(root(7))) == jax.random.bits(root(7))
    Array(True, dtype=bool)
    """
    cpu = jax.default_backend() == "cpu"
    return jax.random.wrap_key_data(jax.random.key_data(key), impl=_IMPLEMENTATION) if cpu else key


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
