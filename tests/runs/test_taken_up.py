"""A search gone on with: after a kill, beside a living process, after Ctrl-C, and further than it was to go."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import photic as ph
from photic.errors import PlanError, RunError
from photic.experiment import asking
from photic.runs import studies
from photic.runs.studies import Study
from photic.runs.tune import join, resume, tune

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3)).astype(np.float32)
Y = np.where(X[:, 0] + 0.5 * X[:, 1] ** 2 > 0.3, "yes", "no")
NETWORK = ph.Model(ph.Dense(8), ph.ReLU(), ph.Dropout(ph.Knob("dropout", 0.1)), ph.Dense(1))
MANY = 200  # settings that a child is at work on for some seconds
SMALL = {"learning_rate": ph.log_uniform(1e-3, 1e-1), "dropout": ph.uniform(0, 0.3)}


def search(folder, *, model=NETWORK, space=SMALL, trials=6, **more) -> Study:
    same = {"outer": 0, "epochs": 9, "folds": 2, "baselines": False}
    return tune(model, X, Y, trials=trials, out=folder, space=space, **same, **more)


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Study:
    return search(tmp_path_factory.mktemp("tuned") / "run")


_CHILD = """
import sys
import numpy as np
import photic as ph
from photic.runs.tune import tune, resume
folder, trials = sys.argv[1:]
rng = np.random.default_rng(0)
x = rng.normal(size=(120, 3)).astype(np.float32)
y = np.where(x[:, 0] + 0.5 * x[:, 1] ** 2 > 0.3, "yes", "no")
np.savetxt(folder + ".csv", np.c_[x, y], fmt="%s", delimiter=",", header="a,b,c,y", comments="")
network = ph.Model(ph.Dense(8), ph.ReLU(), ph.Dense(1))
tune(network, folder + ".csv", "y", trials=int(trials), outer=0, folds=2, epochs=120, patience=120, baselines=False,
     learning_rate=ph.log_uniform(1e-3, 1e-1), out=folder)
