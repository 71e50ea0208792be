"""The landscape of a run agrees with what the run recorded; what cannot be looked at is refused in words."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import photic as ph
from photic.errors import DataError, PlanError, RunError
from photic.experiment.validate import cut
from photic.export import seal
from photic.optim.rules import SGD
from photic.runs.again import read_again
from photic.runs.fit import fit
from photic.runs.landscape import View
from photic.runs.run import Run
from photic.train.history import Progress
from photic.train.predict import outputs

RNG = np.random.default_rng(0)
COUNT = 80
LINES = [
    f"{size:.2f},{town},{3 * size + 9 * (town == 'b') + noise:.2f}"
    for size, town, noise in zip(RNG.normal(9, 2, COUNT), "ab" * 40, RNG.normal(0, 1, COUNT), strict=True)
]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    place = tmp_path_factory.mktemp("landscape")
    (place / "rooms.csv").write_text("\n".join(["size,town,price", *LINES]))
    return fit(
        place / "rooms.csv", "price", model=ph.mlp(1, width=8), epochs=6, folds=2, baselines=False, out=place / "run"
    )


@pytest.fixture(scope="module")
def seen(run: Run) -> View:
    return run.landscape(points=5)


def test_the_loss_at_the_kept_weights_is_the_one_the_run_recorded(run: Run, seen: View) -> None:
    path = seen.landscape.paths[0]
    own = [line for line in run.history if line["lane"] == "final"]
    kept = max(line["epoch"] for line in own if line["best"])
    assert path.kept == kept
    # The run measured its stop loss in a program of its own: 32-bit rounding apart.
    assert path.stop[path.epochs.index(kept)] == pytest.approx(own[kept - 1]["stop_loss"], rel=1e-4)
    assert [line["stop_loss"] for line in path.history] == pytest.approx([line["stop_loss"] for line in own], rel=1e-4)


def test_the_straight_slice_ends_at_the_weights_that_were_saved(run: Run, seen: View) -> None:
    path = seen.landscape.paths[0]
    straight = next(each for each in seen.landscape.slices if each.name == "straight")
    first, last = (int(np.argmin(np.abs(straight.at - share))) for share in (0.0, 1.0))
    place = path.epochs.index(path.kept)
    assert straight.stop[[first, last]] == pytest.approx([path.stop[0], path.stop[place]], rel=1e-4)
    assert straight.fit[[first, last]] == pytest.approx([path.fit[0], path.fit[place]], rel=1e-4)


def test_the_loss_of_the_saved_weights_is_that_of_a_forward_pass(run: Run, seen: View) -> None:
    straight = next(each for each in seen.landscape.slices if each.name == "straight")
    end = int(np.argmin(np.abs(straight.at - 1)))
    dataset, bundle = read_again(run.plan), run.bundle
    x = bundle.preparation.transform(dataset, width=bundle.input[0])
    z = outputs(bundle.model, bundle.params, bundle.state, x)
    error = ((z - bundle.preparation.target(dataset.y)) ** 2)[:, 0]
    final = cut(run.plan, dataset).final
    # The training was done again in another program: 32-bit rounding apart.
    assert straight.fit[end] == pytest.approx(error[final.fit].mean(), rel=1e-3)
    assert straight.stop[end] == pytest.approx(error[final.stop].mean(), rel=1e-3)


def test_it_says_that_it_found_the_same_weights_again(seen: View) -> None:
    assert seen.said[0].startswith("The training was done again, and came to the weights of the run")
    assert "only within" not in seen.said[0]


def test_a_run_at_rates_that_were_found_is_walked_again_too(run: Run, tmp_path: Path) -> None:
    found = fit(
        run.plan.source.data, "price", model="linear", learning_rate="auto", epochs=4, folds=2, baselines=False,
        out=tmp_path / "run",
    )  # fmt: skip
    seen = found.landscape(points=3)
    assert "only within" not in seen.said[0]
    own = [line["stop_loss"] for line in found.history if line["lane"] == "final"]
    assert [line["stop_loss"] for line in seen.landscape.paths[0].history] == pytest.approx(own, rel=1e-4)


def test_several_rules_begin_at_the_same_weights(run: Run) -> None:
    told: list[Progress] = []
    seen = run.landscape(rules=["sgd", SGD(0.05, momentum=0.9)], points=3, progress=told.append)
    paths = seen.landscape.paths
    assert [path.name for path in paths] == ["sgd", "SGD(0.05, momentum=0.9)"]
    assert (paths[0].fit[0], paths[0].stop[0]) == pytest.approx((paths[1].fit[0], paths[1].stop[0]), rel=1e-5)
    assert seen.said[0].startswith("The learning rate of sgd was ") and seen.said[0].endswith(", found for it.")
    assert seen.said[1] == "The learning rate of SGD(0.05, momentum=0.9) was 0.05, as given."
    assert "rates" in {each.phase for each in told} and not seen.landscape.slices


def test_given_rates_are_taken_and_a_rule_that_diverges_is_a_result(run: Run) -> None:
    seen = run.landscape(rules=["sgd", "adam"], rates=[1e9, 0.01], points=3)
    wild, calm = seen.landscape.paths
    assert wild.diverged is not None and calm.diverged is None
    assert "With sgd the training diverged in epoch 1: its steps were too long." in str(seen)
    assert np.isfinite(seen.landscape.plane.fit).all()


def test_it_shows_itself_in_a_notebook_and_as_json(seen: View) -> None:
    markup = seen._repr_html_()
    assert markup.startswith("<iframe srcdoc=") and "&lt;svg" in markup
    assert str(seen) == repr(seen)
    assert set(seen.to_json()) == {"title", "said", "paths", "plane", "slices", "rows", "statistics"}


REFUSED = [
    ({"rules": ["adm"]}, "optimizer: needs a known rule, got 'adm'\nfrom the rules option; did you mean 'adam'"),
    ({"rules": ["sgd"], "rates": [0.1, 0.2]}, "rates: needs as many as rules, got 2 for 1\nfrom the rates option"),
    ({"rates": [0.1]}, "rates: needs as many as rules, got 1 for 0\n.*give one rate for each rule, or none"),
    ({"rules": ["sgd"], "rates": [0.0]}, "rates: needs numbers above 0, got 0.0\nfrom the rates option; give a number"),
    ({"rules": ["sgd"], "rates": [float("nan")]}, "rates: needs numbers above 0, got nan"),
    ({"points": 0}, "points: needs a whole number from 3 to 201, got 0\nfrom the points option; give 31"),
    ({"points": 500}, "points: needs a whole number from 3 to 201, got 500"),
]


@pytest.mark.parametrize(("wishes", "words"), REFUSED, ids=[repr(row[0]) for row in REFUSED])
def test_a_wish_that_cannot_be_is_refused_before_anything_is_read(run: Run, wishes: dict, words: str) -> None:
    with pytest.raises(PlanError, match=words):
        run.landscape("nowhere.csv", **wishes)


def test_data_that_moved_can_be_given_and_is_missed_otherwise(run: Run, tmp_path: Path) -> None:
    bundle = dataclasses.replace(run.bundle, plan=json.loads(json.dumps(run.bundle.plan)))
    bundle.plan["source"]["data"] = str(tmp_path / "gone.csv")
    moved = Run(run.folder, bundle)
    with pytest.raises(DataError, match=r"from the plan of the run; .*; or give the place where the data is now"):
        moved.landscape(points=3)
    assert moved.landscape(run.plan.source.data, points=3).landscape.paths


def test_data_that_changed_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rooms.csv").write_text("\n".join(["size,town,price", *LINES[1:], "1.0,a,999.0"]))
    with pytest.raises(RunError, match="rooms: needs the rows the plan was made for, got other rows"):
        run.landscape(tmp_path / "rooms.csv")


def test_a_run_without_history_is_refused(run: Run) -> None:
    bare = Run(run.folder, dataclasses.replace(run.bundle, history=[]))
    with pytest.raises(
        RunError, match=r"needs the history of a final network, got none\nfrom history.jsonl; give a run"
    ):
        bare.landscape()


def test_a_run_that_diverged_is_refused_with_the_epoch(run: Run, tmp_path: Path) -> None:
    wild = fit(
        run.plan.source.data, "price", model="linear", optimizer="sgd", learning_rate=1e30, epochs=3, folds=0,
        baselines=False, out=tmp_path / "wild",
    )  # fmt: skip
    words = r"needs a training that stays among the numbers, got .* after epoch 1\n.*photic diagnose .*which says why"
    with pytest.raises(RunError, match=words):
        wild.landscape()


def test_a_run_of_a_newer_version_is_refused(run: Run, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(run.folder, tmp_path / "newer"))
    content = json.loads((folder / seal.NAME).read_text())
    (folder / seal.NAME).write_text(json.dumps(content | {"format": 99, "photic": "9.9"}))
    with pytest.raises(RunError, match=r"needs format 1 at most, .* got format 99, written by Photic 9.9"):
        ph.load(folder).landscape()
