"""NumPy alone against the library: every layer, every kind of column, a whole run, and as one copied file."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic import keys, tree
from photic.data.dataset import Column, Dataset
from photic.data.encoding import ENCODINGS
from photic.data.prepare import Preparation
from photic.data.read import read, read_for
from photic.data.task import Task
from photic.export import bundle, plain
from photic.export.bundle import Bundle
from photic.layers import (
    ELU,
    GELU,
    GRU,
    LSTM,
    TYPES,
    AveragePool,
    BatchNorm,
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
)
from photic.maths import losses
from photic.model import Model
from photic.spec import Knob

CLOSE = {"rtol": 1e-5, "atol": 1e-5}  # the library computes in float32, the witness in float64

ROWS: list[tuple[Layer, tuple[int, ...]]] = [
    (Dense(3), (4,)),
    (Dense(3, bias=False), (4,)),
    (ReLU(), (4,)),
    (LeakyReLU(Knob("slope", 0.2)), (4,)),
    (LeakyReLU(), (4,)),
    (ELU(2.0), (4,)),
    (GELU(), (4,)),
    (SiLU(), (4,)),
    (Softplus(), (4,)),
    (Sigmoid(), (4,)),
    (Tanh(), (4,)),
    (Softmax(), (4,)),
    (Identity(), (4,)),
    (Dropout(0.5), (4,)),
    (BatchNorm(), (4,)),
    (BatchNorm(epsilon=0.1), (2, 3, 2)),
    (BatchNorm(frozen=True), (2, 2)),
    (Conv(4, 3, stride=2), (5, 6, 3)),
    (Conv(4, (2, 3), groups=2, padding="valid", bias=False), (4, 5, 2)),
    (Conv(2, 2, dilation=2, padding="causal"), (5, 3)),
    (Conv(2, 3, padding=(2,)), (5, 3)),
    (ConvTranspose(2, 3, stride=2), (3, 2, 3)),
    (ConvTranspose(2, 2, stride=3), (3, 2)),
    (ConvTranspose(2, 4, stride=2, padding="valid", bias=False), (3, 2)),
    (ConvTranspose(2, 4, stride=2, padding=1), (3, 2)),
    (MaxPool(), (5, 4, 2)),
    (MaxPool(3, stride=2, padding="same"), (5, 2)),
    (AveragePool((2, 3), stride=1), (3, 4, 2)),
    (AveragePool(3, padding=1), (5, 2)),
    (GlobalMaxPool(), (3, 2, 2)),
    (GlobalAveragePool(), (5, 2)),
    (SimpleRNN(3), (5, 2)),
    (SimpleRNN(3, "backward", "all", activation="relu"), (4, 2)),
    (LSTM(3, "both", "all"), (5, 2)),
    (LSTM(3, "backward"), (5, 2)),
    (GRU(3, "both"), (5, 2)),
    (GRU(2, returns="all"), (5, 2)),
    (LayerNorm(), (3, 4)),
    (LayerNorm(epsilon=0.1), (4,)),
    (Embedding(3, 2), (4,)),
    (Periodic(3), (4,)),
    (Rescale(), (4,)),
    (Rescale(0.5, 3.0), (2, 3, 1)),
    (Flip(), (3, 3, 1)),
    (Shift(1), (3, 3, 1)),
    (Crop(1), (3, 3, 1)),
    (Rotate(10.0), (3, 3, 1)),
    (Cutout(1), (3, 3, 1)),
    (Flatten(), (2, 3)),
    (Reshape((3, -1)), (6,)),
    (Residual((Dense(4), BatchNorm(), ReLU())), (4,)),
    (Parallel(((Dense(3), Residual((LayerNorm(),))), ()), columns=((0, 2), (1, 4))), (4,)),
    (Parallel(((Embedding(2, 3),), (Dense(2), BatchNorm()))), (4,)),
]


def drawn(model: Model, shape: tuple[int, ...], seed: int = 0) -> tuple[dict, dict]:
    """Params and state of random numbers, so that no bias or running mean is hidden by a zero."""
    rng = np.random.default_rng(seed)
    made = jax.eval_shape(lambda: model.init(keys.root(0), shape))
    return jax.tree.map(lambda leaf: jnp.asarray(rng.uniform(0.2, 1.5, leaf.shape), jnp.float32), made)


def weights(params: dict, state: dict) -> dict[str, np.ndarray]:
    return {
        path.partition(".")[2]: np.asarray(leaf)
        for path, leaf in tree.flatten({"params": params, "state": state}).items()
    }


@pytest.fixture(scope="module")
def cases() -> list[tuple[Model, dict, dict, np.ndarray, np.ndarray]]:
    """Every row as a model, its params and state, an input, what the library makes of it; compiled as one program."""
    found = []
    for layer, shape in ROWS:
        x = np.random.default_rng(1).normal(0, 3, (5, *shape)).round(1).astype(np.float32)
        x[0, 0] = np.nan if isinstance(layer, Embedding) else 80.0
        found.append((Model(layer), *drawn(Model(layer), shape), x))
    models = [model for model, *_ in found]
    every = jax.jit(lambda given: [model.apply(*each)[0] for model, each in zip(models, given, strict=True)])
    outputs = every([(params, state, jnp.asarray(x)) for _, params, state, x in found])
    return [(*case, np.asarray(z)) for case, z in zip(found, outputs, strict=True)]


@pytest.mark.parametrize("row", range(len(ROWS)), ids=[type(layer).__name__ for layer, _ in ROWS])
def test_every_layer_agrees(cases: list, row: int) -> None:
    model, params, state, x, z = cases[row]
    layers = json.loads(json.dumps(model.to_json()))["layers"]
    found = plain.forward(layers, plain.below(weights(params, state), "layers"), x.astype(float))
    np.testing.assert_allclose(found, z, **CLOSE)


def test_nothing_of_the_house_is_left_out() -> None:
    assert plain.LAYERS.keys() == TYPES.keys()
    assert set(TYPES.values()) == {type(layer) for layer, _ in ROWS}
    assert plain.ENCODERS.keys() == ENCODINGS.keys()


TRAINED = {
    "island": ["Biscoe"] * 9 + ["Dream"] * 9 + ["Torgersen", None],
    "sex": ["Male", "female", "Male", None] * 5,
    "tame": ["no", "yes", "yes", "no", "n/a"] * 4,
    "mass": [str(3000 + 57 * i) if i % 7 else "NA" for i in range(20)],
    "year": [2007.0, 2008.0, 2009.0, 2010.0] * 5,
    "seen": [f"2020-{1 + i % 12:02}-{1 + i:02} {i:02}:30:00" if i != 3 else None for i in range(20)],
}
NEW = {
    "year": [2008, 1e9, -1e9, np.nan, 2009],
    "island": ["Torgersen", "Biscoe ", None, "Atlantis", "na"],
    "sex": ["MALE", "Female", "other", None, "male"],
    "tame": ["YES", "no", "0", "1", None],
    "mass": ["3,100", "2e3", "", None, " 9999999 "],
    "seen": ["2021-12-31 23:59:59.5", "1969-01-02", None, "2020/3/1 06:00", "2020-05-06T07:08:09+02:00"],
    "unused": [1, 2, 3, 4, 5],
}
TARGETS = {
    "regression": np.linspace(1000, 9000, 20) ** 1.1,
    "binary": np.array(["Adelie", "Gentoo"] * 10),
    "multiclass": np.array(["Adelie", "Gentoo", "Chinstrap", "Gentoo"] * 5),
}


def made(kind: str, folder: Path, *, wider: int = 0) -> Bundle:
    """A run folder of an untrained network on a table with every kind of column and of hole."""
    data = read({**TRAINED, "target": TARGETS[kind].tolist()}, "target")
    assert data.task is not None
    assert data.task.kind == kind
    assert {column.kind for column in data.columns} == {"number", "category", "boolean", "date"}
    preparation = Preparation.fit(data, np.arange(data.n))
    shape = (preparation.width + wider,)
    model = Model(Dense(8), BatchNorm(), GELU(), Residual((Dense(8), LayerNorm())), Dense(data.task.outputs))
    params, state = drawn(model, shape)
    made = Bundle(model, params, state, shape, preparation, data.task, data.columns, {"name": "penguins"}, [])
    bundle.write(folder, made)
    return made


def expected(made: Bundle, table: object) -> np.ndarray:
    x = made.preparation.transform(read_for(table, made.columns), width=made.input[0])
    z, _ = jax.jit(made.model.apply)(made.params, made.state, jnp.asarray(x))
    return made.preparation.untarget(np.asarray(losses.default(made.task.kind).predict(z)))


@pytest.mark.slow
@pytest.mark.parametrize("kind", TARGETS)
def test_a_whole_run_agrees(tmp_path: Path, kind: str) -> None:
    network = made(kind, tmp_path / "run", wider=3)
    p = expected(network, NEW)
    scale = network.preparation.scaling.std  # the bar is a 1e-5 of the target's deviation
    np.testing.assert_allclose(plain.predict(tmp_path / "run", NEW) / scale, p / scale, **CLOSE)
    rows = [dict(zip(NEW, values, strict=True)) for values in zip(*NEW.values(), strict=True)]
    np.testing.assert_allclose(plain.predict(tmp_path / "run", rows) / scale, p / scale, **CLOSE)
    if kind != "regression":
        codes = p.argmax(1) if kind == "multiclass" else (p[:, 0] > 0.5).astype(int)
        assert plain.classes(tmp_path / "run", NEW) == [network.task.classes[code] for code in codes]


def test_each_kind_of_hole_is_prepared_alike(tmp_path: Path) -> None:
    network = made("binary", tmp_path / "run")
    prepared = json.loads((tmp_path / "run" / "preparation.json").read_text())
    x = network.preparation.transform(read_for(NEW, network.columns))
    found = plain.prepare(prepared, NEW)
    for feature, ours, theirs in zip(network.preparation.features, found.T, x.T, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6, err_msg=feature)
    assert any(feature.endswith("missing") for feature in network.preparation.features)
    assert any(feature.endswith("rare or unknown") for feature in network.preparation.features)
    assert any("month" in feature for feature in network.preparation.features)


def test_arrays_agree(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(5, 3, (40, 3))
    x[:, 1] = 7.0  # left out: it never varies
    data = read(x, rng.normal(size=40))
    preparation = Preparation.fit(data, np.arange(30))
    model = Model(Dense(1))
    params, state = drawn(model, (2,))
    assert data.task is not None
    network = Bundle(model, params, state, (2,), preparation, data.task, data.columns, {}, [])
    bundle.write(tmp_path / "run", network)
    new = np.array([[1.0, 2.0, 3.0], [np.nan, 0.0, np.inf]])
    np.testing.assert_allclose(plain.predict(tmp_path / "run", new), expected(network, new), **CLOSE)


def test_images_agree(tmp_path: Path) -> None:
    images = np.random.default_rng(0).uniform(0, 255, (12, 4, 4, 2))
    data = Dataset.of("images", "a test", (), np.empty((12, 0)), task=Task("binary", "cat", ("no", "yes")))
    object.__setattr__(data, "numbers", images)  # a Dataset of tables cannot be given images yet
    preparation = Preparation.fit(data, np.arange(10))
    model = Model(Flatten(), Dense(1))
    params, state = drawn(model, (4, 4, 2))
    assert data.task is not None
    bundle.write(tmp_path / "run", Bundle(model, params, state, (4, 4, 2), preparation, data.task, (), {}, []))
    z, _ = model.apply(params, state, jnp.asarray(preparation.transform(data)))
    np.testing.assert_allclose(plain.predict(tmp_path / "run", images), jax.nn.sigmoid(z), **CLOSE)


@pytest.mark.slow
def test_one_copied_file_is_enough(tmp_path: Path) -> None:
    network = made("multiclass", tmp_path / "run")
    shutil.copy(plain.__file__, tmp_path / "copied.py")
    program = (
        "import json, sys; sys.path.insert(0, '.'); import copied\n"
        "print(json.dumps(copied.predict('run', json.load(sys.stdin)).tolist()))\n"
        "assert not {'photic', 'jax', 'polars'} & set(sys.modules)"
    )
    table = json.dumps({**NEW, "year": [2008, 1e9, -1e9, None, 2009]})
    command = [sys.executable, "-c", program]
    child = subprocess.run(command, input=table, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert child.returncode == 0, child.stderr
    np.testing.assert_allclose(json.loads(child.stdout), expected(network, NEW), **CLOSE)


def test_it_imports_nothing_but_numpy_and_safetensors() -> None:
    nodes = list(ast.walk(ast.parse(Path(plain.__file__).read_text())))
    found = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    found |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    assert found == {"__future__", "json", "math", "re", "pathlib", "typing", "numpy", "safetensors"}


def test_what_it_cannot_read_is_said(tmp_path: Path) -> None:
    made("binary", tmp_path / "run")
    with pytest.raises(ValueError, match="table: needs the column 'island', got 'mass'; add it"):
        plain.predict(tmp_path / "run", {"mass": [1]})
    with pytest.raises(ValueError, match="column 'mass': needs numbers, got 'heavy'; correct it"):
        plain.predict(tmp_path / "run", {**NEW, "mass": ["heavy"] * 5})
    with pytest.raises(ValueError, match="column 'seen': needs dates such as 2020-12-31, got 'May'; correct it"):
        plain.predict(tmp_path / "run", {**NEW, "seen": ["May"] * 5})
    with pytest.raises(ValueError, match="layer 0: needs a known type, got 'conv4'; use a newer copy of this file"):
        plain.forward([{"type": "conv4"}], {}, np.ones((1, 1)))


def test_a_column_of_levels_keeps_its_order() -> None:
    column = Column("n", "category", ("1", "2"))
    assert column.levels == ("1", "2")
    assert plain.words([1.0, 2.0, np.nan]) == ["1", "2", None]
    assert plain.words([1.0, 2.5]) == ["1.0", "2.5"]
    assert plain.words([True, None, np.int64(3)]) == ["true", None, "3"]
