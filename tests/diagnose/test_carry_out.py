"""Described trainings carried out as they are written, and what is measured of them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from photic.data import toy
from photic.diagnose import data
from photic.diagnose.carry_out import carry_out, try_out
from photic.diagnose.described import Described
from photic.diagnose.knobbed import knobbed
from photic.diagnose.parts import Data, HeldOut, InputForm, LossUse, Stage, Start, TargetForm
from photic.errors import ShapeError, SpecError
from photic.experiment import program
from photic.layers import Dense, ReLU, Sigmoid, Softmax
from photic.optim.descent import Descent
from photic.optim.rules import SGD

pytestmark = pytest.mark.slow  # every training of another structure is compiled

DATA = Data(toy="linear", settings=(("n", 60), ("noise", 0.0)))
LINE = Described(
    DATA, (Stage(Dense(1)),), LossUse("mse"), TargetForm("values", "standard"), split=HeldOut(0.25, "shuffled"),
    descent=Descent(SGD(0.05)), batch_size=15, epochs=4,
)  # fmt: skip


def test_everything_is_measured_in_honest_units() -> None:
    evidence = carry_out(dataclasses.replace(LINE, epochs=40), seeds=2)
    assert evidence.kind == "regression" and evidence.rows == {"fit": 45, "stop": 15}
    assert [line["epoch"] for line in evidence.lanes["seed 1"]] == list(range(1, 41))
    assert list(evidence.inspected) == ["seed 1", "seed 2"]
    assert evidence.score["r2"] > 0.98 and evidence.skill(evidence.score) > 0.98
    assert evidence.chance == pytest.approx(1.0, rel=1e-3)  # a standardised target
    assert evidence.first_loss > 0.5 > evidence.history[-1]["stop_loss"]
    assert evidence.constant["r2"] < 0.01 < evidence.baseline["r2"]
    assert evidence.x.names == ("x1", "x2", "x3", "x4") and evidence.order < 0.3


def test_what_only_makes_it_bad_is_carried_out() -> None:
    bad = dataclasses.replace(
        LINE,
        descent=Descent(SGD(0.0)),
        batch_size=5000,
        split=HeldOut(method="none"),
        inputs=InputForm("none"),
        epochs=2,
    )
    evidence = carry_out(bad)
    assert evidence.score is None and evidence.rows["stop"] == 0
    assert evidence.history[0]["loss"] == pytest.approx(evidence.first_loss, rel=1e-4)  # nothing moved


def test_a_network_that_ends_in_nan_has_no_score() -> None:
    wild = dataclasses.replace(LINE, descent=Descent(SGD(1e6)), epochs=12)
    evidence = carry_out(wild)
    assert not np.isfinite(evidence.history[-1]["loss"])
    assert np.isnan(evidence.score["r2"]) and evidence.skill(evidence.score) == -np.inf


def test_values_left_out_make_every_loss_nan() -> None:
    rows = toy.linear(n=60)
    numbers = np.array(rows.numbers)
    numbers[::7, 0] = np.nan
    data = Data(dataset=dataclasses.replace(rows, numbers=numbers))
    evidence = carry_out(dataclasses.replace(LINE, data=data, inputs=InputForm("standard", missing="leave")))
    assert evidence.x.missing > 0 and not np.isfinite(evidence.history[0]["loss"])


def test_a_penalty_shrinks_weights_and_its_cost_is_in_the_loss_while_training() -> None:
    free, held = (carry_out(LINE.with_layers(Stage(Dense(1), l2=l2))) for l2 in (0.0, 1.0))
    weights = [e.inspection[-1]["layers"]["layers.0"]["weights"] for e in (free, held)]
    assert weights[1] < 0.7 * weights[0]
    assert held.history[0]["loss"] > free.history[0]["loss"]


def test_a_start_of_its_own_is_what_the_first_inspection_sees() -> None:
    same = LINE.with_layers(Stage(Dense(8), start=Start("constant", 0.25)), Stage(ReLU()), Stage(Dense(1)))
    first = carry_out(same).inspection[0]["layers"]
    assert first["layers.0"]["weights"] == pytest.approx(0.25 * np.sqrt(4 / 5))  # 32 weights of 40 numbers
    loud = LINE.with_layers(Stage(Dense(64), start=Start("normal", 0.1, mean=2.0)), Stage(ReLU()), Stage(Dense(1)))
    assert carry_out(loud).inspection[0]["layers"]["layers.0"]["weights"] == pytest.approx(
        2.0 * np.sqrt(4 / 5), rel=0.02
    )


def test_rows_without_shuffling_come_in_their_order_and_order_is_measured() -> None:
    rows = toy.moons(n=80)
    ordered = rows.take(np.argsort(rows.y, kind="stable"))
    told = Described(
        Data(dataset=ordered), (Stage(Dense(1)), Stage(Sigmoid())), LossUse("binary_cross_entropy", "probabilities"),
        split=HeldOut(0.25, "stratified", kept=True), epochs=3, shuffle=False,
    )  # fmt: skip
    in_order, mixed = carry_out(told), carry_out(dataclasses.replace(told, shuffle=True))
    assert in_order.order > 0.9 and mixed.order > 0.9  # the order of the rows themselves, shuffled later or not
    assert [data.order(each) is None for each in (in_order, mixed)] == [False, True]


def test_without_patience_the_last_network_is_kept_with_it_the_best() -> None:
    worse = dataclasses.replace(LINE, descent=Descent(SGD(1.05)), batch_size=45, epochs=6)
    last, best = carry_out(worse), carry_out(dataclasses.replace(worse, patience=6))
    losses = [line["stop_loss"] for line in last.history]
    assert losses[-1] > min(losses)
    assert best.score["r2"] > last.score["r2"]


def test_trainings_that_differ_in_numbers_share_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    carry_out(LINE)
    built: list[int] = []
    build = program.Program._build
    monkeypatch.setattr(program.Program, "_build", lambda self: built.append(1) or build(self))
    slower = carry_out(LINE.with_rule(learning_rate=0.001))
    assert not built and slower.history[0]["learning_rate"] == pytest.approx(0.001)
    assert knobbed(LINE)[3] == {"learning_rate": 0.05}
    carry_out(LINE.with_layers(Stage(Dense(2)), *LINE.layers))
    assert built == [1]


def test_an_experiment_on_few_rows_is_trained_by_the_same_program(monkeypatch: pytest.MonkeyPatch) -> None:
    held = dataclasses.replace(LINE, epochs=20, patience=5)
    carry_out(held)
    monkeypatch.setattr(program.Program, "_build", lambda self: pytest.fail("compiled again"))
    alone = try_out(held, rows=8, epochs=10, alone=True)
    assert alone.rows["fit"] == 8 and alone.skill(alone.score) > 0.98
    assert alone.skill(alone.score) == pytest.approx(alone.skill(alone.fit_score), abs=1e-3)  # 15 rows are 8, not 45
    assert len(alone.history) == 10
    others = try_out(held, rows=8, epochs=10)
    assert others.skill(others.score) < alone.skill(alone.score)


def test_what_cannot_be_is_refused_in_five_parts() -> None:
    three = Described(Data(toy="spirals"), (Stage(Dense(2)), Stage(Softmax())), LossUse("cross_entropy"))
    with pytest.raises(SpecError, match=r"the last layer: needs an output for each of 3 classes, got 2\n"):
        carry_out(three)
    images = Described(Data(toy="moons"), (Stage(Dense(2)), Stage(Dense(3))), LossUse("mse"), TargetForm("one_hot"))
    with pytest.raises(SpecError, match="needs 1 or 2 outputs for targets of 2 numbers, got 3"):
        carry_out(images)
    from photic.layers import Reshape

    with pytest.raises(ShapeError, match="put Flatten"):
        carry_out(LINE.with_layers(Stage(Reshape((2, 2))), Stage(Dense(1))))
