"""A finished network as files and back: nothing lost, nothing executable, refused in words when it does not fit."""

from __future__ import annotations

import json
import math
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from photic import keys, tree
from photic.data.dataset import Column, Dataset
from photic.data.prepare import Preparation
from photic.data.task import Task
from photic.errors import PlanError, RunError
from photic.export import bundle, seal
from photic.export.bundle import Bundle
from photic.layers import BatchNorm, Dense, Dropout, Residual
from photic.model import Model

RATE = 0.1 + 0.2  # a float whose last bit is easily lost
PLAN = {"name": "penguins", "learning_rate": RATE, "said": ["Ünïcode."]}
HISTORY = [{"lane": "final", "epoch": 1, "loss": 0.1}, {"lane": "final", "epoch": 2, "loss": math.nan}]
MODEL = Model(Dense(4), Residual((BatchNorm(), Dropout(0.1))), Dense(1))


@pytest.fixture(scope="module")
def made() -> Bundle:
    columns = (Column("island", "category", ("Biscoe", "Dream")), Column("mass", "number"))
    codes = np.tile(np.array([[0], [1], [-1]], np.int32), (4, 1))
    task = Task("binary", "sex", ("female", "male"))
    data = Dataset.of("penguins", "a test", columns, np.arange(12.0)[:, None] / 7, codes, task=task)
    preparation = Preparation.fit(data, np.arange(12))
    params, state = MODEL.init(keys.root(0), (preparation.width + 1,))
    scores = {"main": "accuracy", "verdict": "It is good.", "contenders": [], "rows": {"test": 0, "fit": 9, "stop": 3}}
    test = {"rows": np.array([3, 1]), "target": np.array([0, 1], np.int32), "prediction": np.array([[0.1], [0.9]])}
    shape = (preparation.width + 1,)
    return Bundle(
        MODEL, params, state, shape, preparation, task, columns, PLAN, HISTORY, scores, {"findings": []}, test
    )


@pytest.fixture
def run(made: Bundle, tmp_path: Path) -> Path:
    bundle.write(tmp_path / "run", made)
    return tmp_path / "run"


def test_everything_comes_back(made: Bundle, run: Path) -> None:
    back = bundle.read(run)
    for name in ("model", "input", "preparation", "task", "columns", "plan", "scores", "audit"):
        assert getattr(back, name) == getattr(made, name), name
    assert back.history == [HISTORY[0], {**HISTORY[1], "loss": None}]
    for name in ("params", "state"):
        ours, theirs = tree.flatten(getattr(made, name)), tree.flatten(getattr(back, name))
        assert ours.keys() == theirs.keys()
        for path, leaf in ours.items():
            np.testing.assert_array_equal(theirs[path], leaf, strict=False, err_msg=path)
    assert back.test is not None
    for name, array in made.test.items():
        np.testing.assert_array_equal(back.test[name], array, strict=True)


def test_the_network_computes_the_same_after_loading(made: Bundle, run: Path) -> None:
    back = bundle.read(run)
    x = jnp.ones((3, *made.input))
    apply = jax.jit(MODEL.apply)
    np.testing.assert_array_equal(apply(back.params, back.state, x)[0], apply(made.params, made.state, x)[0])


def test_the_files_are_those_that_are_promised(run: Path) -> None:
    assert seal.check(run) == ()
    arrays = {"weights.safetensors", "test.safetensors"}
    values = {"run.json", "model.json", "preparation.json", "plan.json", "history.jsonl", "scores.json", "audit.json"}
    assert {path.name for path in run.iterdir()} == {*arrays, *values, "card.md"}
    assert {"params.layers.0.w", "state.layers.1.layers.0.mean"} <= load_file(run / "weights.safetensors").keys()
    assert json.loads((run / "model.json").read_text())["input"] == [5]
    assert json.loads((run / "history.jsonl").read_text().splitlines()[1])["loss"] is None
    for name in values - {"history.jsonl"}:
        assert isinstance(json.loads((run / name).read_text()), dict), name
    for name in arrays:
        assert load_file(run / name), name


def test_what_a_run_never_had_is_left_out(made: Bundle, tmp_path: Path) -> None:
    few = Bundle(made.model, made.params, made.state, made.input, made.preparation, made.task, made.columns, {}, [])
    bundle.write(tmp_path / "run", few)
    back = bundle.read(tmp_path / "run")
    assert (back.scores, back.audit, back.test, back.history) == (None, None, None, [])


def test_a_plan_that_cannot_be_written_leaves_nothing(made: Bundle, tmp_path: Path) -> None:
    plan = {"epochs": math.inf}
    bad = Bundle(made.model, made.params, made.state, made.input, made.preparation, made.task, made.columns, plan, [])
    with pytest.raises(PlanError, match=r"plan\.json epochs: needs a finite number, got inf"):
        bundle.write(tmp_path / "run", bad)
    assert not list(tmp_path.iterdir())


def test_weights_of_another_network_are_refused(run: Path) -> None:
    weights = load_file(run / "weights.safetensors")
    path = run / "weights.safetensors"
    cases = [
        ({**weights, "params.layers.0.w": np.zeros((5, 3), np.float32)}, r"layers\.0\.w: needs \[5, 4\], got \[5, 3\]"),
        (
            {name: weights[name] for name in weights if name != "params.layers.2.b"},
            r"layers\.2\.b: needs \[1\], got nothing",
        ),
        ({**weights, "params.layers.9.w": np.zeros(2)}, r"layers\.9\.w: needs to be absent, got \[2\]"),
    ]
    for arrays, words in cases:
        save_file(arrays, path)
        with pytest.raises(
            RunError, match=rf"params\.{words}\nfrom .*model\.json, which describes another network; put"
        ):
            bundle.read(run)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(RunError, match="needs a whole safetensors file, got "):
        bundle.read(run)


def test_files_that_are_not_what_they_should_be_are_refused(run: Path) -> None:
    cases = [
        ("plan.json", "[1]", r"plan\.json: needs an object, got a list"),
        ("plan.json", "{", r"plan\.json: needs whole JSON text, got "),
        ("preparation.json", '{"task": 1}', r"preparation\.json: needs 'columns', got an object without it"),
        ("model.json", '{"layers": []}', r"model\.json: needs 'input', got an object without it"),
        ("scores.json", "null", r"scores\.json: needs an object, got a NoneType"),
    ]
    for name, text, words in cases:
        whole = (run / name).read_bytes()
        (run / name).write_text(text)
        with pytest.raises(RunError, match=words):
            bundle.read(run)
        (run / name).write_bytes(whole)
    (run / "plan.json").unlink()
    with pytest.raises(RunError, match=r"plan\.json: needs a file that can be read, got no such file or directory"):
        bundle.read(run)
