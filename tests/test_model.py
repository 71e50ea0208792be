from __future__ import annotations

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photic import keys, layers, tree
from photic.errors import ShapeError, SpecError
from photic.layers import BatchNorm, Context, Dense, Dropout, Flatten, Parallel, ReLU, Reshape, Residual, Tanh
from photic.maths.initializers import draw
from photic.model import Model
from photic.spec import Knob

DEEP = Model(
    Dense(4),
    BatchNorm(),
    Residual((Dense(4), Tanh())),
    Parallel(((Dense(2), ReLU()), ()), columns=((0, 3), (1, 4))),
    Dropout(0.5),
    Dense(2),
)
X = jnp.asarray(np.random.default_rng(0).normal(size=(6, 3)), jnp.float32)
CLOSE = {"rtol": 1e-5, "atol": 1e-6}  # float32 sums of a few products

# Models as JSON: the type checker of the tests draws lots of its own, which must not happen while examples are made.
RATES = st.floats(0, 0.99) | st.fixed_dictionaries(
    {"type": st.just("knob"), "name": st.text(max_size=5), "value": st.floats(0, 0.99)}
)
COUNTS = st.integers(1, 10**6)
NAMES = st.sampled_from(["glorot_uniform", "he_normal", "zeros"])


def _json(kind, needed=None, **optional):
    return st.fixed_dictionaries({"type": st.just(kind), **(needed or {})}, optional=optional)


SIMPLE = st.one_of(
    *map(_json, ["relu", "sigmoid", "tanh", "gelu", "silu", "softplus", "softmax", "identity", "flatten"]),
    _json("dense", {"units": COUNTS}, bias=st.booleans(), initializer=NAMES, bias_initializer=NAMES),
    _json("leaky_relu", slope=RATES),
    _json("elu", alpha=st.floats(1e-3, 10)),
    _json("dropout", {"rate": RATES}),
    _json("batch_norm", momentum=RATES, epsilon=st.floats(1e-8, 1)),
    _json("layer_norm", epsilon=st.floats(1e-8, 1)),
    _json("embedding", {"levels": COUNTS, "units": COUNTS}, initializer=NAMES),
    _json("reshape", {"sizes": st.lists(COUNTS, min_size=1, max_size=3)}),
)


def _wired(inner):
    layers = st.lists(inner, min_size=1, max_size=3)
    branches = st.lists(layers | st.just([]), min_size=1, max_size=3)
    pair = st.tuples(st.integers(0, 9), st.integers(10, 19)).map(list)
    cut = branches.flatmap(
        lambda made: _json("parallel", {"branches": st.just(made), "columns": st.tuples(*[pair] * len(made)).map(list)})
    )
    return _json("residual", {"layers": layers}) | _json("parallel", {"branches": branches}) | cut


MODELS = st.lists(st.recursive(SIMPLE, _wired, max_leaves=6), min_size=1, max_size=5).map(lambda made: {"layers": made})


@given(MODELS)
def test_json_and_back_is_the_same_model(data):
    model = Model.from_json(data)
    read = Model.from_json(json.loads(json.dumps(model.to_json())))
    assert read == model
    assert hash(read) == hash(model)
    assert read.to_json() == model.to_json()


@given(MODELS)
def test_a_model_prints_as_python_that_makes_it(data):
    model = Model.from_json(data)
    assert eval(repr(model), {**vars(layers), "Model": Model, "Knob": Knob}) == model


def test_the_forward_pass_is_layer_after_layer():
    model = Model(Dense(4), ReLU(), Dense(2))
    params, state = model.init(keys.root(0), (3,))
    first, last = (jax.tree.map(np.asarray, params["layers"][i]) for i in ("0", "2"))
    by_hand = np.maximum(np.asarray(X) @ first["w"] + first["b"], 0) @ last["w"] + last["b"]
    np.testing.assert_allclose(model.apply(params, state, X)[0], by_hand, **CLOSE)


def test_weights_come_from_stable_names_to_the_bit():
    params, _ = Model(ReLU(), Dense(4), Residual((Dense(4),))).init(keys.root(7), (3,))
    key = keys.root(7)
    expected = draw("glorot_uniform", keys.fold(key, "layers", 1, "w"), (3, 4), 3, 4)
    inside = draw("glorot_uniform", keys.fold(key, "layers", 2, "layers", 0, "w"), (4, 4), 4, 4)
    assert np.array_equal(params["layers"]["1"]["w"], expected)
    assert np.array_equal(params["layers"]["2"]["layers"]["0"]["w"], inside)


