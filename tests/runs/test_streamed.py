"""A run whose rows memory does not hold: the same network and scores as in memory, and it says so."""

from __future__ import annotations

import signal
from pathlib import Path

import jax
import numpy as np
import polars as pl
import pytest
from PIL import Image

import photic as ph
from photic.errors import PlanError
from photic.train.history import Progress

N = 600
RNG = np.random.default_rng(2)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    x = RNG.normal(size=(N, 3)).round(4)
    colours = [["red", "green", "blue"][i] for i in RNG.integers(0, 3, N)]
    frame = pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "c": x[:, 2], "colour": colours})
    frame = frame.with_columns(pl.Series("y", (2 * x[:, 0] + x[:, 1] ** 2 + RNG.normal(size=N) / 10).round(4)))
    path = tmp_path_factory.mktemp("data") / "table.csv"
    frame.write_csv(path)
    return path


@pytest.fixture(scope="module")
def runs(table: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, ph.Run]:
    folder = tmp_path_factory.mktemp("runs")
    return {
        name: ph.fit(table, "y", epochs=4, folds=0, memory=memory, out=folder / name)
        for name, memory in (("held", "1GB"), ("streamed", "10kB"))
    }


@pytest.mark.slow
def test_a_streamed_run_comes_to_the_same_network_and_scores(runs: dict[str, ph.Run]) -> None:
    held, streamed = runs["held"], runs["streamed"]
    assert held.plan.super_batch is None
    assert streamed.plan.super_batch == 3333
    for ours, theirs in zip(*(jax.tree.leaves(run.bundle.params) for run in (streamed, held)), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-5)  # another program may round in another order
    assert streamed.scores is not None
    assert held.scores is not None
    for ours, theirs in zip(streamed.scores.contenders, held.scores.contenders, strict=True):
        assert ours.name == theirs.name
        assert float(ours.test["rmse"].value) == pytest.approx(float(theirs.test["rmse"].value), abs=1e-4)
    assert streamed.audit is not None
    assert held.audit is not None
    assert streamed.audit.findings == held.audit.findings


@pytest.mark.slow
def test_it_is_said_in_the_plan_and_on_the_card(runs: dict[str, ph.Run]) -> None:
    run = runs["streamed"]
    said = next(sentence for sentence in run.plan.said if sentence.startswith("Memory"))
    assert said == (
        "Memory: the prepared rows take 22 kB, and 10 kB of memory is for rows, so they lie in a file and are "
        "streamed, 3 kB at a time; the next is read while the present one trains."
    )
    assert "are streamed" in (run.folder / "card.md").read_text()
    assert "are streamed" in (run.folder / "report.html").read_text()
    assert run.bundle.inspection


@pytest.mark.slow
def test_predictions_of_a_large_file_are_those_of_a_small_one(runs: dict[str, ph.Run], table: Path) -> None:
    run = runs["held"]
    np.testing.assert_allclose(run.predict(table, memory=1000).p, run.predict(table).p, atol=1e-6)


@pytest.mark.slow
def test_a_streamed_run_is_replayed_from_its_plan(runs: dict[str, ph.Run], tmp_path: Path) -> None:
    again = ph.replay(runs["streamed"].folder, out=tmp_path / "again")
    for ours, theirs in zip(*(jax.tree.leaves(run.bundle.params) for run in (again, runs["streamed"])), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.slow
def test_ctrl_c_keeps_the_best_weights(table: Path, tmp_path: Path) -> None:
    def watch(progress: Progress) -> None:
        if progress.phase == "training" and progress.epoch == 2:
            signal.raise_signal(signal.SIGINT)

    run = ph.fit(table, "y", epochs=50, memory="10kB", out=tmp_path / "run", progress=watch)
    assert len(run.history) == 2
    assert run.plan.said[-1].startswith("Training was ended early by Ctrl-C")


@pytest.mark.parametrize("choices", [{"folds": 3}])
def test_folds_are_refused_where_memory_does_not_hold_the_rows(table: Path, tmp_path: Path, choices: dict) -> None:
    with pytest.raises(PlanError) as problem:
        ph.fit(table, "y", memory="10kB", out=tmp_path / "run", **choices)
    assert str(problem.value) == (
        "folds: needs to be left out for rows that memory does not hold, got 3\n"
        "from the folds option; give such a value, or leave it out."
    )
    assert not (tmp_path / "run").exists()


def test_memory_for_less_than_a_batch_is_refused(table: Path, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"memory: needs room for 3 batches of 64 rows, \d+ kB, got 1 kB"):
        ph.fit(table, "y", memory="1kB", out=tmp_path / "run")


@pytest.mark.slow
def test_pictures_are_streamed_from_their_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for label, low in (("dark", 0), ("light", 100)):
        (tmp_path / "photos" / label).mkdir(parents=True)
        for number in range(60):
            pixels = RNG.integers(low, low + 120, (8, 8), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "photos" / label / f"{number}.png")
    held, streamed = (
        ph.fit(tmp_path / "photos", epochs=3, folds=0, batch_size=8, memory=memory, out=tmp_path / str(memory))
        for memory in ("1GB", "4kB")
    )
    assert streamed.plan.super_batch is not None
    assert held.scores is not None
    assert streamed.scores is not None
    assert streamed.scores.network.test["accuracy"].value == held.scores.network.test["accuracy"].value
    for ours, theirs in zip(*(jax.tree.leaves(run.bundle.params) for run in (streamed, held)), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-3)  # biases before batch norm follow rounding, under Adam
    np.testing.assert_allclose(
        streamed.predict(tmp_path / "photos", memory=1000).p, streamed.predict(tmp_path / "photos").p, atol=1e-6
    )
