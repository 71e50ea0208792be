"""Which form of a recurrent network XLA runs fastest on a CPU: `python -m bench.loops`.

Every form trains the same LSTM on the same sequences by plain descent. The first two are Photic's kernel; the others
are written out here, so that forms can be tried before the kernel takes one. All are compiled first, then take turns.
Seconds of processor time are told beside those of the clock: on a busy machine they still hold for what runs on one
device.
"""

from __future__ import annotations

import dataclasses
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

from bench import data, machine, table
from photic.experiment.layout import OFTEN
from photic.kernels import recurrent

_STEPS, _INPUTS, _BATCH, _BATCHES, _ROUNDS = 50, 16, 64, 10, 20


@dataclasses.dataclass(frozen=True)
class Form:
    """A way to write or to compile a recurrent network.

    Args:
        kernel: Photic's own: "by hand" or "plain"; None for the loop written here, its gradient by hand.
        before: the input is multiplied before the loop, all steps at once, and not with the state in each step.
        sums: the gradients of w, r and b are "one" product, "three" over steps and rows as two axes, or added up
            "inside" the loop.
        again: only what the gates are made of is kept, and they are computed again on the way back.
        unroll: steps of a turn of the loop.
        bend: the logistic function as "logistic", as "tanh", or "joined": one tanh for all four gates.
        split: rows lie on two devices.
        options: for XLA.
    """

    name: str
    kernel: str | None = None
    before: bool = False
    sums: str = "one"
    again: bool = False
    unroll: int = 1
    bend: str = "joined"
    split: bool = False
    options: dict[str, Any] = dataclasses.field(default_factory=lambda: dict(OFTEN))


FORMS = (
    Form("Photic: by hand", "by hand"),
    Form("Photic: automatic differentiation of the loop", "plain"),
    Form("by hand, written here"),
    Form("input before the loop", before=True),
    Form("three products for the gradients of the weights", sums="three"),
    Form("gradients of the weights in the loop", sums="inside"),
    Form("both: input before the loop, three products", before=True, sums="three"),
    Form("gates computed again", again=True),
    Form("two steps a turn", unroll=2),
    Form("five steps a turn", unroll=5),
    Form("logistic function as XLA has it", bend="logistic"),
    Form("logistic function by a tanh of its own", bend="tanh"),
    Form("vectors of 256 bits", "by hand", options={"xla_backend_optimization_level": 1}),
    Form("default optimization", "by hand", options={}),
    Form("rows on two devices", "by hand", split=True),
    Form("rows on two devices, differentiated", "plain", split=True),
)


def gates(form: Form, z: Any) -> list[Any]:
    """Input, forget, candidate and output gate."""
    u = z.shape[-1] // 4
    if form.bend == "joined":
        half = jnp.concatenate([jnp.full(2 * u, 0.5), jnp.ones(u), jnp.full(u, 0.5)])
        return jnp.split(half * jnp.tanh(half * z) + jnp.where(half < 1, 0.5, 0.0), 4, axis=-1)
    logistic = jax.nn.sigmoid if form.bend == "logistic" else lambda z: 0.5 * jnp.tanh(0.5 * z) + 0.5
    i, f, g, o = jnp.split(z, 4, axis=-1)
    return [logistic(i), logistic(f), jnp.tanh(g), logistic(o)]


def last_state(form: Form, x: Any, w: Any, r: Any, b: Any) -> Any:
    """The last state for `x: [t, n, d]`, in the given form."""
    zero = jnp.zeros((x.shape[1], r.shape[0]))
    if form.kernel is not None:
        run: Any = recurrent.run if form.kernel == "by hand" else _plain
        return run(recurrent.LSTM, x, recurrent.Weights(w, r, b), (zero, zero), every=False)[1][0]

    @jax.custom_vjp
    def state(told: Any, w: Any, r: Any) -> Any:
        return ahead(told, w, r)[0]

    def ahead(told: Any, w: Any, r: Any) -> tuple:
        whole = jnp.concatenate([r, w])

        def step(memory: tuple, now: Any) -> tuple:
            h, c = memory
            z = now + h @ r if form.before else jnp.concatenate([h, now], -1) @ whole
            i, f, g, o = found = gates(form, z)
            new = f * c + i * g
            return (o * jnp.tanh(new), new), (h, c, z if form.again else jnp.concatenate(found, -1))

        given = told @ w if form.before else told
        (h, _), kept = lax.scan(step, (zero, zero), given, unroll=form.unroll)
        return h, (told, w, r, kept)

    def back(seen: tuple, to_h: Any) -> tuple:
        told, w, r, kept = seen
        turned = r.T

        def step(to: tuple, here: tuple) -> tuple:
            to_h, to_c, to_all = to
            (h, c, found), now = here
            i, f, g, o = gates(form, found) if form.again else jnp.split(found, 4, axis=-1)
            seen = jnp.tanh(f * c + i * g)
            to_c = to_c + to_h * o * (1 - seen**2)
            parts = (to_c * g * i * (1 - i), to_c * c * f * (1 - f), to_c * i * (1 - g**2), to_h * seen * o * (1 - o))
            to_z = jnp.concatenate(parts, axis=-1)
            to_all = to_all + jnp.concatenate([h, now], -1).T @ to_z if form.sums == "inside" else to_all
            return (to_z @ turned, to_c * f, to_all), to_z

        begin = (to_h, jnp.zeros_like(to_h), jnp.zeros((len(r) + len(w), w.shape[1]) if form.sums == "inside" else ()))
        (_, _, to_all), to_z = lax.scan(step, begin, (kept, told), reverse=True, unroll=form.unroll)
        if form.sums == "three":
            sums = lambda a: jnp.einsum("tna,tnb->ab", a, to_z)
            return to_z @ w.T, jnp.concatenate([sums(told[..., :-1]), to_z.sum((0, 1))[None]]), sums(kept[0])
        if form.sums == "one":
            both = jnp.concatenate([kept[0], told], -1)
            to_all = both.reshape(-1, both.shape[-1]).T @ to_z.reshape(-1, to_z.shape[-1])
        return to_z @ w.T, to_all[len(r) :], to_all[: len(r)]

    state.defvjp(ahead, back)
    return state(jnp.concatenate([x, jnp.ones((*x.shape[:2], 1))], -1), jnp.concatenate([w, b[None]]), r)


