"""The law of the forms: both give the same values and the same gradients."""

from __future__ import annotations

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic.kernels.recurrent import GRU, LSTM, SIMPLE, Weights, plain, run

STEPS, ROWS, UNITS = 5, 3, 4
REAL = np.arange(STEPS)[:, None] < np.array([5, 2, 0])


def arrays(cell, inputs=2):
    rng = np.random.default_rng(0)
    numbers = lambda *shape: jnp.asarray(rng.normal(size=shape))
    columns = len(cell.gates) * UNITS
    weights = Weights(numbers(inputs, columns), numbers(UNITS, columns), numbers(columns))
    return numbers(STEPS, ROWS, inputs), weights, tuple(numbers(ROWS, UNITS) for _ in cell.memory)


@pytest.mark.parametrize("inputs", [2, 20], ids=["narrow", "wide"])  # wide: multiplied before the loop
@pytest.mark.parametrize("cell", [SIMPLE["tanh"], SIMPLE["relu"], LSTM, GRU], ids=lambda cell: cell.name)
def test_both_forms_agree(cell, inputs):
    with jax.enable_x64(True):
        given = arrays(cell, inputs)
        rng = np.random.default_rng(1)
        mix, ends = rng.normal(size=(STEPS, ROWS, UNITS)), rng.normal(size=(len(cell.memory), ROWS, UNITS))

        def score(form, reverse, every, masked):
            def measure(x, weights, memory):
                real = jnp.asarray(REAL) if masked else None
                states, after = form(cell, reverse, every, x, weights, memory, real)
                total = sum((end * last).sum() for end, last in zip(jnp.asarray(ends), after, strict=True))
                return total + (0.0 if states is None else (jnp.asarray(mix) * states).sum())

            return jax.value_and_grad(measure, argnums=(0, 1, 2))

        by_hand = lambda cell, reverse, every, *rest: run(cell, *rest, reverse=reverse, every=every)
        choices = list(itertools.product((False, True), repeat=3))
        found, expected = (
            jax.jit(lambda *given, form=form: [score(form, *choice)(*given) for choice in choices])(*given)
            for form in (by_hand, plain)
        )
    # 1e-12 in float64: the same sums in another order
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12), found, expected)
    assert len({float(value) for value, _ in found}) == len(choices)  # every choice is another function


def test_the_form_by_hand_is_taken_on_a_cpu_alone(monkeypatch):
    cell, (x, weights, memory) = SIMPLE["tanh"], arrays(SIMPLE["tanh"])
    text = lambda: str(jax.make_jaxpr(lambda x: run(cell, x, weights, memory))(x))
    assert "custom_vjp" in text()
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    assert "custom_vjp" not in text()
