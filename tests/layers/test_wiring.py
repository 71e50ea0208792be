from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from photic import keys, tree
from photic.errors import ShapeError, SpecError
from photic.layers import BatchNorm, Context, Dense, Dropout, Flatten, Parallel, ReLU, Reshape, Residual, Tanh, chain

X = jnp.asarray(np.random.default_rng(0).normal(size=(4, 3)), jnp.float32)


def made(layer, input=(3,)):
    return layer.init(keys.root(0), input)


def test_a_shortcut_adds_what_goes_in():
    layer = Residual((Dense(3), Tanh()))
    params, state = made(layer)
    y, _ = layer.apply(params, state, X, Context())
    w = np.asarray(params["layers"]["0"]["w"])
    np.testing.assert_allclose(y, X + np.tanh(np.asarray(X) @ w), rtol=1e-5, atol=1e-6)  # float32, biases are 0


def test_a_shortcut_keeps_the_shape_of_anything():
    assert Residual((BatchNorm(),)).shape((5, 6, 2)) == (5, 6, 2)


def test_branches_are_joined_in_their_order():
    layer = Parallel(((Dense(2),), (ReLU(),), ()))
    params, state = made(layer)
    y, _ = layer.apply(params, state, X, Context())
    assert layer.shape((3,)) == (8,)
    left = np.asarray(X) @ np.asarray(params["branches"]["0"]["0"]["w"])
    by_hand = np.concatenate([left, np.maximum(X, 0), X], axis=1)
    np.testing.assert_allclose(y, by_hand, rtol=1e-5, atol=1e-6)  # float32


def test_every_branch_gets_its_columns():
    layer = Parallel(((), (ReLU(),)), columns=((2, 3), (0, 2)))
    y, _ = layer.apply({}, {}, X, Context())
    assert np.array_equal(y, np.concatenate([X[:, 2:], np.maximum(X[:, :2], 0)], axis=1))
    assert layer.shape((3,)) == (3,)


def test_images_are_joined_by_channels():
    assert Parallel(((), (BatchNorm(),)), columns=((0, 2), (1, 3))).shape((5, 6, 3)) == (5, 6, 4)


def test_paths_of_weights_are_those_of_the_json():
    layer = Residual((Parallel(((Dense(2), BatchNorm()), (Dense(1, bias=False),))), ReLU()))
    params, state = made(layer)
    assert list(tree.flatten(params)) == [
        "layers.0.branches.0.0.b",
        "layers.0.branches.0.0.w",
        "layers.0.branches.0.1.scale",
        "layers.0.branches.0.1.shift",
        "layers.0.branches.1.0.w",
    ]
    assert list(tree.flatten(state)) == ["layers.0.branches.0.1.mean", "layers.0.branches.0.1.variance"]


def test_keys_inside_follow_the_path():
    params, _ = made(Parallel(((), (ReLU(), Residual((Dense(3),))))))
    key = keys.fold(keys.root(0), "branches", 1, 1, "layers", 0)
    own = params["branches"]["1"]["1"]["layers"]["0"]
    assert np.array_equal(own["w"], Dense(3).init(key, (3,))[0]["w"])


def test_layers_of_one_kind_in_two_branches_draw_apart():
    layer = Parallel(((Dropout(0.5),), (Dropout(0.5),)))
    y, _ = layer.apply({}, {}, jnp.ones((1, 64)), Context(train=True, key=keys.root(0)))
    assert not np.array_equal(y[:, :64], y[:, 64:])


def test_the_running_statistics_inside_move_while_training():
    layer = Residual((Parallel(((BatchNorm(),), ()), columns=((0, 1), (1, 3))),))
    params, state = made(layer)
    _, after = layer.apply(params, state, X, Context(train=True))
    mean = tree.flatten(after)["layers.0.branches.0.0.mean"]
    np.testing.assert_allclose(mean, 0.1 * np.asarray(X)[:, :1].mean(0), rtol=1e-5)  # float32 mean of four


def test_a_tap_sees_every_output_and_may_change_it():
    seen = {}

    def tap(path, y):
        seen[path] = y
        return y * 2 if path == "here.branches.0.0" else y

    y, _ = Parallel(((ReLU(),), ())).apply({}, {}, X, Context(tap=tap, path=("here",)))
    assert list(seen) == ["here.branches.0.0"]
    assert np.array_equal(y[:, :3], 2 * np.maximum(X, 0))


def test_a_walk_visits_the_outer_before_the_inner():
    layers = (Dense(3), Residual((Parallel(((ReLU(),), ())), Dense(3))))
    assert dict(chain.walk(layers, "layers")) == {
        "layers.0": Dense(3),
        "layers.1": layers[1],
        "layers.1.layers.0": layers[1].layers[0],
        "layers.1.layers.0.branches.0.0": ReLU(),
        "layers.1.layers.1": Dense(3),
    }


def refused(layer, input):
    with pytest.raises(ShapeError) as caught:
        layer.shape(input)
    return str(caught.value)


def test_a_shortcut_around_a_changed_shape_is_refused_in_words():
    assert refused(Residual((Dense(3), Dense(4))), (3,)) == (
        "Residual(...): the layers inside must keep the shape [n, d=3], got [n, d=4]\n"
        "from layers.1 Dense(4); end them with Dense(3)."
    )
    assert refused(Residual((Flatten(),)), (2, 3)).endswith("; make them end in [n, t=2, d=3].")


def test_an_error_inside_says_where_and_from_what():
    inside = Parallel(((Reshape((3, 1, 1)), Dense(2)),))
    assert refused(Residual((ReLU(), inside)), (3,)) == (
        "layers.1.branches.0.1 Dense(2): input needs rank 2 [n, d], got rank 4 [n, h=3, w=1, c=1]\n"
        "from layers.1.branches.0.0 Reshape((3, 1, 1)); put Flatten() before it."
    )


def test_columns_outside_the_input_are_refused_in_words():
    assert refused(Parallel(((),), columns=((1, 5),)), (3,)) == (
        "Parallel(...): input needs at least 5 columns, got [n, d=3]\n"
        "from the input; correct the columns of its branches."
    )


def test_outputs_that_cannot_be_joined_are_refused_in_words():
    assert refused(Parallel(((Dense(4),), (Reshape((3, 1)),))), (3,)) == (
        "Parallel(...): the outputs of its branches must be equal on all axes but the last, "
        "got [n, d=4] and [n, t=3, d=1]\nfrom branches.1; end each branch with Flatten()."
    )


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Residual(()), "Residual: needs at least one layer, got none\nfrom the arguments of Residual; give"),
        (lambda: Parallel(()), "Parallel: needs at least one branch, got ()"),
        (
            lambda: Parallel(((), ()), columns=((0, 1),)),
            "Parallel: columns need one pair for each of 2 branches, got ((0, 1),)",
        ),
        (
            lambda: Parallel(((),), columns=((2, 2),)),
            "Parallel: columns.0 must be (start, stop) with 0 <= start < stop, got (2, 2)",
        ),
        (
            lambda: Parallel(((),), columns=((-2, 2),)),
            "Parallel: columns.0 must be (start, stop) with 0 <= start < stop, got (-2, 2)",
        ),
    ],
)
def test_wiring_that_cannot_be_is_refused_in_words(build, message):
    with pytest.raises(SpecError) as caught:
        build()
    assert str(caught.value).startswith(message)
