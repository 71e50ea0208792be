"""Update rules: laws for all of them, driven by one table."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from photic import spec
from photic.errors import PlanError, SpecError
from photic.optim.descent import Descent
from photic.optim.rules import NAMED, RULES, SGD, Adam, AdamW, RMSProp, Rule, named
from photic.spec import Knob

# Each rule with a rate that suits all three bowls, and optax's own rule as the witness.
LAWS = [
    (SGD(0.05), optax.sgd(0.05)),
    (SGD(0.02, momentum=0.9), optax.sgd(0.02, momentum=0.9)),
    (SGD(0.02, momentum=0.9, nesterov=True), optax.sgd(0.02, momentum=0.9, nesterov=True)),
    (RMSProp(0.01), optax.rmsprop(0.01)),
    (Adam(0.05), optax.adam(0.05)),
    (AdamW(0.05, weight_decay=0.1), optax.adamw(0.05, weight_decay=0.1, mask={"w": True, "b": False})),
]

BOWLS = {
    "round": lambda w: jnp.sum((w - 1.0) ** 2),
    "long": lambda w: (w[0, 0] - 1.0) ** 2 + 10.0 * (w[0, 1] + 0.5) ** 2,
    "curved": lambda w: jnp.sum(jnp.log(jnp.cosh(2.0 * (w - 0.5)))),
}
MINIMA = {"round": [[1.0, 1.0]], "long": [[1.0, -0.5]], "curved": [[0.5, 0.5]]}


def _walk(descent: Descent, gradient: object, params: dict, steps: int, knobs: dict) -> dict:
    memory = descent.init(params, knobs)

    def step(_: int, carry: tuple) -> tuple:
        params, memory = carry
        params, memory, _ = descent.update(gradient(params), memory, params, t=jnp.float32(0), knobs=knobs)
        return params, memory

    return jax.lax.fori_loop(0, steps, step, (params, memory))[0]


@pytest.mark.parametrize("bowl", BOWLS)
@pytest.mark.parametrize("rule", [rule for rule, _ in LAWS if not isinstance(rule, AdamW)], ids=spec.words)
def test_a_rule_reaches_the_minimum_of_three_known_bowls(rule: Rule, bowl: str) -> None:
    found = _walk(Descent(rule), jax.grad(lambda p: BOWLS[bowl](p["w"])), {"w": jnp.zeros((1, 2))}, 800, {})
    # RMSProp circles the minimum at about its own rate, 0.01.
    np.testing.assert_allclose(found["w"], MINIMA[bowl], atol=0.02)


@pytest.mark.parametrize(("rule", "witness"), LAWS, ids=[spec.words(rule) for rule, _ in LAWS])
def test_a_rule_walks_as_optax_does(rule: Rule, witness: optax.GradientTransformation) -> None:
    params = {"w": jnp.array([[1.0, -2.0]]), "b": jnp.array([0.5])}
    gradient = jax.grad(lambda p: jnp.sum(p["w"] ** 4) + jnp.sum((p["b"] - 2.0) ** 2))
    ours = _walk(Descent(rule), gradient, params, 5, {})
    theirs, memory = params, witness.init(params)
    for _ in range(5):
        with jax.numpy_dtype_promotion("standard"):  # optax mixes dtypes
            updates, memory = witness.update(gradient(theirs), memory, theirs)
        theirs = optax.apply_updates(theirs, updates)
    for name in params:  # float32 sums in another order
        np.testing.assert_allclose(ours[name], theirs[name], rtol=2e-6)


@pytest.mark.parametrize("rule", RULES.values())
def test_every_number_of_a_rule_may_be_a_knob_and_differ_from_lane_to_lane(rule: type[Rule]) -> None:
    plain = rule(0.1)
    knobbed = rule(learning_rate=Knob("rate", 0.5))
    gradient = lambda params: jax.tree.map(lambda leaf: 2 * leaf, params)
    params = {"w": jnp.ones((2, 2), jnp.float32)}
    lanes = jax.vmap(lambda rate: _walk(Descent(knobbed), gradient, params, 3, {"rate": rate}))(jnp.array([0.1, 0.0]))
    expected = _walk(Descent(plain), gradient, params, 3, {})
    np.testing.assert_allclose(lanes["w"][0], expected["w"], rtol=1e-6)  # vmap rounds in another order
    np.testing.assert_array_equal(lanes["w"][1], params["w"])


def test_momentum_and_betas_may_be_knobs() -> None:
    for rule, knobs in [
        (SGD(0.1, momentum=Knob("m", 0.0)), {"m": jnp.float32(0.9)}),
        (AdamW(0.1, b1=Knob("b1", 0.0), b2=Knob("b2", 0.0), weight_decay=Knob("d", 0.0)),
         {"b1": jnp.float32(0.9), "b2": jnp.float32(0.999), "d": jnp.float32(0.3)}),
    ]:  # fmt: skip
        plain = type(rule)(0.1, momentum=0.9) if isinstance(rule, SGD) else AdamW(0.1, weight_decay=0.3)
        gradient = lambda params: jax.tree.map(lambda leaf: 2 * leaf, params)
        params = {"w": jnp.ones((1, 1))}
        ours = _walk(Descent(rule), gradient, params, 4, knobs)
        expected = _walk(Descent(plain), gradient, params, 4, {})
        np.testing.assert_allclose(ours["w"], expected["w"], rtol=1e-5)


@pytest.mark.parametrize("rule", [rule for rule, _ in LAWS], ids=spec.words)
def test_a_rule_keeps_the_dtype(rule: Rule) -> None:
    params = {"w": jnp.ones((2, 2), jnp.bfloat16)}
    assert _walk(Descent(rule), lambda p: p, params, 1, {})["w"].dtype == jnp.bfloat16


@pytest.mark.parametrize("rule", [rule for rule, _ in LAWS], ids=spec.words)
def test_a_rule_survives_json(rule: Rule) -> None:
    assert spec.from_json(spec.to_json(rule), RULES, "rule", "a test") == rule


def test_decay_pulls_weights_and_leaves_biases() -> None:
    params = {"w": jnp.ones((2, 2)), "b": jnp.ones(2)}
    after = _walk(Descent(AdamW(0.1, weight_decay=0.5)), lambda p: jax.tree.map(jnp.zeros_like, p), params, 1, {})
    np.testing.assert_allclose(after["w"], 0.95, rtol=1e-6)
    np.testing.assert_array_equal(after["b"], params["b"])


def test_clipping_bounds_the_step_and_keeps_the_direction() -> None:
    params, gradient = {"w": jnp.zeros((1, 2))}, lambda p: {"w": jnp.array([[30.0, 40.0]])}
    after = _walk(Descent(SGD(1.0), clip=5.0), gradient, params, 1, {})
    np.testing.assert_allclose(after["w"], [[-3.0, -4.0]], rtol=1e-6)


def test_an_unknown_rule_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(PlanError, match=r"optimizer: needs a known rule, got 'adm'\n.*did you mean 'adam'"):
        named("adm")
    assert named("nesterov") is NAMED["nesterov"]


def test_numbers_that_cannot_be_are_refused() -> None:
    with pytest.raises(PlanError, match=r"SGD\(-1.0\): needs learning_rate of at least 0, got -1.0"):
        SGD(-1.0)
    with pytest.raises(PlanError, match=r"clip: needs a norm above 0, got 0\.0"):
        Descent(SGD(), clip=0.0)
    with pytest.raises(SpecError, match=r"learning_rate: Input should be a valid number"):
        spec.from_json({"type": "sgd", "learning_rate": "fast"}, RULES, "rule", "a test")
