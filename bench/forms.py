"""Which form of an epoch XLA runs fastest on a CPU: `python -m bench.forms`, the ground of docs/performance.md.

Every form trains the same network on the same rows with Adam, written out here without Photic, so that forms can be
tried before the engine takes one. All forms of a network are compiled first and then take turns.
"""

from __future__ import annotations

import dataclasses
import itertools
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from bench import data, machine, table

_ROWS, _ROUNDS = 10_000, 25
_NETWORKS = (([20, 64, 64, 1], 32, 16), ([20, 64, 64, 1], 128, 4), ([784, 256, 10], 128, 1))


@dataclasses.dataclass(frozen=True)
class Form:
    """A way to write or to compile an epoch.

    Args:
        chunk: batches gathered at once, as a multiple of what fits half a megabyte; 0 gathers every batch alone.
        flat: weights carried as one vector instead of a tree.
        bias: "own" leaf, or "folded" into the weights as one more row.
        turned: weights stored as [outputs, inputs].
        options: for XLA.
    """

    name: str
    chunk: int = 1
    flat: bool = False
    bias: str = "own"
    turned: bool = False
    options: dict[str, Any] = dataclasses.field(default_factory=dict)


_LEVEL, _LIBRARY = "xla_backend_optimization_level", "xla_cpu_experimental_ynn_fusion_type"
FORMS = (
    Form("tree of weights, batches gathered in chunks"),
    Form("each batch gathered alone", chunk=0),
    Form("chunks eight times as large", chunk=8),
    Form("one flat vector of weights", flat=True),
    Form("bias as a row of the weights", bias="folded"),
    Form("weights stored turned", turned=True),
    Form("optimization level 1", options={_LEVEL: 1}),
    Form("optimization level 0", options={_LEVEL: 0}),
    Form("no fusion emitters", options={"xla_cpu_use_fusion_emitters": False}),
    Form("products on one thread", options={"xla_cpu_multi_thread_eigen": False}),
    Form("fast math", options={"xla_cpu_enable_fast_math": True}),
    Form("scheduler for memory", options={"xla_cpu_scheduler_type": "CPU_SCHEDULER_TYPE_MEMORY_OPTIMIZED"}),
    Form("library for every product", options={_LIBRARY: "LIBRARY_FUSION_TYPE_INDIVIDUAL_DOT"}),
    Form("XNNPACK", options={"xla_cpu_use_xnnpack": True}),
    Form("oneDNN", options={"xla_cpu_use_onednn": True}),
    Form("vectors of 128 bits", options={"xla_cpu_prefer_vector_width": 128}),
    Form("vectors of 512 bits", options={"xla_cpu_prefer_vector_width": 512}),
    Form("no expensive passes of LLVM", options={"xla_llvm_disable_expensive_passes": True}),
    Form("copy insertion by regions", options={"xla_cpu_copy_insertion_use_region_analysis": True}),
    Form("code generated in one part", options={"xla_cpu_parallel_codegen_split_count": 1}),
)


def forward(form: Form, params: list, x: Any) -> Any:
    """The network of `params`, with ReLU between layers."""
    for index, leaves in enumerate(params):
        x = x if index == 0 else jax.nn.relu(x)
        if form.bias == "folded":
            x = jnp.concatenate([x, jnp.ones((len(x), 1))], axis=1) @ leaves[0]
        else:
            x = x @ (leaves[0].T if form.turned else leaves[0]) + leaves[1]
    return x


def loss(z: Any, y: Any) -> Any:
    """Squared error for one output, cross-entropy for several."""
    if z.shape[1] == 1:
        return jnp.mean((z - y) ** 2)
    return jnp.mean(jax.nn.logsumexp(z, 1) - jnp.take_along_axis(z, y[:, None], 1)[:, 0])


def adam(p: Any, m: Any, v: Any, g: Any, t: Any) -> tuple:
    """One leaf of Adam, its two corrections drawn into the rate."""
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
    scale = jnp.sqrt(1 - 0.999**t)
    return p - 0.001 * scale / (1 - 0.9**t) * m / (jnp.sqrt(v) + 1e-8 * scale), m, v