def test_a_layer_added_behind_changes_no_weight_before():
    short, _ = Model(Dense(4), ReLU()).init(keys.root(0), (3,))
    long, _ = Model(Dense(4), ReLU(), Dense(2)).init(keys.root(0), (3,))
    assert np.array_equal(short["layers"]["0"]["w"], long["layers"]["0"]["w"])


def test_weights_and_state_are_flat_files_and_back():
    params, state = DEEP.init(keys.root(0), (3,))
    assert tree.unflatten(tree.flatten(params)).keys() == {"layers"}
    assert "layers.3.branches.0.0.w" in tree.flatten(params)
    assert list(tree.flatten(state)) == ["layers.1.mean", "layers.1.variance"]
    restored = [tree.unflatten(tree.flatten(kept)) for kept in (params, state)]
    assert np.array_equal(DEEP.apply(*restored, X)[0], DEEP.apply(params, state, X)[0])


def test_a_model_without_weights_has_empty_trees():
    model = Model(Flatten(), ReLU())
    assert model.init(keys.root(0), (2, 3)) == ({}, {})
    assert model.apply({}, {}, jnp.ones((1, 2, 3)))[0].shape == (1, 6)


def test_the_state_keeps_its_form_so_that_a_loop_can_carry_it():
    params, state = DEEP.init(keys.root(0), (3,))
    _, after = DEEP.apply(params, state, X, Context(train=True, key=keys.root(1)))
    assert jax.tree.structure(after) == jax.tree.structure(state)
    assert not np.array_equal(after["layers"]["1"]["mean"], state["layers"]["1"]["mean"])


def test_steps_are_the_outputs_on_the_way():
    params, state = DEEP.init(keys.root(0), (3,))
    steps = DEEP.steps(params, state, X)
    assert list(steps) == [
        "layers.0",
        "layers.1",
        "layers.2.layers.0",
        "layers.2.layers.1",
        "layers.2",
        "layers.3.branches.0.0",
        "layers.3.branches.0.1",
        "layers.3",
        "layers.4",
        "layers.5",
    ]
    assert np.array_equal(steps["layers.5"], DEEP.apply(params, state, X)[0])
    np.testing.assert_allclose(steps["layers.2"], steps["layers.1"] + steps["layers.2.layers.1"], **CLOSE)
    np.testing.assert_allclose(steps["layers.3"][:, :2], np.maximum(steps["layers.3.branches.0.0"], 0), **CLOSE)


def test_steps_work_under_jit_and_beside_another_tap():
    params, state = DEEP.init(keys.root(0), (3,))
    plain, doubled = (
        jax.jit(lambda x, at=at: DEEP.steps(params, state, x, at))(X)
        for at in (Context(), Context(tap=lambda path, y: y * 2 if path == "layers.5" else y))
    )
    np.testing.assert_allclose(doubled["layers.5"], 2 * plain["layers.5"], **CLOSE)


def test_a_tap_gives_the_gradient_at_every_layer():
    model = Model(Dense(4), Tanh(), Dense(1))
    params, state = model.init(keys.root(0), (3,))
    steps = model.steps(params, state, X)

    def total(nudges):
        at = Context(tap=lambda path, y: y + nudges[path])
        return model.apply(params, state, X, at)[0].sum()

    gradient = jax.grad(total)(jax.tree.map(jnp.zeros_like, steps))
    back = np.ones((6, 1)) @ np.asarray(params["layers"]["2"]["w"]).T
    np.testing.assert_allclose(gradient["layers.2"], np.ones((6, 1)), **CLOSE)
    np.testing.assert_allclose(gradient["layers.1"], back, **CLOSE)
    np.testing.assert_allclose(gradient["layers.0"], back * (1 - np.asarray(steps["layers.1"]) ** 2), **CLOSE)


def test_shapes_are_promised_layer_by_layer():
    assert DEEP.shapes((3,)) == ((4,), (4,), (4,), (5,), (5,), (2,))
    assert DEEP.shape((3,)) == (2,)


def refused(model, input, source="the input"):
    with pytest.raises(ShapeError) as caught:
        model.check(input, source)
    return str(caught.value)


def test_sizes_that_do_not_fit_are_refused_with_their_source():
    model = Model(Reshape((28, 28, 1)), BatchNorm(), Dense(10))
    assert refused(model, (784,)) == (
        "layers.2 Dense(10): input needs rank 2 [n, d], got rank 4 [n, h=28, w=28, c=1]\n"
        "from layers.1 BatchNorm(); put Flatten() before it."
    )


