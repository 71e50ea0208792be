"""Described trainings: their JSON form, what they say of rows, and what they refuse."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pytest

from photic.data import toy
from photic.data.dataset import Column, Dataset
from photic.data.task import Task
from photic.diagnose.described import Described
from photic.diagnose.laid_out import lay_out, scaling
from photic.diagnose.parts import Data, HeldOut, InputForm, LossUse, Stage, Start, TargetForm
from photic.errors import RunError, SpecError
from photic.layers import Dense, Dropout, ReLU, Softmax
from photic.optim.descent import Descent
from photic.optim.rules import SGD
from photic.optim.schedules import Cosine

NET = (Stage(Dense(4), l1=0.1, l2=0.2, start=Start("normal", 0.05, 0.1)), Stage(ReLU()), Stage(Dropout(0.5)),
       Stage(Dense(3)), Stage(Softmax()))  # fmt: skip
FULL = Described(
    Data(set="iris", without=("petal width (cm)",), distinct=True), NET,
    LossUse("cross_entropy", "probabilities", label_smoothing=0.1), TargetForm("one_hot"),
    InputForm("robust", "all", "mean"), HeldOut(0.2, "tail", kept=True), Descent(SGD(0.1, momentum=0.9), Cosine(), 1.0),
    16, 7, False, "balanced", 3, 5, "all of it",
)  # fmt: skip


def test_everything_comes_back_from_json() -> None:
    assert Described.from_json(json.loads(json.dumps(FULL.to_json()))) == FULL


def test_the_example_of_the_documentation_is_read_and_every_word_of_it_is_known() -> None:
    text = (Path(__file__).parents[2] / "docs" / "described-training.md").read_text()
    example = json.loads(re.search(r"```json\n(.*?)```", text, re.DOTALL).group(1))
    described = Described.from_json(example)
    assert [type(stage.layer).__name__ for stage in described.layers] == [
        "Dense",
        "ReLU",
        "Dropout",
        "Dense",
        "Sigmoid",
    ]
    assert described.layers[0].l2 == 0.001 and described.loss.takes == "probabilities"


def test_rows_at_hand_come_back_with_kinds_levels_and_holes() -> None:
    columns = [Column("a", "number"), Column("b", "category", ("x", "y"))]
    numbers, codes = np.array([[1.5], [np.nan], [3.0]]), np.array([[0], [-1], [1]], np.int32)
    task = Task("binary", "c", ("no", "yes"))
    rows = Dataset.of("three", "a test", columns, numbers, codes, task=task, y=np.array([0, 1, 1], np.int32))
    described = Described(Data(dataset=rows), (Stage(Dense(1)),), LossUse("hinge"))
    back = Described.from_json(json.loads(json.dumps(described.to_json()))).dataset()
    np.testing.assert_array_equal(back.numbers, numbers)
    np.testing.assert_array_equal(back.codes, codes)
    np.testing.assert_array_equal(back.y, rows.y)
    assert back.columns == rows.columns and back.task == task


def test_columns_as_a_person_writes_them() -> None:
    columns = {"size": [1.5, 2.5, None, 4.5, 5.5], "sort": ["a", "b", "a", "b", "a"]}
    plan = {"data": {"columns": columns, "target": "sort"}, "layers": [{"type": "dense", "units": 1}], "loss": "hinge"}
    rows = Described.from_json(plan).dataset()
    assert rows.task.kind == "binary" and np.isnan(rows.numbers[2, 0])


def test_bare_words_stand_for_layers_losses_and_sets() -> None:
    plan = {
        "data": "iris",
        "layers": ["relu", {"type": "dense", "units": 3}],
        "loss": "cross_entropy",
        "optimizer": "sgd",
    }
    described = Described.from_json(plan)
    assert described.layers == (Stage(ReLU()), Stage(Dense(3))) and described.loss.takes == "logits"
    assert described.data == Data(set="iris") and described.descent.rule == SGD()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"loss": {"name": "mso"}}, "did you mean 'mse'?"),
        ({"loss": {"name": "mse", "takes": "logits"}}, "loss mse takes: needs a known word, got 'logits'"),
        ({"target": {"encoding": "onehot"}}, "did you mean 'one_hot'?"),
        ({"inputs": {"scaling": "standart"}}, "did you mean 'standard'?"),
        ({"split": {"method": "tial"}}, "did you mean 'tail'?"),
        ({"split": {"share": 1.0}}, "needs a share from 0 to below 1, got 1.0"),
        ({"layers": []}, "layers: needs at least one layer, got none"),
        ({"layers": [{"type": "dense", "units": 3, "activation": "relo"}]}, "did you mean 'relu'?"),
        ({"layers": [{"type": "dense", "units": 3, "l2": -1}]}, "needs l2 of at least 0, got -1.0"),
        ({"layers": [{"type": "dense", "units": 3, "initializer": {"law": "normal"}}]}, "a law and a size"),
        ({"batch_size": 0}, "batch_size: needs a whole number of at least 1, got 0"),
        ({"epochs": "ten"}, "plan epochs: needs a whole number, got 'ten'"),
        ({"data": {"toy": "moon"}}, "did you mean 'moons'?"),
        ({"data": {}}, "needs one of 'set', 'file', 'toy' and 'columns', got nothing"),
        ({"data": {"columns": {"a": [1, 2]}, "target": "b"}}, "needs the name of one of the columns, got 'b'"),
        ({"optimiser": {"type": "adam"}}, "did you mean 'optimizer'?"),
        ({"format": 9}, "needs format 1, got format 9"),
    ],
)
def test_what_cannot_be_is_said(change: dict, words: str) -> None:
    plan = {"data": {"toy": "moons"}, "layers": [{"type": "dense", "units": 1}], "loss": "hinge"} | change
    with pytest.raises((SpecError, RunError)) as caught:
        Described.from_json(plan, "plan.json").dataset()
    assert words in str(caught.value)


def test_scalings_are_their_formulas() -> None:
    x = np.array([[1.0, 5.0], [2.0, 5.0], [6.0, 5.0]])
    for method, center, scale in (("standard", 3.0, x[:, 0].std()), ("min_max", 1.0, 5.0), ("robust", 2.0, 2.5)):
        found = scaling(x, method)
        np.testing.assert_allclose([found[0][0], found[1][0]], [center, scale])
        assert found[1][1] == 1.0  # a column that never changes


def test_fitted_on_all_rows_lets_the_rows_held_out_in() -> None:
    rows = toy.linear(n=40)
    numbers = np.array(rows.numbers)
    numbers[30:] += 100
    spoiled = dataclasses.replace(rows, numbers=numbers)
    told = Described(Data(dataset=spoiled), (Stage(Dense(1)),), LossUse("mse"), split=HeldOut(0.25, "tail"))
    fair = lay_out(told)
    peeked = lay_out(dataclasses.replace(told, inputs=InputForm("standard", "all")))
    np.testing.assert_allclose(fair.x[fair.fit].mean(axis=0), 0, atol=1e-6)
    assert peeked.x[peeked.fit].mean() < -0.4
    np.testing.assert_array_equal(fair.stop, np.arange(30, 40))


def test_the_order_of_fit_rows_is_kept_or_dealt_out_once() -> None:
    told = Described(
        Data(toy="moons"), (Stage(Dense(1)),), LossUse("hinge"), split=HeldOut(0.25, "stratified", kept=True)
    )
    kept, dealt = lay_out(told), lay_out(dataclasses.replace(told, split=HeldOut(0.25, "stratified")))
    assert (np.diff(kept.fit) > 0).all() and not (np.diff(dealt.fit) > 0).all()
    np.testing.assert_array_equal(np.sort(dealt.fit), kept.fit)


def test_holes_are_filled_or_left() -> None:
    rows = toy.linear(n=20)
    numbers = np.array(rows.numbers)
    numbers[3, 0] = np.nan
    told = Described(Data(dataset=dataclasses.replace(rows, numbers=numbers)), (Stage(Dense(1)),), LossUse("mse"))
    assert np.isfinite(lay_out(told).x).all()
    left = lay_out(dataclasses.replace(told, inputs=InputForm("standard", missing="leave"))).x
    assert np.isnan(left).sum() == 1
    zero = lay_out(dataclasses.replace(told, inputs=InputForm("none", missing="zero"))).x
    assert zero[3, 0] == 0


def test_equal_rows_and_columns_are_taken_away() -> None:
    rows = toy.linear(n=20)
    doubled = rows.take(np.r_[np.arange(20), np.arange(5)])
    kept = Described(
        Data(dataset=doubled, distinct=True, without=("x2",)), (Stage(Dense(1)),), LossUse("mse")
    ).dataset()
    assert kept.n == 20 and [column.name for column in kept.columns] == ["x1", "x3", "x4"]
    np.testing.assert_array_equal(kept.numbers, rows.numbers[:, [0, 2, 3]])
