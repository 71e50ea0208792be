"""What is true of every layer, once for all of them: a new layer gets every law by one row in CASES."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic import keys, spec, tree
from photic.layers import (
    ELU,
    GELU,
    GRU,
    LSTM,
    TYPES,
    AveragePool,
    BatchNorm,
    Context,
    Conv,
    ConvTranspose,
    Crop,
    Cutout,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Flip,
    GlobalAveragePool,
    GlobalMaxPool,
    Identity,
    Layer,
    LayerNorm,
    LeakyReLU,
    MaxPool,
    Parallel,
    Periodic,
    ReLU,
    Rescale,
    Reshape,
    Residual,
    Rotate,
    Shift,
    Sigmoid,
    SiLU,
    SimpleRNN,
    Softmax,
    Softplus,
    Tanh,
    chain,
)
from photic.spec import Knob
from photic.tensor import words

ROWS = 5


@dataclasses.dataclass(frozen=True)
class Case:
    """A layer, a per-row input shape, whether the input is codes, the layer with a Knob where it says 0.3, and
    whether its input may be sequences of unequal lengths."""

    layer: Layer
    input: tuple[int, ...]
    codes: bool = False
    turned: Layer | None = None
    sequence: bool = False

    def __str__(self) -> str:
        return f"{self.layer.words()} on {words(self.input)}"

    @property
    def passes(self) -> tuple[str, ...]:
        """What it can be used for: training, and predicting where that is another program."""
        inner = {type(layer) for _, layer in chain.walk((self.layer,), "layers")}
        return ("training", "predicting") if inner & {Dropout, BatchNorm} else ("training",)

    @property
    def frozen(self) -> bool:
        """Whether it computes with params that must not learn."""
        return isinstance(self.layer, BatchNorm) and self.layer.frozen


KNOB: Any = Knob("share", 0.9)

CASES = [
    Case(Dense(4), (3,)),
    Case(Dense(4), (6, 3), sequence=True),
    Case(Dense(1, bias=False, initializer="he_normal"), (3,)),
    Case(Dense(2, bias_initializer="lecun_normal"), (1,)),
    Case(ReLU(), (3,)),
    Case(LeakyReLU(0.3), (3,), turned=LeakyReLU(KNOB)),
    Case(ELU(0.3), (3,), turned=ELU(KNOB)),
    Case(GELU(), (3,)),
    Case(SiLU(), (3,)),
    Case(Softplus(), (3,)),
    Case(Sigmoid(), (3,)),
    Case(Tanh(), (6, 3), sequence=True),
    Case(Softmax(), (6, 3), sequence=True),
    Case(Identity(), ()),
    Case(Dropout(0.3), (6, 3), turned=Dropout(KNOB), sequence=True),
    Case(BatchNorm(0.3), (3,), turned=BatchNorm(KNOB)),
    Case(BatchNorm(), (2, 2, 3)),
    Case(BatchNorm(0.3), (6, 3), sequence=True),
    Case(BatchNorm(frozen=True), (2, 3)),
    Case(Conv(4, 3), (5, 4, 3)),
    Case(Conv(4, (2, 3), stride=2, padding="valid", bias=False), (5, 6, 2)),
    Case(Conv(2, 2), (3, 2, 2, 3)),
    Case(Conv(4, 3, groups=2), (6, 4), sequence=True),
    Case(Conv(2, 2, dilation=2, padding="causal"), (6, 3), sequence=True),
    Case(Conv(2, 3, stride=2, padding=1), (6, 1), sequence=True),
    Case(ConvTranspose(2, 3, stride=2), (3, 2, 3)),
    Case(ConvTranspose(3, 2, padding="valid", bias=False), (6, 2), sequence=True),
    Case(MaxPool(2), (5, 4, 3)),
    Case(MaxPool(3, stride=2, padding="same"), (6, 3), sequence=True),
    Case(AveragePool((2, 3), stride=1), (4, 4, 2)),
    Case(AveragePool(3, stride=2, padding=1), (6, 3), sequence=True),
    Case(GlobalMaxPool(), (6, 3), sequence=True),
    Case(GlobalAveragePool(), (6, 3), sequence=True),
    Case(GlobalAveragePool(), (2, 3, 2)),
    Case(SimpleRNN(4), (6, 3), sequence=True),
    Case(SimpleRNN(2, "both", "all", activation="relu"), (6, 3), sequence=True),
    Case(LSTM(4), (6, 3), sequence=True),
    Case(LSTM(2, "backward", "all"), (6, 3), sequence=True),
    Case(LSTM(3, "both"), (6, 3), sequence=True),
    Case(LSTM(1, returns="all", recurrent_initializer="glorot_normal"), (1, 2)),
    Case(GRU(4, returns="all"), (6, 3), sequence=True),
    Case(GRU(2, "both"), (6, 3), sequence=True),
    Case(LayerNorm(), (4,)),
    Case(LayerNorm(), (6, 4), sequence=True),
    Case(Embedding(3, 2), (), codes=True),
    Case(Embedding(3, 2), (2,), codes=True),
    Case(Embedding(3, 2, sequence=True), (6,), codes=True, sequence=True),
    Case(Periodic(2), (3,)),
    Case(Rescale(0.5, -1.0), (3,)),
    Case(Rescale(2.0, 0.0), (6, 3), sequence=True),
    Case(Flip(vertical=True), (3, 4, 2)),
    Case(Shift(2), (3, 4, 2)),
    Case(Crop(2), (3, 4, 2)),
    Case(Rotate(40), (3, 4, 2)),
    Case(Cutout(2), (3, 4, 2)),
    Case(Flatten(), (2, 3)),
    Case(Flatten(), ()),
    Case(Reshape((3, -1)), (2, 6)),
    Case(Residual((Dense(3), BatchNorm(), Tanh(), Dropout(0.3))), (3,)),
    Case(Parallel(((Dense(2), Tanh()), (BatchNorm(),))), (3,)),
    Case(Parallel(((Dense(2), Tanh()), (Residual((Dense(3),)),))), (6, 3), sequence=True),
    Case(
        Parallel(((Embedding(3, 2),), (Residual((Dense(2),)),), ()), columns=((0, 1), (1, 3), (0, 2))), (3,), codes=True
    ),
]
every_case = pytest.mark.parametrize("case", CASES, ids=str)


def arrays(case: Case, seed: int = 0) -> tuple[Any, Any, jax.Array]:
    """Params and state away from their special starting values, and a batch; codes also out of range."""
    rng = np.random.default_rng(seed)
    params, state = jax.tree.map(
        lambda leaf: jnp.asarray(np.asarray(leaf) + rng.uniform(0.1, 0.5, leaf.shape), leaf.dtype),
        case.layer.init(keys.root(seed), case.input),
    )
    shape = (ROWS, *case.input)
    x = rng.integers(-1, 5, shape) if case.codes else rng.normal(size=shape)
    return params, state, jnp.asarray(x, jnp.float32)


def training(**more: Any) -> Context:
    return Context(train=True, key=keys.root(1), **more)


def same(a: Any, b: Any) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True))


def close(a: Any, b: Any, tolerance: float = 1e-5) -> None:
    # 1e-5 in float32: another order of summation under jit, vmap or another batch size, a few units in the last place
    jax.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=tolerance, atol=tolerance), a, b)


def test_every_layer_is_in_the_table():
    assert {type(case.layer) for case in CASES} == set(TYPES.values())


@every_case
def test_json_round_trip(case):
    data = json.loads(json.dumps(spec.to_json(case.layer)))
    read = spec.from_json(data, TYPES, "layer", "a test")
    assert read == case.layer
    assert hash(read) == hash(case.layer)


@every_case
def test_the_promised_shape_is_kept(case):
    params, state, x = arrays(case)
    for at in (Context(), training()):
        y, after = jax.eval_shape(lambda p, s, x, at=at: case.layer.apply(p, s, x, at), params, state, x)
        assert y.shape == (ROWS, *case.layer.shape(case.input))
        assert y.dtype == x.dtype
        assert jax.tree.map(jnp.shape, after) == jax.tree.map(jnp.shape, state)


@every_case
def test_trees_survive_a_flat_file(case):
    params, state, _ = arrays(case)
    for kept in (params, state):
        assert jax.tree.structure(tree.unflatten(tree.flatten(kept))) == jax.tree.structure(kept)


@every_case
def test_the_same_key_gives_the_same_weights_and_another_key_others(case):
    one, again, other = (case.layer.init(keys.root(seed), case.input)[0] for seed in (0, 0, 1))
    assert same(one, again)
    constant = all(np.std(leaf) == 0 for leaf in jax.tree.leaves(one))
    assert constant or not same(one, other)


@every_case
def test_a_batch_equals_its_rows(case):
    params, state, x = arrays(case)
    run = jax.jit(lambda x: case.layer.apply(params, state, x, Context())[0])
    rows = [run(jnp.asarray(row[None])) for row in np.asarray(x)]
    close(run(x), np.concatenate(rows))


@every_case
def test_predicting_is_deterministic_and_remembers_nothing(case):
    params, state, x = arrays(case)
    run = jax.jit(lambda state, key: case.layer.apply(params, state, x, Context(key=key, weight=jnp.zeros(ROWS))))
    y, after = run(state, keys.root(1))
    again, _ = run(after, keys.root(2))
    assert same(y, again)
    assert same(after, state)


@pytest.mark.parametrize(("case", "use"), [(case, use) for case in CASES for use in case.passes], ids=str)
def test_gradients_agree_with_finite_differences(case, use):
    with jax.enable_x64(True):
        params, state, x, weight = jax.tree.map(_wide, (*arrays(case), np.array([1.0, 2.0, 0.5, 1.5, 0.7])))
        rng = np.random.default_rng(2)
        mix = rng.normal(size=(ROWS, *case.layer.shape(case.input)))

        @jax.jit
        def score_and_gradient(point):
            def score(point):
                inputs = x if case.codes else point[1]
                at = training(weight=weight) if use == "training" else Context()
                y, _ = case.layer.apply(point[0], state, inputs, at)
                return (y * mix).sum()

            return jax.value_and_grad(score)(point)

        point = (params, x)
        way = jax.tree.map(lambda leaf: rng.normal(size=leaf.shape), point)
        _, gradient = score_and_gradient(point)
        if case.frozen:
            assert not any(np.any(leaf) for leaf in jax.tree.leaves(gradient[0]))
            way = (jax.tree.map(np.zeros_like, params), way[1])
        slope = sum(np.vdot(g, w) for g, w in zip(jax.tree.leaves(gradient), jax.tree.leaves(way), strict=True))
        h = 1e-6
        ahead, behind = (
            score_and_gradient(jax.tree.map(lambda p, w, h=h: _wide(p + h * w), point, way))[0].item() for h in (h, -h)
        )
    # central differences in float64: h^2 truncation 1e-12 and rounding 1e-16 / h = 1e-10, times sums of some tens
    np.testing.assert_allclose((ahead - behind) / (2 * h), slope, rtol=1e-6, atol=1e-7)


@every_case
def test_a_lane_under_jit_and_vmap_equals_its_solo_run(case):
    solo = [arrays(case, seed) for seed in (0, 1)]
    lanes = jax.tree.map(lambda *leaves: jnp.asarray(np.stack(leaves)), *solo)
    together = jax.jit(jax.vmap(lambda p, s, x: case.layer.apply(p, s, x, training())))(*lanes)
    run = jax.jit(lambda p, s, x: case.layer.apply(p, s, x, training()))
    for lane, alone in enumerate(run(*arrays) for arrays in solo):
        close(jax.tree.map(lambda leaf, lane=lane: np.asarray(leaf)[lane], together), alone)


@pytest.mark.parametrize("case", [case for case in CASES if case.turned], ids=str)
def test_a_knob_gives_each_lane_its_own_number(case):
    params, state, x = arrays(case)
    run = jax.jit(jax.vmap(lambda share: case.turned.apply(params, state, x, training(knobs={"share": share}))))
    first, second = (jax.tree.map(lambda leaf, i=i: np.asarray(leaf)[i], run(jnp.array([0.3, 0.6]))) for i in (0, 1))
    close(first, case.layer.apply(params, state, x, training()))
    assert not all(map(np.allclose, jax.tree.leaves(first), jax.tree.leaves(second)))


def test_every_number_of_a_layer_has_a_knob_in_the_table():
    numbered = {kind for kind in TYPES.values() for field in dataclasses.fields(kind) if "Number" in str(field.type)}
    assert numbered == {type(case.layer) for case in CASES if case.turned}


@every_case
def test_a_row_of_weight_0_changes_nothing_for_the_others(case):
    params, state, x = arrays(case)
    weight = np.array([1, 2, 0, 1, 0.5], np.float32)
    shape = (ROWS, *case.layer.shape(case.input))
    mix = np.random.default_rng(3).normal(size=shape).astype(np.float32)
    mix[weight == 0] = 0

    @jax.jit
    def run(x):
        def score(params):
            y, after = case.layer.apply(params, state, x, training(weight=jnp.asarray(weight)))
            return (y * mix).sum(), (y, after)

        (_, (y, after)), gradient = jax.value_and_grad(score, has_aux=True)(params)
        return y, after, gradient

    padded = np.array(x)
    padded[2] = 4.0 if case.codes else 1e3
    (y, *rest), (y_padded, *rest_padded) = run(x), run(jnp.asarray(padded))
    close(rest_padded, rest)
    close(y_padded[weight > 0], y[weight > 0])


@every_case
def test_a_batch_of_padding_alone_leaves_no_trace(case):
    params, state, x = arrays(case)
    y, after = jax.jit(lambda x: case.layer.apply(params, state, x, training(weight=jnp.zeros(ROWS))))(x)
    assert np.isfinite(y).all()
    assert same(after, state)


LENGTHS = np.array([6, 3, 3, 1, 6], np.int32)
every_sequence = pytest.mark.parametrize("case", [case for case in CASES if case.sequence], ids=str)


def garbage(x: Any, seed: int) -> jax.Array:
    """x with large numbers after the last real step of each row."""
    real = np.arange(x.shape[1]) < LENGTHS[:, None]
    noise = 1e3 * np.random.default_rng(seed).normal(size=x.shape)
    return jnp.asarray(np.where(real.reshape(*real.shape, *[1] * (x.ndim - 2)), x, noise), jnp.float32)


def mixed(case: Case) -> tuple[np.ndarray, np.ndarray | None]:
    """Weights for every number that comes out, 0 in the padding, and the lengths of what comes out."""
    after = case.layer.lengths(jnp.asarray(LENGTHS))
    after = None if after is None else np.asarray(after)
    shape = case.layer.shape(case.input)
    mix = np.random.default_rng(7).normal(size=(ROWS, *shape)).astype(np.float32)
    if after is not None:
        mix[np.arange(shape[0]) >= after[:, None]] = 0
    return mix, after


def measure(case: Case, state: Any, at: Context) -> Any:
    """From (params, x, mix): what comes out, the state after it, and the gradients of sum(y mix)."""

    def run(params, x, mix):
        def score(params, x):
            y, after = case.layer.apply(params, state, x, at)
            return (y * mix).sum(), (y, after)

        (_, out), gradients = jax.value_and_grad(score, argnums=(0, 1), has_aux=True)(params, x)
        return out, gradients

    return jax.jit(run)


@every_sequence
def test_a_padded_sequence_equals_the_same_unpadded(case):
    params, state, x = arrays(case)
    mix, after = mixed(case)
    padded = measure(case, state, Context(lengths=jnp.asarray(LENGTHS)))
    (y, _), (own, back) = padded(params, garbage(x, 0), mix)
    alone = measure(case, state, Context())
    total = jax.tree.map(jnp.zeros_like, own)
    for length in sorted(set(LENGTHS)):
        rows = np.flatnonzero(length == LENGTHS)
        steps = slice(None) if after is None else slice(after[rows[0]])
        (z, _), (part, slope) = alone(params, x[rows, :length], mix[rows][:, steps])
        close(np.asarray(y)[rows][:, steps], z)
        close(np.asarray(back)[rows, :length], slope)
        assert not np.asarray(back)[rows, length:].any()
        total = jax.tree.map(jnp.add, total, part)
    close(own, total)


@every_sequence
def test_padding_counts_nowhere_while_training(case):
    params, state, x = arrays(case)
    mix, _ = mixed(case)
    weight = jnp.array([1.0, 2.0, 0.5, 1.0, 0.0])
    run = measure(case, state, training(lengths=jnp.asarray(LENGTHS), weight=weight))
    ((y, kept), gradients), ((z, left), slopes) = (run(params, garbage(x, seed), mix) for seed in (0, 1))
    close(np.asarray(y)[mix != 0], np.asarray(z)[mix != 0])
    close((kept, gradients), (left, slopes))


def _wide(leaf):
    return jnp.asarray(leaf, jnp.float64)
