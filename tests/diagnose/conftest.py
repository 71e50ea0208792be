"""A healthy training as evidence, written by hand; each test breaks one thing of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from photic.diagnose.described import Described
from photic.diagnose.evidence import Evidence
from photic.diagnose.facts import Inputs, Targets
from photic.diagnose.parts import Data, InputForm, LossUse, Stage, TargetForm
from photic.layers import Dense, ReLU
from photic.optim.descent import Descent
from photic.optim.rules import Adam

SIZES = (12, 32, 32)


def _layers(kind: str) -> tuple[Stage, ...]:
    ends = {"regression": 1, "binary": 1, "multiclass": 3}
    inner = [Stage(layer) for units in SIZES[1:] for layer in (Dense(units, initializer="he_uniform"), ReLU())]
    return (*inner, Stage(Dense(ends[kind])))


def _setup(kind: str) -> Described:
    loss = {"regression": "mse", "binary": "binary_cross_entropy", "multiclass": "cross_entropy"}[kind]
    target = TargetForm("values", "standard") if kind == "regression" else TargetForm("codes")
    return Described(
        Data(toy="friedman" if kind == "regression" else "blobs"), _layers(kind), LossUse(loss), target,
        InputForm("standard"), descent=Descent(Adam(0.003)), epochs=40,
    )  # fmt: skip


def history(fit: Any, stop: Any, lane: str = "seed 1") -> list[dict[str, Any]]:
    """A lane's history from two curves."""
    best = np.nanargmin(np.where(np.isfinite(stop), stop, np.inf))
    return [
        {"lane": lane, "epoch": i + 1, "loss": float(a), "stop_loss": float(b), "best": i <= best}
        for i, (a, b) in enumerate(zip(fit, stop, strict=True))
    ]


def inspected(setup: Described, **changed: Any) -> list[dict[str, Any]]:
    """The first and the last inspection, of layers that do what they should; `changed` holds for all of them."""
    lines = []
    for epoch in (1, 37):
        layers = {}
        for place, stage in enumerate(setup.layers):
            found = {"mean": 0.1, "spread": 0.8, "dead": 0.02, "gradient": 0.2}
            if isinstance(stage.layer, Dense):
                found |= {"weights": 0.2, "slope": 0.03, "update": 0.02, "noise": 0.5}
            else:
                found |= {"saturated": 0.4}
            layers[f"layers.{place}"] = found | changed.get(f"layers_{place}", {})
        lines.append({"lane": "seed 1", "epoch": epoch, "layers": layers})
    return lines


@pytest.fixture
def make() -> Callable[..., Evidence]:
    """Healthy evidence for a kind of task, with changes: `make("binary", order=0.9)`."""

    def made(kind: str = "binary", **changed: Any) -> Evidence:
        setup = changed.pop("setup", None) or _setup(kind)
        at = np.arange(40)
        curve, names = np.exp(-at / 6) * 0.6 + 0.1, tuple(f"x{i}" for i in range(SIZES[0]))
        value = lambda skill: {"r2": skill, "rmse": 1 - skill} if kind == "regression" else _scores(skill, kind)
        classes = {"regression": (), "binary": ("no", "yes"), "multiclass": ("a", "b", "c")}[kind]
        counts = {"regression": (), "binary": (150, 150), "multiclass": (100, 100, 100)}[kind]
        width = (12,) * 1
        targets = {
            "regression": Targets("values", 1, -2.0, 2.0, 0.0, 1.0, None, 300, 0.0),
            "binary": Targets("codes", 1, 0.0, 1.0, 0.5, 0.5, None, 2, 0.0, counts),
            "multiclass": Targets("codes", 1, 0.0, 2.0, 1.0, 0.8, None, 3, 0.0, counts),
        }
        healthy = Evidence(
            setup=setup, kind=kind, classes=classes, rows={"fit": 300, "stop": 400},
            history=history(curve, curve + 0.03), inspection=inspected(setup, **changed.pop("layers", {})),
            x=Inputs(names, (0.0,) * width[0], (1.0,) * width[0], -3.0, 3.0, 0.0), y=targets[kind],
            chance={"regression": 1.0, "binary": 0.69, "multiclass": 1.1}[kind], first_loss=0.9,
            score=value(0.8), fit_score=value(0.85), baseline=value(0.8), baseline_name="logistic",
            constant=value(0.0), outputs={"spread": 0.9, "mean": 0.0, "low": -3.0, "high": 3.0}, order=0.0,
            duplicates=0.0, doubted=0.02,
        )  # fmt: skip
        for name, skill in changed.pop("skills", {}).items():
            changed[name] = value(skill)
        return dataclasses.replace(healthy, **changed)

    return made


def _scores(skill: float, kind: str) -> dict[str, float]:
    floor = 0.5 if kind == "binary" else 1 / 3
    value = floor + skill * (1 - floor)
    return {"balanced_accuracy": value, "accuracy": value}