def build(form: Form, sizes: list[int], batch: int, fits: int) -> tuple[Callable, float, int]:
    """A compiled epoch that needs no arguments, the seconds of its compilation, and its number of steps."""
    x, y = (jnp.asarray(array) for array in data.table(_ROWS, sizes[0], sizes[-1]))
    y = y if sizes[-1] == 1 else y.astype(jnp.int32)
    tree = _fresh(form, sizes)
    params, unflatten = ravel_pytree(tree) if form.flat else (tree, lambda same: same)
    chunk = max(1, form.chunk * fits)
    count = _ROWS // batch // chunk

    def step(carry: tuple, x: Any, y: Any) -> tuple:
        p, m, v, t = carry
        t = t + 1
        g = jax.grad(lambda tree: loss(forward(form, tree, x), y))(unflatten(p))
        g = ravel_pytree(g)[0] if form.flat else g
        moved = jax.tree.map(lambda p, m, v, g: adam(p, m, v, g, t), p, m, v, g)
        return *jax.tree.transpose(jax.tree.structure(p), jax.tree.structure((0, 0, 0)), moved), t

    def epoch(carry: tuple, order: Any) -> tuple:
        def outer(index: Any, carry: tuple) -> tuple:
            rows = jax.lax.dynamic_slice(order, (index * chunk * batch,), (chunk * batch,))
            here = (x[rows].reshape(chunk, batch, -1), y[rows].reshape(chunk, batch, *y.shape[1:]))
            return jax.lax.fori_loop(0, chunk, lambda i, inner: step(inner, here[0][i], here[1][i]), carry)

        return jax.lax.fori_loop(0, count, outer, carry)

    nothing = jax.tree.map(jnp.zeros_like, params)
    begin = (params, nothing, nothing, jnp.float32(0))
    order = jnp.asarray(np.random.default_rng(data.SEED).permutation(_ROWS).astype(np.int32))
    lowered = jax.jit(epoch).lower(begin, order)
    began = time.perf_counter()
    program = lowered.compile(compiler_options=form.options)
    return lambda: jax.block_until_ready(program(begin, order)), time.perf_counter() - began, count * chunk


def _fresh(form: Form, sizes: list[int]) -> list:
    rng = np.random.default_rng(data.SEED)
    leaves = []
    for a, b in itertools.pairwise(sizes):
        w = jnp.asarray(rng.standard_normal((a, b)) / a**0.5, jnp.float32)
        own = (w.T if form.turned else w, jnp.zeros(b))
        leaves.append((jnp.concatenate([w, jnp.zeros((1, b))]),) if form.bias == "folded" else own)
    return leaves


def measure(sizes: list[int], batch: int, fits: int) -> list[dict[str, str]]:
    """The table of one network; a form is compared with the first one round by round."""
    built, refused = {}, []
    for form in FORMS:
        try:
            built[form.name] = build(form, sizes, batch, fits)
        except jax.errors.JaxRuntimeError:
            refused.append({"form": form.name, "a step": "unknown to this XLA"})
    times: dict[str, list[float]] = {name: [] for name in built}
    for number in range(_ROUNDS + 1):
        for name, (run, _, steps) in built.items():
            began = time.perf_counter()
            run()
            if number:  # the first round is the warm-up
                times[name].append((time.perf_counter() - began) / steps)
    first = times[FORMS[0].name]
    return [
        {
            "form": name,
            "a step": table.seconds(statistics.median(kept)),
            "least": table.seconds(min(kept)),
            "of the first": f"{statistics.median(a / b for a, b in zip(kept, first, strict=True)):.2f}",
            "compilation": table.seconds(built[name][1]),
        }
        for name, kept in times.items()
    ] + refused


def main() -> None:
    """Measure, print, and write between the marks `<!-- forms -->` of the documents named on the command line."""
    parts = [machine.lines(machine.describe())]
    print(parts[0], flush=True)
    for sizes, batch, fits in _NETWORKS:
        parts.append(
            f"### MLP {'-'.join(map(str, sizes))}, batch {batch}\n\n{table.markdown(measure(sizes, batch, fits))}"
        )
        print(f"\n{parts[-1]}", flush=True)
    for file in map(Path, sys.argv[1:]):
        file.write_text(table.put(file.read_text(), "forms", "\n\n".join(parts)))


if __name__ == "__main__":
    main()
