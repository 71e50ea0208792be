"""Looking into a run: a trace ends in the run's own prediction, and what does not exist is refused in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photic.cli import main
from photic.errors import RequestError, RunError
from photic.runs.fit import fit
from photic.runs.run import Run

RNG = np.random.default_rng(0)
COUNT = 60
LINES = [
    f"{size:.2f},{town},{3 * size + 9 * (town == 'b'):.2f}"
    for size, town in zip(RNG.normal(9, 2, COUNT), "ab" * 30, strict=True)
]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    place = tmp_path_factory.mktemp("look")
    (place / "rooms.csv").write_text("\n".join(["size,town,price", *LINES]))
    return fit(place / "rooms.csv", "price", epochs=4, folds=0, baselines=False, out=place / "run")


def test_a_trace_ends_in_the_runs_own_prediction(run: Run) -> None:
    found = run.trace(row=7)
    told = run.bundle.preparation.untarget(np.asarray(found.prediction, float))
    source = run.plan.source.data
    assert told[0, 0] == pytest.approx(run.predict(source).values[7], rel=1e-5)
    assert found.features[:3] == ("size", "town=a", "town=b")


def test_a_neuron_is_opened_with_the_names_of_its_columns(run: Run) -> None:
    found = run.neuron("layers.1", 2)
    names = {name for name, _ in found.weights}
    assert {"size", "town=a", "town=b"} <= names and len(found.values) == COUNT
    assert found.exciting[0].value == pytest.approx(found.values.max())


def test_other_rows_may_be_given(run: Run) -> None:
    rows = {"size": [9.0, 11.0], "town": ["a", "b"], "price": [27.0, 42.0]}
    with pytest.raises(RunError, match="needs the columns it was fitted on, got other columns"):
        run.trace(0, rows)


@pytest.mark.parametrize("row", [-1, COUNT])
def test_a_row_that_does_not_exist_is_refused(run: Run, row: int) -> None:
    with pytest.raises(RequestError, match=rf"rooms: needs a row from 0 to {COUNT - 1}, got {row}"):
        run.trace(row)


def test_a_layer_or_neuron_that_does_not_exist_is_refused(run: Run) -> None:
    with pytest.raises(RequestError, match="layer: needs a layer of the model, got 99"):
        run.neuron(99, 0)
    with pytest.raises(RequestError, match="neuron"):
        run.neuron(0, 10_000)


def test_the_command_line_traces_and_opens(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", str(run.folder), "--row", "3"]) == 0
    assert "layers.1 Dense" in capsys.readouterr().out
    assert main(["show", str(run.folder), "--layer", "1", "--neuron", "1"]) == 0
    assert "what excites it most" in capsys.readouterr().out
    assert main(["trace", str(run.folder), "--row", "999"]) == 2
    assert "needs a row from 0" in capsys.readouterr().err


def test_rows_in_memory_must_be_given_again(tmp_path: Path) -> None:
    x = RNG.normal(size=(40, 2))
    run = fit(x, x[:, 0], epochs=2, folds=0, baselines=False, out=tmp_path / "run")
    with pytest.raises(RunError, match="needs rows to look at, got none"):
        run.trace(0)
    assert run.trace(0, (x, x[:, 0])).z.shape == (1, 1)
