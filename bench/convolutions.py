"""Which form of a convolution and of what follows it XLA runs fastest on a CPU: `python -m bench.convolutions`.

Parts of the network `cnn` on 128 pictures of 28 x 28, each alone and in several forms that take turns. Those that
Photic took are its own kernels; the others are written out here. Processor time is told beside that of the clock.
"""

from __future__ import annotations

import functools
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from bench import machine, table
from photic.experiment.layout import OFTEN
from photic.kernels import conv, norm, pool
from photic.kernels.window import Axis, Window, seen

_ROWS, _ROUNDS = 128, 15
_THREE, _HALF = Window((Axis(3, before=1, after=1),) * 2), Window((Axis(2, stride=2),) * 2)
_MIX = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])  # Winograd's for the input
_SPREAD = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]], np.float32)  # for the filters
_GATHER = np.array([[1, 1, 1, 0], [0, 1, -1, -1]])  # for the output


def library(x: Any, w: Any) -> Any:
    """XLA's own convolution."""
    return conv._library(x, w, _THREE, 1)


def patches(x: Any, g: Any) -> Any:
    """The weight gradient as one product of all that the taps saw."""
    taps = jnp.concatenate(seen(x, _THREE), -1)
    return taps.reshape(-1, taps.shape[-1]).T @ g.reshape(-1, g.shape[-1])