def _plain(cell: recurrent.Cell, x: Any, weights: recurrent.Weights, memory: tuple, *, every: bool) -> tuple:
    return recurrent.plain(cell, False, every, x, weights, memory, None)


def build(form: Form, units: int) -> tuple[Callable[[], Any], float]:
    """Some training steps that need no arguments, compiled, and the seconds of the compilation."""
    mesh = jax.make_mesh((2 if form.split else 1,), ("row",), axis_types=(jax.sharding.AxisType.Auto,))
    everywhere, split = (jax.NamedSharding(mesh, jax.P(*axes)) for axes in ((), ("row",)))
    rng = np.random.default_rng(data.SEED)
    draw = lambda *shape: rng.standard_normal(shape, dtype=np.float32) / shape[0] ** 0.5
    params = {"w": draw(_INPUTS, 4 * units), "r": draw(units, 4 * units), "b": draw(4 * units), "v": draw(units, 1)}
    x, y = data.sequences(_BATCH * _BATCHES, _STEPS, _INPUTS)

    def loss(params: dict, x: Any, y: Any) -> Any:
        h = last_state(form, jnp.swapaxes(x, 0, 1), params["w"], params["r"], params["b"])
        return jnp.mean((h @ params["v"] - y) ** 2)

    def step(index: Any, params: dict) -> dict:
        cut = lambda array: lax.with_sharding_constraint(
            lax.dynamic_slice_in_dim(array, index * _BATCH, _BATCH), split if form.split else everywhere
        )
        slope = jax.grad(loss)(params, cut(x), cut(y))
        return jax.tree.map(lambda leaf, g: leaf - 0.001 * g, params, slope)

    x, y, params = jax.device_put((x, y, params), everywhere)
    with jax.set_mesh(mesh):  # the kernel asks how rows are split
        lowered = jax.jit(lambda params: lax.fori_loop(0, _BATCHES, step, params)).lower(params)
    began = time.perf_counter()
    program = lowered.compile(compiler_options=form.options)
    return lambda: jax.block_until_ready(program(params)), time.perf_counter() - began


def measure(units: int) -> list[dict[str, str]]:
    """The table of one network; a form is compared with the first one round by round."""
    built = {form.name: build(form, units) for form in FORMS if not form.split or len(jax.devices()) > 1}
    clock, work = ({name: [] for name in built} for _ in range(2))
    for number in range(_ROUNDS + 1):
        for name, (run, _) in built.items():
            began, spent = time.perf_counter(), time.process_time()
            run()
            if number:  # the first round is the warm-up
                clock[name].append((time.perf_counter() - began) / _BATCHES)
                work[name].append((time.process_time() - spent) / _BATCHES)
    first = FORMS[0].name
    ratio = lambda times, name: statistics.median(a / b for a, b in zip(times[name], times[first], strict=True))
    return [
        {
            "form": name,
            "a step": table.seconds(statistics.median(clock[name])),
            "least": table.seconds(min(clock[name])),
            "of the first": f"{ratio(clock, name):.2f}",
            "processor time": table.seconds(statistics.median(work[name])),
            "of the first's": f"{ratio(work, name):.2f}",
            "compilation": table.seconds(built[name][1]),
        }
        for name in built
    ]


def main() -> None:
    """Measure, print, and write between the marks `<!-- loops -->` of the documents named on the command line."""
    jax.config.update("jax_num_cpu_devices", 2)
    parts = [machine.lines(machine.describe())]
    print(parts[0], flush=True)
    for units in (64, 128):
        title = f"### LSTM of {units} units, {_STEPS} steps of {_INPUTS} inputs, batch {_BATCH}"
        parts.append(f"{title}\n\n{table.markdown(measure(units))}")
        print(f"\n{parts[-1]}", flush=True)
    for file in map(Path, sys.argv[1:]):
        file.write_text(table.put(file.read_text(), "loops", "\n\n".join(parts)))


if __name__ == "__main__":
    main()
