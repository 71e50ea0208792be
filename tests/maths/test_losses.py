"""Losses against NumPy by hand, scipy.special, scikit-learn and finite differences; the words of every refusal."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import special
from sklearn import metrics as oracle
from sklearn.utils import class_weight

from photic import spec
from photic.errors import PlanError, SpecError
from photic.maths import losses
from photic.maths.losses import LOSSES, MAE, MSE, RMSE, BinaryCrossEntropy, CrossEntropy, Huber
from photic.spec import Knob

DRAW = np.random.default_rng(3)
VALUES = DRAW.normal(0, 3, (7, 2))
TARGETS = DRAW.normal(0, 3, (7, 2))
YES = DRAW.integers(0, 2, (7, 2)).astype(float)
LOGITS = DRAW.normal(0, 3, (7, 4))
CODES = DRAW.integers(0, 4, 7)
WEIGHT = np.array([1.0, 2.0, 0.0, 0.5, 1.0, 3.0, 0.25])

#: One loss of every kind with outputs and targets that fit it.
CASES = [
    pytest.param(MSE(), VALUES, TARGETS, id="mse"),
    pytest.param(RMSE(), VALUES, TARGETS, id="rmse"),
    pytest.param(MAE(), VALUES, TARGETS, id="mae"),
    pytest.param(Huber(0.7), VALUES, TARGETS, id="huber"),
    pytest.param(BinaryCrossEntropy(0.1), VALUES, YES, id="binary"),
    pytest.param(CrossEntropy(0.1), LOGITS, CODES, id="several"),
]


def rows(loss, z, y, knobs=None):
    """The rows of a loss for NumPy input, as NumPy, in float32."""
    y = jnp.asarray(y, jnp.int32 if y.ndim == 1 else jnp.float32)
    return np.asarray(jax.jit(loss.rows)(jnp.asarray(z, jnp.float32), y, knobs or {}))


def value_and_gradient(function):
    """Both at once in one program: faster to compile than operation by operation."""
    return jax.jit(jax.value_and_grad(function))


def by_hand(loss, z, y):
    """The rows of a loss written in NumPy and SciPy, in float64."""
    s = getattr(loss, "label_smoothing", 0.0)
    if isinstance(loss, CrossEntropy):
        target = np.eye(z.shape[1])[y] * (1 - s) + s / z.shape[1]
        return -(target * special.log_softmax(z, axis=1)).sum(1)
    if isinstance(loss, BinaryCrossEntropy):
        p, target = special.expit(z), y * (1 - s) + s / 2
        return -(special.xlogy(target, p) + special.xlogy(1 - target, 1 - p)).mean(1)
    if isinstance(loss, Huber):
        return special.huber(loss.delta, z - y).mean(1)
    return (np.abs(z - y) if isinstance(loss, MAE) else (z - y) ** 2).mean(1)


def test_heights_of_chapter_3():
    y = np.array([[170.0], [165.0], [160.0], [155.0], [150.0]])
    z = np.array([[165.0], [170.0], [162.0], [157.0], [153.0]])
    assert rows(MSE(), z, y).tolist() == [25.0, 25.0, 4.0, 4.0, 9.0]
    whole = {loss: losses.reduce(loss, jnp.asarray(rows(loss, z, y)), jnp.ones(5)) for loss in (MSE(), RMSE(), MAE())}
    assert whole[MSE()] == pytest.approx(13.4)
    assert whole[RMSE()] == pytest.approx(3.66, abs=0.005)
    assert whole[MAE()] == pytest.approx(3.4)


@pytest.mark.parametrize(("loss", "z", "y"), CASES)
def test_rows_agree_with_numpy_by_hand(loss, z, y):
    np.testing.assert_allclose(rows(loss, z, y), by_hand(loss, z, y), rtol=1e-5)  # float32


@pytest.mark.parametrize(("loss", "z", "y"), CASES)
def test_weighted_mean_agrees_with_numpy_by_hand(loss, z, y):
    mean = np.average(by_hand(loss, z, y), weights=WEIGHT)
    got = losses.reduce(loss, jnp.asarray(rows(loss, z, y)), jnp.asarray(WEIGHT))
    assert got == pytest.approx(np.sqrt(mean) if isinstance(loss, RMSE) else mean, rel=1e-5)


def test_cross_entropies_agree_with_scikit_learn():
    mine = losses.reduce(CrossEntropy(), jnp.asarray(rows(CrossEntropy(), LOGITS, CODES)), jnp.asarray(WEIGHT))
    p = special.softmax(LOGITS, axis=1)
    assert mine == pytest.approx(oracle.log_loss(CODES, p, sample_weight=WEIGHT, labels=range(4)), rel=1e-5)
    one = rows(BinaryCrossEntropy(), VALUES[:, :1], YES[:, :1])
    mine = losses.reduce(BinaryCrossEntropy(), jnp.asarray(one), jnp.asarray(WEIGHT))
    assert mine == pytest.approx(
        oracle.log_loss(YES[:, 0], special.expit(VALUES[:, 0]), sample_weight=WEIGHT), rel=1e-5
    )


@pytest.mark.parametrize(("loss", "z", "y"), CASES)
def test_gradient_agrees_with_finite_differences(loss, z, y):
    def whole(z):
        return losses.reduce(loss, loss.rows(z, jnp.asarray(y), {}), jnp.asarray(WEIGHT))

    with jax.enable_x64(True):
        gradient = np.asarray(jax.jit(jax.grad(whole))(jnp.asarray(z)))
        step, numeric, value = 1e-6, np.zeros_like(z), jax.jit(whole)
        for place in np.ndindex(z.shape):
            nudge = np.zeros_like(z)
            nudge[place] = step
            numeric[place] = (value(z + nudge) - value(z - nudge)) / (2 * step)
    np.testing.assert_allclose(gradient, numeric, atol=1e-8)  # central differences: step^2 plus float64 noise / step
    assert np.abs(gradient[WEIGHT == 0]).max() == 0


@pytest.mark.parametrize("sure", [20.0, 100.0, 1e4])
@pytest.mark.parametrize("right", [True, False])
def test_binary_cross_entropy_of_a_sure_model(sure, right):
    z, y = jnp.array([[sure], [-sure]]), jnp.array([[1.0], [0.0]]) if right else jnp.array([[0.0], [1.0]])
    value, gradient = value_and_gradient(lambda z: BinaryCrossEntropy().rows(z, y, {}).sum())(z)
    tail = np.exp(-sure)
    assert value == pytest.approx(2 * (np.log1p(tail) if right else sure + np.log1p(tail)), rel=1e-6, abs=1e-37)
    slope = special.expit(-sure) if right else special.expit(sure)
    # Below 1e-37 float32 has no full numbers left.
    np.testing.assert_allclose(gradient, np.array([[-slope], [slope]]) * (1 if right else -1), rtol=1e-6, atol=1e-37)


@pytest.mark.parametrize(
    ("code", "value", "gradient"), [(0, 0.0, [0, 0, 0]), (1, 1e4, [1, -1, 0]), (2, 2e4, [1, 0, -1])]
)
def test_cross_entropy_of_a_sure_model(code, value, gradient):
    z, y = jnp.array([[1e4, 0.0, -1e4]]), jnp.array([code])
    got, slope = value_and_gradient(lambda z: CrossEntropy().rows(z, y, {}).sum())(z)
    assert got == value
    assert slope.tolist() == [gradient]


def test_label_smoothing_of_a_sure_model_is_finite():
    got, slope = value_and_gradient(lambda z: BinaryCrossEntropy(0.5).rows(z, jnp.ones((1, 1)), {}).sum())(
        jnp.full((1, 1), 1e4)
    )
    assert (float(got), float(slope[0, 0])) == (2500.0, 0.25)


@pytest.mark.parametrize("loss", [MSE(), RMSE(), MAE(), Huber()])
def test_regression_losses_at_huge_errors_and_at_none(loss):
    def whole(z):
        return losses.reduce(loss, loss.rows(z, jnp.zeros((1, 1)), {}), jnp.ones(1))

    both = value_and_gradient(whole)
    slopes = {MSE(): 2e4, RMSE(): 1.0, MAE(): 1.0, Huber(): 1.0}
    for sign in (1, -1):
        assert float(both(jnp.full((1, 1), sign * 1e4))[1][0, 0]) == pytest.approx(sign * slopes[loss])
    value, gradient = both(jnp.zeros((1, 1)))
    assert (float(value), float(gradient[0, 0])) == (0.0, 0.0)


@pytest.mark.parametrize("loss", [MSE(), RMSE()])
def test_no_weight_at_all_gives_zero_with_zero_gradient(loss):
    def whole(z):
        return losses.reduce(loss, loss.rows(z, jnp.zeros((3, 1)), {}), jnp.zeros(3))

    value, gradient = value_and_gradient(whole)(jnp.ones((3, 1)))
    assert float(value) == 0
    assert gradient.ravel().tolist() == [0, 0, 0]


def test_a_row_without_weight_is_left_out_whatever_it_holds():
    held = jnp.array([1.0, jnp.nan, 3.0, jnp.inf])
    assert losses.reduce(MSE(), held, jnp.array([1.0, 0.0, 1.0, 0.0])) == 2
    assert np.isnan(losses.reduce(RMSE(), held, jnp.ones(4)))  # divergence is a result and must show


def test_predictions_are_values_or_probabilities():
    z = jnp.array([[1e4, 0.0, -1e4], [0.0, 0.0, 0.0]])
    assert MSE().predict(z) is z
    np.testing.assert_allclose(CrossEntropy().predict(z), special.softmax(np.asarray(z), axis=1), rtol=1e-6)
    np.testing.assert_allclose(BinaryCrossEntropy().predict(z[:, :1]), [[1.0], [0.5]])


@pytest.mark.parametrize(
    ("knobbed", "plain", "z", "y"),
    [
        (Huber(Knob("a", 1.0)), Huber(0.25), VALUES, TARGETS),
        (BinaryCrossEntropy(Knob("a", 0.0)), BinaryCrossEntropy(0.25), VALUES, YES),
        (CrossEntropy(Knob("a", 0.0)), CrossEntropy(0.25), LOGITS, CODES),
    ],
)
def test_a_knob_differs_by_lane(knobbed, plain, z, y):
    lanes = jax.jit(jax.vmap(lambda a: knobbed.rows(jnp.asarray(z, jnp.float32), jnp.asarray(y), {"a": a})))(
        jnp.array([0.25, 0.5])
    )
    np.testing.assert_allclose(lanes[0], rows(plain, z, y), rtol=1e-6)
    assert not np.allclose(lanes[0], lanes[1])


@pytest.mark.parametrize("loss", [*(each() for each in LOSSES.values()), Huber(2.5), CrossEntropy(Knob("s", 0.1))])
def test_json_round_trip(loss):
    assert spec.from_json(spec.to_json(loss), LOSSES, "loss", "a test") == loss
    assert hash(loss) == hash(spec.from_json(spec.to_json(loss), LOSSES, "loss", "a test"))


def test_names_and_defaults():
    assert list(LOSSES) == ["mse", "rmse", "mae", "huber", "binary_cross_entropy", "cross_entropy"]
    for kind in ("regression", "binary", "multiclass"):
        assert kind in losses.default(kind).kinds


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: Huber(-1.0),
            "Huber: delta needs to be a number above 0, got -1.0\nfrom the loss's delta; give one such as 1.0.",
        ),
        (
            lambda: Huber(float("nan")),
            "Huber: delta needs to be a number above 0, got nan\nfrom the loss's delta; give one such as 1.0.",
        ),
        (
            lambda: BinaryCrossEntropy(1.0),
            (
                "BinaryCrossEntropy: label_smoothing needs to be a number from 0 to below 1, got 1.0\n"
                "from the loss's label_smoothing; give one such as 0.1."
            ),
        ),
        (
            lambda: CrossEntropy(Knob("smoothing", -0.1)),
            (
                "CrossEntropy: label_smoothing needs to be a number from 0 to below 1, got -0.1\n"
                "from the loss's label_smoothing; give one such as 0.1."
            ),
        ),
    ],
)
def test_impossible_numbers_are_refused(make, words):
    with pytest.raises(SpecError) as refusal:
        make()
    assert str(refusal.value) == words


def test_impossible_numbers_in_json_are_refused():
    with pytest.raises(SpecError) as refusal:
        spec.from_json({"type": "huber", "delta": -1.0}, LOSSES, "loss", "plan.json")
    assert str(refusal.value) == (
        "loss: Huber: delta needs to be a number above 0, got -1.0\nfrom plan.json; give one such as 1.0."
    )


FITTING = [
    (MSE(), "regression", 0, 1, "dense"),
    (Huber(), "regression", 0, 1, "leaky_relu"),
    (BinaryCrossEntropy(), "binary", 2, 1, "dense"),
    (CrossEntropy(), "multiclass", 3, 3, "identity"),
    (CrossEntropy(), "multiclass", 3, 3, "layer_norm"),
]

REFUSED = [
    (
        (MSE(), "binary", 2, 1, "dense"),
        "loss MSE(): needs a regression task, got a binary task\nfrom the target column; choose BinaryCrossEntropy().",
    ),
    (
        (CrossEntropy(0.1), "regression", 0, 1, "dense"),
        (
            "loss CrossEntropy(0.1): needs a multiclass task, got a regression task\n"
            "from the target column; choose one of MSE(), RMSE(), MAE(), Huber()."
        ),
    ),
    (
        (MAE(), "regression", 0, 4, "dense"),
        (
            "loss MAE(): needs 1 output of the model, the value itself, got 4\n"
            "from the model's last layer, dense; end the model with Dense(1)."
        ),
    ),
    (
        (BinaryCrossEntropy(), "binary", 2, 2, "dense"),
        (
            "loss BinaryCrossEntropy(): needs 1 output of the model, the logit of the second class, got 2\n"
            "from the model's last layer, dense; end the model with Dense(1)."
        ),
    ),
    (
        (CrossEntropy(), "multiclass", 3, 1, "dense"),
        (
            "loss CrossEntropy(): needs 3 outputs of the model, one logit for each class, got 1\n"
            "from the model's last layer, dense; end the model with Dense(3)."
        ),
    ),
    (
        (CrossEntropy(), "multiclass", 3, 3, "softmax"),
        (
            "loss CrossEntropy(): needs logits, numbers of any size, got probabilities in (0, 1)\n"
            "from the model's last layer, softmax; take it away, the loss turns logits into probabilities itself."
        ),
    ),
    (
        (BinaryCrossEntropy(), "binary", 2, 1, "sigmoid"),
        (
            "loss BinaryCrossEntropy(): needs logits, numbers of any size, got probabilities in (0, 1)\n"
            "from the model's last layer, sigmoid; take it away, the loss turns logits into probabilities itself."
        ),
    ),
    (
        (BinaryCrossEntropy(), "binary", 2, 1, "relu"),
        (
            "loss BinaryCrossEntropy(): needs outputs of any size, got values in [0, inf)\n"
            "from the model's last layer, relu; take it away or put Dense(1) after it."
        ),
    ),
    (
        (MSE(), "regression", 0, 1, "dropout"),
        (
            "loss MSE(): needs every output of the model, got outputs silenced at random\n"
            "from the model's last layer, dropout; take it away or put Dense(1) after it."
        ),
    ),
    (
        (MSE(), "regression", 0, 1, "layer_norm"),
        (
            "loss MSE(): needs outputs that differ from row to row, got one normalised by itself, always the same\n"
            "from the model's last layer, layer_norm; take it away or put Dense(1) after it."
        ),
    ),
    *(
        (
            (RMSE(), "regression", 0, 1, last),
            (
                f"loss RMSE(): needs outputs of any size, got values in {values}\n"
                f"from the model's last layer, {last}; take it away or put Dense(1) after it."
            ),
        )
        for last, values in {
            "relu": "[0, inf)",
            "softplus": "(0, inf)",
            "sigmoid": "(0, 1)",
            "softmax": "(0, 1)",
            "tanh": "(-1, 1)",
            "elu": "(-1, inf)",
            "gelu": "[-0.17, inf)",
            "silu": "[-0.279, inf)",
        }.items()
    ),
]


@pytest.mark.parametrize("asked", FITTING)
def test_a_fitting_loss_passes(asked):
    losses.check(*asked, f"loss {spec.words(asked[0])}")


@pytest.mark.parametrize(("asked", "words"), REFUSED)
def test_a_loss_that_does_not_fit_is_refused(asked, words):
    with pytest.raises(PlanError) as refusal:
        losses.check(*asked, f"loss {spec.words(asked[0])}")
    assert str(refusal.value) == words


def test_class_weights_agree_with_scikit_learn():
    y = np.array([0, 0, 0, 1, 2, 2, 0])
    mine = losses.class_weights(y, 3, np.ones(7))
    np.testing.assert_allclose(mine, class_weight.compute_class_weight("balanced", classes=np.arange(3), y=y))
    weighted = losses.class_weights(y, 3, WEIGHT)
    totals = np.bincount(y, weights=WEIGHT * weighted[y])
    np.testing.assert_allclose(totals, WEIGHT.sum() / 3)  # every class counts as much in total


def test_class_weight_of_a_class_without_rows_is_zero():
    mine = losses.class_weights(np.array([0, 1, 1]), 4, np.array([1.0, 1.0, 0.0]))
    assert mine.tolist() == [0.5, 0.5, 0.0, 0.0]
