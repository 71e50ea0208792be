from __future__ import annotations

import numpy as np

from photic import keys
from photic.backprop import markup, names
from photic.backprop.neurons import neuron
from photic.backprop.trace import trace
from photic.layers import LSTM, BatchNorm, Dense, Embedding, Flatten, Parallel, Periodic, ReLU, Reshape, Residual
from photic.maths.losses import MSE, BinaryCrossEntropy, CrossEntropy
from photic.model import Model

NAMES = ["age", "height"]
PARAMS = {
    "layers": {
        "0": {"w": np.array([[1.0, -1.0], [2.0, 0.5]], "f"), "b": np.array([0.5, 0.0], "f")},
        "2": {"w": np.array([[3.0], [4.0]], "f"), "b": np.array([-1.0], "f")},
    }
}
MODEL = Model(Dense(2), ReLU(), Dense(1))


def lines(text):
    return [" ".join(line.split()) for line in text.splitlines()]


def test_a_trace_reads_from_top_to_bottom():
    seen = trace(MODEL, PARAMS, {}, [[1.0, 0.5]], [[6.0]], MSE(), features=NAMES, outputs=["price"])
    assert str(seen).splitlines() == [
        "One row on its way through the network, as in prediction. Read values downward, gradients upward.",
        "",
        "                       value  gradient",
        "",
        "the input  [n, d=2]",
        "  age                      1         3",
        "  height                 0.5         6",
        "",
        "layers.0 Dense(2)  [n, d=2]",
        "  w age → 0                1         3",
        "  w age → 1               -1         0",
        "  w height → 0             2       1.5",
        "  w height → 1           0.5         0",
        "  b 0                    0.5         3",
        "  b 1                      0         0",
        "  neuron 0               2.5         3",
        "  neuron 1             -0.75         0",
        "",
        "layers.1 ReLU()  [n, d=2]",
        "  neuron 0               2.5         3",
        "  neuron 1                 0         4",
        "",
        "layers.2 Dense(1)  [n, d=1]",
        "  w 0 → 0                  3       2.5",
        "  w 1 → 0                  4         0",
        "  b 0                     -1         1",
        "  price                  6.5         1",
        "",
        "loss MSE()",
        "  target of price          6",
        "  prediction of price    6.5",
        "  the loss              0.25         1",
    ]
    assert repr(seen) == "Trace of 1 row through 3 layers"


def test_of_a_wide_layer_the_steepest_come_first_and_the_rest_is_summed_up():
    w = np.array([[1.0, 2.0, 3.0, 4.0]], "f")
    params = {"layers": {"0": {"w": w, "b": np.zeros(4, "f")}}}
    seen = trace(Model(Dense(4)), params, {}, [[1.0]], [[1.0, 1.0, 9.0, 4.5]], MSE())
    text = lines(seen.text(most=2))
    at = text.index("neuron 2 3 -3")
    assert text[at : at + 3] == ["neuron 2 3 -3", "neuron 1 2 0.5", "… 2 more, within ± 4 0.25"]
    assert "w 0 → 2 3 -3" in text  # an input without a name


def test_classes_rows_and_training_are_told():
    model = Model(Dense(3), BatchNorm(), Dense(2))
    params, state = model.init(keys.root(0), (2,))
    x, y = np.array([[1.0, 0.5], [0.0, -1.0]]), [1, 0]
    seen = trace(model, params, state, x, y, CrossEntropy(), features=NAMES, outputs=["apple", "orange"], train=True)
    text = seen.text(row=1)
    assert text.startswith(
        "Row 1 of 2 on its way through the network, as in training. The gradients of weights are those"
    )
    assert "loss CrossEntropy()  target apple" in text
    found = lines(text)
    assert f"probability of orange {seen.prediction[1, 1]:.4g}" in found
    assert f"loss of this row {seen.rows[1]:.4g}" in found
    assert f"the loss, over all 2 rows {seen.value:.4g} 1" in found
    assert not any(line.startswith("running") for line in found)  # not used while training
    seen = trace(model, params, state, x[:1], y[:1], CrossEntropy())
    assert {"running mean 0 0", "running variance 2 1"} <= set(lines(str(seen)))
    assert "target output 1" in str(seen)


def test_features_keep_their_names_as_long_as_they_are_features():
    parts = ((Embedding(2, 2),), (BatchNorm(), ReLU()))
    model = Model(BatchNorm(), Parallel(parts, columns=((0, 1), (1, 3))), Residual((Dense(4),)), Dense(1))
    params, state = model.init(keys.root(0), (3,))
    names = ["island", *NAMES]
    text = lines(str(trace(model, params, state, [[1.0, 2.0, 3.0]], [[1.0]], BinaryCrossEntropy(), features=names)))
    first = text[text.index("layers.0 BatchNorm() [n, d=3]") :]
    assert first[1].startswith("scale island 1")
    assert any(line.startswith("code 1 → 0") for line in text)
    inside = text[text.index("layers.1.branches.1.0 BatchNorm() [n, d=2]") :]
    assert inside[1].startswith("scale age 1")
    after = text[text.index("layers.2.layers.0 Dense(4) [n, d=4]") :]
    assert after[1].startswith("w 2 → ") or after[1].startswith("w ")
    assert any(line.startswith("probability of output 0") for line in text)