def test_an_input_that_does_not_fit_names_where_it_came_from():
    assert refused(Model(Residual((Dense(10),))), (28, 28, 1), "photos/") == (
        "layers.0.layers.0 Dense(10): input needs rank 2 [n, d], got rank 4 [n, h=28, w=28, c=1]\n"
        "from photos/; put Flatten() before it."
    )
    assert refused(DEEP, (0,), "houses.csv") == (
        "Model: input sizes must be at least 1, got [n, d=0]\nfrom houses.csv; give at least one feature."
    )


def test_weights_are_not_drawn_for_what_does_not_fit():
    with pytest.raises(ShapeError, match=r"^layers\.1 Residual"):
        Model(Dense(4), Residual((Dense(5),))).init(keys.root(0), (3,))


def test_a_summary_tells_every_layer_and_the_totals():
    assert DEEP.summary((3,)) == "\n".join(
        [
            "layer                             output    numbers",
            "the input                         [n, d=3]",
            "layers.0 Dense(4)                 [n, d=4]       16",
            "layers.1 BatchNorm()              [n, d=4]        8",
            "layers.2 Residual(...)            [n, d=4]        0",
            "  layers.2.layers.0 Dense(4)      [n, d=4]       20",
            "  layers.2.layers.1 Tanh()        [n, d=4]        0",
            "layers.3 Parallel(...)            [n, d=5]        0",
            "  layers.3.branches.0.0 Dense(2)  [n, d=2]        8",
            "  layers.3.branches.0.1 ReLU()    [n, d=2]        0",
            "layers.4 Dropout(0.5)             [n, d=5]        0",
            "layers.5 Dense(2)                 [n, d=2]       12",
            "",
            "64 numbers to learn (0.3 kB), 8 running statistics",
        ]
    )


def test_a_summary_computes_nothing_and_counts_right():
    wide = Model(Dense(1_000_000), ReLU(), Dense(100_000))  # 400 GB, if it were drawn
    assert wide.summary((9,)).endswith("100,010,100,000 numbers to learn (400,040,400.0 kB)")
    params, _ = DEEP.init(keys.root(0), (3,))
    assert f"\n{tree.count(params)} numbers" in DEEP.summary((3,))


def test_a_notebook_shows_every_layer_and_nothing_from_outside():
    page = Model(Dense(4, initializer="he_normal"), Residual((ReLU(),)))._repr_html_()
    for words in (
        "layers.1.layers.0",
        "<code>Residual(...)</code>",
        "&#x27;he_normal&#x27;",
        "Passes what is positive",
    ):
        assert words in page
    assert "http" not in page
    assert page.count("<tr>") == page.count("</tr>") == 4


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            [{"type": "dense", "units": 3}],
            'model: needs an object with a list "layers", got list\nfrom m.json; write {"layers": [{"type":',
        ),
        ({"layer": []}, 'model: needs an object with a list "layers", got no layers\nfrom m.json;'),
        ({"layers": []}, "model: needs at least one layer, got none\nfrom m.json;"),
        ({"layers": ["relu"]}, "model: layers.0 must be a layer, got 'relu'\nfrom m.json; in Python write a layer"),
        (
            {"layers": [{"type": "relu"}], "inptu": [3]},
            "model: needs known settings, got 'inptu'\nfrom m.json; did you mean 'input'? known: 'input', 'layers'.",
        ),
        (
            {"layers": [{"type": "relu"}, {"type": "conv3", "units": 3}]},
            "layers.1: needs a known type, got 'conv3'\nfrom m.json; did you mean 'conv'? known: 'average_pool', ",
        ),
        (
            {"layers": [{"type": "dropout", "rate": -0.5}]},
            "layers.0: Dropout: rate must be a number at least 0 and below",
        ),
        (
            {"layers": [{"type": "residual", "layers": [{"type": "dense", "units": "3"}]}]},
            "layers.0.layers.0 dense: units: Input should be a valid integer, got '3'\nfrom m.json; correct units.",
        ),
        (
            {"layers": [{"type": "residual", "layers": ["relu"]}]},
            "layers.0 residual: layers: Input should be an instance",
        ),
        ({"layers": [{"type": "knob", "name": "a", "value": 0.5}]}, "model: layers.0 must be a layer, got Knob("),
    ],
)
def test_json_that_is_no_model_is_refused_in_words(data, message):
    with pytest.raises(SpecError) as caught:
        Model.from_json(data, "m.json")
    assert str(caught.value).startswith(message)


def test_an_input_beside_the_layers_is_for_the_reader():
    assert Model.from_json({"input": [3], "layers": [{"type": "relu"}]}) == Model(ReLU())


def test_a_model_without_layers_is_refused():
    with pytest.raises(
        SpecError, match=r"^Model: needs at least one layer, got none\nfrom the arguments of Model; give"
    ):
        Model()