def pieces(x: Any, g: Any, rows: int) -> Any:
    """The same, some rows at a time."""
    cut = lambda array, i: lax.dynamic_slice_in_dim(array, i * rows, rows)
    start = jnp.zeros((9 * x.shape[-1], g.shape[-1]))
    return lax.fori_loop(0, len(x) // rows, lambda i, w: w + patches(cut(x, i), cut(g, i)), start)


def winograd(x: Any, w: Any) -> Any:
    """A convolution of 3 x 3 by sixteen products for four places, instead of nine for each."""
    n, h, wide, c = x.shape
    tiles = [tile.reshape(-1, c) for tile in seen(x, Window((Axis(4, 2, 1, 1, 1),) * 2))]
    filters = jnp.einsum("ai,ijcu,bj->abcu", _SPREAD, w, _SPREAD).reshape(16, c, -1)
    products = [_sum(np.kron(_MIX[k // 4], _MIX[k % 4]), tiles) @ filters[k] for k in range(16)]
    parts = [_sum(np.kron(_GATHER[a], _GATHER[b]), products) for a in (0, 1) for b in (0, 1)]
    y = jnp.stack(parts, 1).reshape(n, h // 2, wide // 2, 2, 2, -1)
    return jnp.moveaxis(y, 3, 2).reshape(n, h, wide, -1)


def _sum(signs: np.ndarray, arrays: list[Any]) -> Any:
    parts = [array if sign > 0 else -array for sign, array in zip(signs, arrays, strict=True) if sign]
    return functools.reduce(jnp.add, parts)


def plain(x: Any, scale: Any, shift: Any) -> Any:
    """Batch norm, ReLU and pool as their formulas, for automatic differentiation."""
    mean = x.mean((0, 1, 2))
    y = (x - mean) * lax.rsqrt(jnp.square(x - mean).mean((0, 1, 2)) + 1e-5) * scale + shift
    return pool._library(jnp.maximum(y, 0), _HALF)


def one_by_one(x: Any, scale: Any, shift: Any) -> Any:
    """The same by the kernels of the three layers."""
    y, *_ = norm.normalised(x, _share(x), scale, shift, 1e-5)
    return pool.largest(jnp.maximum(y, 0), _HALF)


def together(x: Any, scale: Any, shift: Any) -> Any:
    """The same by one kernel."""
    return norm.pooled(x, _share(x), scale, shift, 1e-5, _HALF)[0]


def _share(x: Any) -> Any:
    return jnp.full((len(x), 1, 1, 1), 1 / (x.size // x.shape[-1]))


def _pulled(function: Callable) -> Callable:
    """What a function gives and all its gradients."""

    def both(g: Any, *points: Any) -> Any:
        y, pull = jax.vjp(function, *points)
        return y, pull(g)

    return both


def parts() -> dict[str, tuple[tuple, dict[str, Callable]]]:
    """Every part of the network: its arrays, and its forms by name, the one that Photic took first."""
    rng = np.random.default_rng(0)
    draw = lambda *shape: jnp.asarray(rng.normal(size=shape).astype(np.float32))
    grey, x, y, z = draw(_ROWS, 28, 28, 1), draw(_ROWS, 14, 14, 32), draw(_ROWS, 14, 14, 64), draw(_ROWS, 28, 28, 32)
    xla = lambda x, g: jax.vjp(lambda w: library(x, w), jnp.zeros((3, 3, x.shape[-1], g.shape[-1])))[1](g)
    turned = lambda x, g: conv._turned(x, g, _THREE)
    tapped = lambda x, g: conv._tapped(x, g, _THREE, 1)
    every = lambda x, g: jnp.moveaxis(library(jnp.moveaxis(x, (0, -1), (-1, 0)), jnp.moveaxis(g, 0, -2)), 0, -2)
    return {
        "second convolution, 32 to 64 on 14 x 14: output": (
            (x, draw(3, 3, 32, 64)),
            {"library": library, "Winograd F(2 x 2, 3 x 3)": winograd},
        ),
        "second convolution: gradient of the weights": (
            (x, y),
            {
                "rows as channels of a convolution, eight at a time": turned,
                "rows as channels of a convolution, all at once": every,
                "taps of one axis together, one row at a time": tapped,
                "patches, one row at a time": lambda x, g: pieces(x, g, 1),
                "patches, four rows at a time": lambda x, g: pieces(x, g, 4),
                "patches, one product": patches,
                "automatic differentiation of the library": xla,
            },
        ),
        "first convolution, 1 to 32 on 28 x 28: output": (
            (grey, draw(3, 3, 1, 32)),
            {"shifted additions": lambda x, w: conv._shifted(x, w, _THREE), "library": library},
        ),
        "first convolution: gradient of the weights": (
            (grey, z),
            {
                "rows as channels of a convolution, eight at a time": turned,
                "taps of one axis together, one row at a time": tapped,
                "patches, one product": patches,
            },
        ),
        "batch norm, ReLU and pool of 32 on 28 x 28: output and gradients": (
            (draw(_ROWS, 14, 14, 32), z, draw(32), draw(32)),
            {
                "one kernel": _pulled(together),
                "a kernel for each": _pulled(one_by_one),
                "automatic differentiation": _pulled(plain),
            },
        ),
    }


def measure(arrays: tuple, forms: dict[str, Callable]) -> list[dict[str, str]]:
    """All forms compiled, warmed up, then in turns."""
    ready = [jax.jit(form, compiler_options=OFTEN).lower(*arrays).compile() for form in forms.values()]
    clock: list[list[float]] = [[] for _ in ready]
    processor: list[list[float]] = [[] for _ in ready]
    for number in range(_ROUNDS + 1):
        for run, walls, works in zip(ready, clock, processor, strict=True):
            wall, work = time.perf_counter(), time.process_time()
            jax.block_until_ready(run(*arrays))
            if number:
                walls.append(time.perf_counter() - wall)
                works.append(time.process_time() - work)
    show = lambda values: f"{1e3 * statistics.median(values):.1f} ms"
    return [
        {"form": name, "time": show(walls), "least": f"{1e3 * min(walls):.1f} ms", "processor time": show(works),
         "least of it": f"{1e3 * min(works):.1f} ms"}
        for name, walls, works in zip(forms, clock, processor, strict=True)
    ]  # fmt: skip


def main() -> None:
    """Measure, print, and write between the marks `<!-- convolutions -->` of the documents named."""
    told = [machine.lines(machine.describe())]
    print(told[0], flush=True)
    for title, (arrays, forms) in parts().items():
        told.append(f"### {title[0].upper()}{title[1:]}\n\n{table.markdown(measure(arrays, forms))}")
        print(f"\n{told[-1]}", flush=True)
    for file in map(Path, sys.argv[1:]):
        file.write_text(table.put(file.read_text(), "convolutions", "\n\n".join(told)))


if __name__ == "__main__":
    main()
