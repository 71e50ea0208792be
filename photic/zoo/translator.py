"""A translator between two notations: an encoder reads, a decoder writes, and attention looks back while it writes.

Reference: Bahdanau, Cho and Bengio, "Neural machine translation by jointly learning to align and translate", 2015,
https://arxiv.org/abs/1409.0473; attention after the decoder's step: Luong, Pham and Manning, "Effective approaches to
attention-based neural machine translation", 2015, https://arxiv.org/abs/1508.04025 (section 3.1).
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from photic import keys
from photic.layers import GRU, Dense, Embedding
from photic.layers.attention import attend
from photic.layers.base import Context, Layer, Params, State
from photic.maths.losses import Loss
from photic.spec import Knobs
from photic.tensor import Shape


@dataclasses.dataclass(frozen=True)
class Translator(Layer):
    """Reads `reads` symbols and writes `writes` symbols, one after the other.

        m = GRU in both directions over the symbols read
        s = GRU over the symbols written before, begun with the mean of m
        taken, a = attend(s q, m k, m);  z = tanh([s, taken] w + b) v + c

    In training the symbols written before are the true ones (teacher forcing), so all steps are computed together;
    `translate` gives it its own.

    Args:
        reads, writes: symbols of a row in and out; shorter inputs are filled up with 0.
        read_symbols, write_symbols: how many different ones there are; those read are counted from 1, 0 is none.
        units: of each state.

    Takes `[n, reads + writes]`: the symbols read, then the true ones from the second on shifted by one place, the first
    being `write_symbols` (begin). Gives `[n, writes * write_symbols]` logits, symbol by symbol.

    >>> layer = Translator(5, 2, 9, 4, units=3)
    >>> layer.shape((7,)), sorted(layer.init(keys.root(0), (7,))[0])
    ((8,), ['begin', 'encoder', 'key', 'mix', 'out', 'query', 'read', 'writer', 'written'])
    """

    reads: int
    writes: int
    read_symbols: int
    write_symbols: int
    units: int = 64

    def shape(self, input: Shape) -> Shape:
        """`(reads + writes,)` becomes `(writes * write_symbols,)`."""
        assert input == (self.reads + self.writes,)
        return (self.writes * self.write_symbols,)

    def _parts(self) -> dict[str, tuple[Layer, Shape]]:
        u, t, m = self.units, self.reads, self.writes
        return {
            "read": (Embedding(self.read_symbols + 1, u, sequence=True), (t,)),
            "encoder": (GRU(u, "both", "all"), (t, u)),
            "begin": (Dense(u), (2 * u,)),
            "written": (Embedding(self.write_symbols + 1, u, sequence=True), (m,)),
            "writer": (GRU(u, returns="all"), (m, u)),
            "query": (Dense(u, bias=False), (m, u)),
            "key": (Dense(u, bias=False), (t, 2 * u)),
            "mix": (Dense(2 * u), (m, 3 * u)),
            "out": (Dense(self.write_symbols), (m, 2 * u)),
        }

    def init(self, key: Array, input: Shape) -> tuple[Params, State]:
        """The weights of every part, by name."""
        parts = self._parts().items()
        return {name: part.init(keys.fold(key, name), shape)[0] for name, (part, shape) in parts}, {}

    def apply(self, params: Params, state: State, x: Int[Array, "n _"], at: Context) -> tuple[Array, State]:
        """The logits of every symbol, given the true ones before it."""
        memory, real = self._read(params, x[:, : self.reads], at)
        z, _, _ = self._write(params, x[:, self.reads :], memory, real, self._begin(params, memory, real, at), at)
        return z.reshape(len(x), -1), state

    def translate(
        self, params: Params, x: Int[Array, "n reads"]
    ) -> tuple[Int[Array, "n writes"], Float[Array, "n writes reads"]]:
        """What it writes when it is given its own symbols, each the likeliest (greedy), and where it looked meanwhile.

        A pure function: under `jax.jit` the whole translation is one program.
        """
        at = Context()
        memory, real = self._read(params, x, at)
        symbol, h = jnp.full((len(x), 1), self.write_symbols), self._begin(params, memory, real, at)
        symbols, looked = [], []
        for _ in range(self.writes):
            z, a, h = self._write(params, symbol, memory, real, h, at)
            symbol = z.argmax(axis=-1)
            symbols.append(symbol)
            looked.append(a)
        return jnp.concatenate(symbols, axis=1), jnp.concatenate(looked, axis=1)

    def _of(self, name: str, params: Params, x: Array, at: Context, state: State | None = None) -> tuple[Array, State]:
        return self._parts()[name][0].apply(params[name], state or {}, x, at)

    def _read(self, params: Params, x: Array, at: Context) -> tuple[Array, Array]:
        seen = dataclasses.replace(at, lengths=(x > 0).sum(axis=1))
        steps, _ = self._of("read", params, x.astype(jnp.float32), seen)
        return self._of("encoder", params, steps, seen)[0], x > 0

    def _begin(self, params: Params, memory: Array, real: Array, at: Context) -> Array:
        count = jnp.maximum(real.sum(axis=1, keepdims=True), 1).astype(memory.dtype)
        mean = jnp.where(real[:, :, None], memory, 0).sum(axis=1) / count
        return jnp.tanh(self._of("begin", params, mean, at)[0])

    def _write(
        self, params: Params, written: Array, memory: Array, real: Array, h: Array, at: Context
    ) -> tuple[Array, Array, Array]:
        """Logits of the next symbol after each one written, where it looked, and the state after the last."""
        steps, _ = self._of("written", params, written.astype(jnp.float32), at)
        s, kept = self._of("writer", params, steps, at, {"h": h})
        query, offered = self._of("query", params, s, at)[0], self._of("key", params, memory, at)[0]
        taken, a = attend(query, offered, memory, real)
        mixed, _ = self._of("mix", params, jnp.concatenate([s, taken], axis=-1), at)
        return self._of("out", params, jnp.tanh(mixed), at)[0], a, kept["h"]


@dataclasses.dataclass(frozen=True)
class SymbolCrossEntropy(Loss):
    """Mean surprise at each of the symbols of a row: z and y are `[n, writes * symbols]`, y is 1 at the true ones.

    In this form every symbol of a row is a label, and `metrics.subset_accuracy` the share of rows that are all right.

    >>> SymbolCrossEntropy(2).rows(jnp.array([[9.0, -9.0, 0.0, 0.0]]), jnp.array([[1.0, 0.0, 1.0, 0.0]]), {}).round(4)
    Array([0.3466], dtype=float32)
    """

    kinds: ClassVar[tuple[str, ...]] = ("multilabel",)
    symbols: int

    def rows(self, z: Float[Array, "n k"], y: Float[Array, "n k"], knobs: Knobs) -> Float[Array, " n"]:
        surprise = -jax.nn.log_softmax(z.reshape(len(z), -1, self.symbols), axis=-1)
        return (surprise * y.reshape(surprise.shape)).sum(axis=-1).mean(axis=-1)

    def predict(self, z: Float[Array, "n k"]) -> Float[Array, "n k"]:
        return jax.nn.softmax(z.reshape(len(z), -1, self.symbols), axis=-1).reshape(z.shape)