def test_waves_are_called_by_their_feature():
    model = Model(Periodic(2), Dense(1))
    params, state = model.init(keys.root(0), (2,))
    text = lines(str(trace(model, params, state, [[1.0, 2.0]], [[1.0]], MSE(), features=NAMES)))
    waves = text[text.index("layers.0 Periodic(2) [n, d=6]") : text.index("layers.1 Dense(1) [n, d=1]")]
    named = {f"{part} wave {wave}" for part in ("age", "height") for wave in (0, 1)}
    for start in ("", "frequency ", "phase "):
        assert {name for name in named if any(line.startswith(start + name) for line in waves)} == named
    assert any(line.startswith("w height wave 1 → 0") for line in text)


def test_places_of_several_axes_are_told_by_all_of_them():
    model = Model(Reshape((2, 1)), ReLU(), Flatten(), Dense(1))
    params, state = model.init(keys.root(0), (2,))
    text = lines(str(trace(model, params, state, [[1.0, 2.0]], [[1.0]], MSE(), features=NAMES)))
    at = text.index("layers.1 ReLU() [n, t=2, d=1]")
    assert text[at + 1].startswith("[0, 0] 1 ")
    assert text[at + 2].startswith("[1, 0] 2 ")


def test_a_long_name_is_cut():
    name = "the very long name of a column that a survey once asked about"
    text = str(trace(MODEL, PARAMS, {}, [[1.0, 0.5]], [[6.0]], MSE(), features=[name, "b"]))
    found = lines(text)
    assert "the very long name of a colum… asked about 1 3" in found
    assert "w the very long name of a col…ed about → 1 -1 0" in found
    assert max(map(len, text.splitlines()[2:])) < 80


def test_a_neuron_reads_as_weights_and_rows():
    x = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, -2.0]], "f")
    assert str(neuron(MODEL, PARAMS, {}, x, 1, 0, NAMES, most=2)).splitlines() == [
        "layers.1 ReLU(), neuron 0: over 3 rows 1.333 on average, spread 1.027, silent (exactly 0) for 33% of them.",
        "",
        "its weights",
        "  height    2",
        "  age       1",
        "  bias    0.5",
        "",
        "what excites it most",
        "  row 0  2.5  height +2",
        "  row 1  1.5  age +1",
        "",
        "what silences it most",
        "  row 2    0  height -4, age +2",
        "  row 1  1.5  age +1",
    ]


def test_of_a_deeper_neuron_the_features_that_move_it_are_told():
    x = np.array([[0.0, 1.0], [1.0, 0.0]], "f")
    text = lines(str(neuron(MODEL, PARAMS, {}, x, "layers.2", 0, NAMES)))
    assert text[:3] == ["layers.2 Dense(1), neuron 0: over 2 rows 6 on average, spread 2.5.", "", "its weights"]
    assert "neuron 1 4" in text
    # only neuron 0 speaks in the second row, both in the first: 3*(1, 2) + 4*(-1, 0.5) and 3*(1, 2)
    at = text.index("what moves it, on average")
    assert text[at + 1 : at + 3] == ["height 7", "age 1"]


def test_of_a_sequence_the_gates_of_the_first_and_the_last_real_step_are_shown():
    model = Model(LSTM(2), Dense(1))
    params, state = model.init(keys.root(0), (5, 1))
    seen = trace(model, params, state, np.ones((2, 5, 1)), [[1.0], [2.0]], MSE(), lengths=[5, 3])
    text = lines(seen.text(1, most=4))
    start = text.index("forget gate [n, t=3, d=2]")
    told = seen[0].inner["forget gate"]
    assert text[start : start + 6] == [
        "forget gate [n, t=3, d=2]",
        *(
            f"step {step}, unit {unit} {told.values[1, step, unit]:.4g} {told.gradients[1, step, unit] + 0.0:.4g}"
            for step in (0, 2)
            for unit in (0, 1)
        ),
        "",
    ]
    assert names.param(model.layers[0], "w", (0, 3), None) == "w 0 → forget gate 1"
    assert names.param(model.layers[0], "r_back", (1, 6), ("age",)) == "r_back 1 → output gate 0"
    assert names.param(model.layers[0], "b", (5,), None) == "b candidate 1"
    assert len(text) < 90
    assert '<code>forget gate</code> <span class="note">[n, t=3, d=2]</span>' in markup.trace(seen, 1)
    inner = seen.to_json()["steps"][0]["inner"]["cell"]
    assert np.shape(inner["values"]) == np.shape(inner["gradients"]) == (2, 5, 2)