"""


def _started(folder: Path, trials: int = 12) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", _CHILD, str(folder), str(trials)], stdout=subprocess.DEVNULL)


def _told(folder: Path) -> list[tuple]:
    study = asking.Study(asking.storage(folder / studies.JOURNAL), "final", SMALL)
    return [(asked, told) for asked, told in study.known() if told is not None]


def _wait(folder: Path, child: subprocess.Popen, count: int) -> list[tuple]:
    for _ in range(1200):
        if (folder / studies.JOURNAL).is_file() and len(told := _told(folder)) >= count:
            return told
        assert child.poll() is None, "it ended before"
        time.sleep(0.05)
    raise AssertionError("nothing was told")


def test_killed_and_taken_up_nothing_told_is_lost_or_done_twice(tmp_path):
    folder = tmp_path / "run"
    child = _started(folder)
    told = _wait(folder, child, 3)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    told = _told(folder)
    found = resume(folder)
    assert len(found.trials) == 12
    numbers = {each["number"]: each for each in found.trials}
    assert len(numbers) == 12
    for asked, before in told:
        after = numbers[asked.number]
        assert after["values"] == dict(asked.values)
        assert (after["score"], after["epochs"], after["state"]) == (before.score, before.epochs, before.state)
    assert ph.load(folder).scores is not None


def test_who_is_at_work_is_not_disturbed_but_may_be_helped(tmp_path):
    folder = tmp_path / "run"
    child = _started(folder, MANY)
    try:
        _wait(folder, child, 1)
        with pytest.raises(RunError) as error:
            resume(folder)
        assert "needs a search that nobody is at work on, got process" in str(error.value)
        assert "--join" in str(error.value)
    finally:
        child.kill()
        child.wait()


def test_two_processes_share_one_search(tmp_path):
    folder = tmp_path / "run"
    child = _started(folder, MANY)
    _wait(folder, child, 1)
    tried = join(folder)
    assert child.wait(timeout=300) == 0
    found = Study.load(folder)
    numbers = [each["number"] for each in found.trials]
    assert len(numbers) == len(set(numbers)) >= MANY
    assert 0 < tried < len(numbers)
    assert found.scores is not None


def test_other_rows_are_not_gone_on_with(tmp_path):
    folder = tmp_path / "run"
    child = _started(folder)
    _wait(folder, child, 1)
    child.kill()
    child.wait()
    with pytest.raises(RunError) as error:
        resume(folder, (X[:100], Y[:100]))
    assert "needs the rows the plan was made for, got other rows" in str(error.value)
    newer = json.loads((folder / studies.REQUEST).read_text()) | {"format": 99}
    (folder / studies.REQUEST).write_text(json.dumps(newer))
    with pytest.raises(RunError) as error:
        resume(folder)
    assert "needs format 2, which this Photic reads, got format 99" in str(error.value)


def test_a_folder_without_a_search_is_not_gone_on_with(tmp_path):
    with pytest.raises(RunError) as error:
        resume(tmp_path)
    assert "needs the folder of a search, got no search.json there" in str(error.value)


def _function(width=8):
    return ph.Model(ph.Dense(width), ph.ReLU(), ph.Dense(1))


@pytest.mark.parametrize("model", [None, "mlp", NETWORK, _function], ids=["usual", "named", "own", "function"])
def test_whatever_makes_the_network_it_is_made_again(tmp_path, model):
    """A folder as a killed process leaves it: what was asked, and the journal."""
    space = SMALL if model is NETWORK else {"learning_rate": ph.log_uniform(1e-3, 1e-1), "width": ph.choice(8, 16)}
    before = search(tmp_path / "whole", model=model, space=space, trials=3)
    killed = tmp_path / "killed"
    killed.mkdir()
    for name in (studies.REQUEST, studies.JOURNAL):
        (killed / name).write_bytes((tmp_path / "whole" / name).read_bytes())
    found = resume(killed, (X, Y), model if callable(model) else None, trials=5)
    assert found.trials[:3] == before.trials
    assert len(found.trials) == 5
    assert found.run.folder == killed


def test_a_search_that_ended_is_taken_further_in_a_run_of_its_own(tmp_path):
    before = search(tmp_path / "run", trials=3)
    kept = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}
    found = resume(tmp_path / "run", (X, Y), trials=5, out=tmp_path / "further")
    assert found.trials[:3] == before.trials
    assert len(found.trials) == 5
    assert found.run.folder == tmp_path / "further"
    assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()} == kept
    said = "It was taken further once after its scores had been seen, so they may flatter a little."
    assert said in found.story["said"]
    assert said not in before.story["said"]
    again = resume(tmp_path / "further", (X, Y), trials=6, out=tmp_path / "last")
    assert any("further 2 times after" in sentence for sentence in again.story["said"])


def test_a_search_with_nothing_left_to_try_is_not_gone_on_with(whole):
    with pytest.raises(RunError) as error:
        resume(whole.run.folder, (X, Y))
    assert "needs settings that are left to try, got a search that tried all 6" in str(error.value)
    assert "--trials 12" in str(error.value)
    with pytest.raises(RunError) as error:
        join(whole.run.folder, (X, Y))
    assert "needs a search that is going on, got one that has ended" in str(error.value)


def test_one_that_was_cut_off_stays_where_it_is(tmp_path, whole):
    for name in (studies.REQUEST, studies.JOURNAL):
        (tmp_path / name).write_bytes((whole.run.folder / name).read_bytes())
    with pytest.raises(PlanError) as error:
        resume(tmp_path, (X, Y), out=tmp_path / "other")
    assert "out: needs a search that has ended" in str(error.value)


def test_what_ctrl_c_ended_is_gone_on_with(tmp_path):
    def press(progress):
        if progress.phase == "searching" and progress.epoch >= 3:
            signal.raise_signal(signal.SIGINT)

    before = search(tmp_path / "run", trials=12, progress=press)
    assert len(before.trials) < 12
    found = resume(tmp_path / "run", (X, Y), out=tmp_path / "further")
    told = {each["number"]: each for each in found.trials}
    assert len(told) == len(found.trials) == 12
    for each in before.trials:
        assert told[each["number"]] == each


def test_one_that_died_before_it_asked_for_a_setting_begins_anew(tmp_path, whole):
    (tmp_path / studies.REQUEST).write_bytes((whole.run.folder / studies.REQUEST).read_bytes())
    found = resume(tmp_path, (X, Y), trials=3)
    assert len(found.trials) == 3 and found.run.folder == tmp_path


def test_a_grid_with_nothing_left_is_not_told_to_ask_for_more(tmp_path):
    search(tmp_path / "run", trials=9, sampler="grid", space={"dropout": ph.choice(0.0, 0.2)})
    with pytest.raises(RunError, match="begin another search, with more to try"):
        resume(tmp_path / "run", (X, Y), trials=20)


def test_a_run_that_was_damaged_is_not_taken_further(tmp_path):
    search(tmp_path / "run", trials=3)
    (tmp_path / "run" / studies.TRIALS).unlink()
    with pytest.raises(RunError) as error:
        resume(tmp_path / "run", (X, Y), trials=5)
    assert studies.TRIALS in str(error.value)
