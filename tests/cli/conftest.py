"""A small finished run for the commands that need one, fitted once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import photic


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CSV file of 90 rows: whether a fruit is an apple, from its roundness and its colour."""
    draw = np.random.default_rng(0)
    roundness, red = draw.random(90), draw.random(90) < 0.5
    apple = np.where(roundness + 0.5 * red > 0.75, "apple", "orange")
    lines = [f"{r:.3f},{'red' if c else 'yellow'},{a}" for r, c, a in zip(roundness, red, apple, strict=True)]
    path = tmp_path_factory.mktemp("table") / "fruit.csv"
    path.write_text("\n".join(["roundness,colour,fruit", *lines, ""]), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def run(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small run on that table."""
    folder = tmp_path_factory.mktemp("runs") / "fruit"
    photic.fit(table, "fruit", model="linear", epochs=3, folds=0, baselines=False, out=folder)
    return folder
