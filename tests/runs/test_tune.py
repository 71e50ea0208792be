"""`ph.tune`: from rows to a winner with an honest score; killed, joined, cut short, starved and misled on the way."""

from __future__ import annotations

import json
import signal
import time

import numpy as np
import pytest

import photic as ph
from photic.data.split import split
from photic.errors import PlanError, WorkError
from photic.experiment import asking
from photic.runs import studies
from photic.runs.studies import Study
from photic.runs.tune import resume, tune

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3)).astype(np.float32)
Y = np.where(X[:, 0] + 0.5 * X[:, 1] ** 2 > 0.3, "yes", "no")
NETWORK = ph.Model(ph.Dense(8), ph.ReLU(), ph.Dropout(ph.Knob("dropout", 0.1)), ph.Dense(1))
SMALL = {"learning_rate": ph.log_uniform(1e-3, 1e-1), "dropout": ph.uniform(0, 0.3)}
QUICK = {"epochs": 9, "folds": 2, "baselines": False}


def search(folder, *, trials=6, outer=0, model=NETWORK, data=(X, Y), **more):
    return tune(model, *data, trials=trials, outer=outer, out=folder, **{**QUICK, "space": SMALL, **more})


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Study:
    """A search with two outer folds."""
    return search(tmp_path_factory.mktemp("tuned") / "run", outer=2, baselines=True)


def test_it_leaves_a_run_like_any_other(whole):
    run = ph.load(whole.run.folder)
    assert len(run.predict(X)) == 120
    assert run.plan.descent.rule.learning_rate == whole.best["learning_rate"]
    assert run.model.layers[2] == ph.Dropout(whole.best["dropout"])
    assert run.scores.network.test is not None
    names = [each.name for each in run.scores.contenders]
    assert names[0] == "network"
    assert names[-1] == "default network"
    assert run.scores.gain.against == "default network"


def test_every_arena_searched_for_itself(whole):
    arenas = [each["name"] for each in whole.story["arenas"]]
    assert arenas == ["fold 1", "fold 2", "final"]
    for arena in arenas:
        own = [each for each in whole.trials if each["arena"] == arena]
        assert [each["number"] for each in own] == list(range(6))
        assert own[0]["values"] == whole.story["default"]
        assert own[0]["state"] == "complete"
    settings = [json.dumps([t["values"] for t in whole.trials if t["arena"] == arena]) for arena in arenas]
    assert len(set(settings)) == 3


def test_the_winner_is_the_best_of_those_trained_to_their_end(whole):
    for arena in whole.story["arenas"]:
        own = [t for t in whole.trials if t["arena"] == arena["name"] and t["state"] == "complete"]
        assert arena["inner"] == max(each["score"] for each in own)
        assert next(t for t in own if t["number"] == arena["winner"])["values"] == arena["values"]


def test_halving_gives_up_two_of_three_at_each_rung(whole):
    own = [each for each in whole.trials if each["arena"] == "final"]
    assert whole.story["rungs"] == [1, 3, 9]
    assert {each["epochs"] for each in own if each["state"] == "halved"} <= {1, 3}
    assert any(each["state"] == "halved" for each in own)
    for each in own:
        assert len(each["curve"]) == each["epochs"]


def test_the_score_of_a_setting_is_that_of_its_folds(whole):
    for each in whole.trials:
        assert each["score"] == pytest.approx(np.mean(each["folds"]))
        assert len(each["folds"]) == 2


def test_a_fold_has_the_same_rows_to_score_whatever_was_tried(whole):
    # what is printed for the folds is the mean of what each fold's winner scored on rows that its search never saw
    main = whole.scores.main
    scored = [each["score"] for each in whole.story["arenas"]]
    assert tuple(scored[:2]) == whole.scores.network.folds[main]
    assert scored[2] == whole.scores.network.test[main].value


def test_it_is_told_in_words_and_as_a_table(whole):
    said = str(whole)
    assert "6 settings, chosen by a tree of Parzen estimators, each judged on 2 inner folds" in said
    assert "over the default" in said
    table = whole.frame()
    assert table.columns == ["number", *SMALL, "state", "epochs", "score", "best_epoch"]
    assert len(table) == 6
    assert whole.report().path.is_file()


def test_a_study_is_read_back_from_its_folder(whole):
    again = Study.load(whole.run.folder)
    assert again.story == whole.story
    assert again.trials == whole.trials
    assert again.best == whole.best


def test_the_same_seed_finds_the_same(whole, tmp_path):
    again = search(tmp_path / "again", outer=2, baselines=True)
    assert again.best == whole.best
    assert [each["values"] for each in again.trials] == [each["values"] for each in whole.trials]


def test_numbers_of_one_structure_share_a_program_and_a_grid_is_tried_once(tmp_path):
    space = {"learning_rate": ph.choice(0.001, 0.01, 0.1), "weight_decay": ph.choice(0.0, 0.01)}
    found = search(tmp_path / "run", trials=100, sampler="grid", pruner="none", space=space)
    assert len(found.trials) == 7  # the default and the grid
    assert {each["state"] for each in found.trials} == {"complete"}
    assert found.story["cost"]["lanes"] == 14


def test_conditions_hold(tmp_path):
    space = {"depth": ph.integer(1, 2), "dropout": ph.uniform(0.0, 0.5, when={"depth": (2,)})}
    found = search(tmp_path / "run", trials=8, sampler="random", space=space, model="mlp")
    for each in found.trials[1:]:
        assert ("dropout" in each["values"]) == (each["values"]["depth"] == 2)
    assert {each["values"]["depth"] for each in found.trials} == {1, 2}


def test_a_function_makes_the_network(tmp_path):
    def make(width, dropout=0.1):
        return ph.Model(ph.Dense(width), ph.ReLU(), ph.Dropout(dropout), ph.Dense(1))

    found = tune(make, X, Y, trials=3, outer=0, out=tmp_path / "run", width=ph.choice(2, 3), **QUICK)
    assert found.run.model.layers[0].units == found.best["width"]


def test_a_number_to_predict_is_searched_for_the_smaller_error(tmp_path):
    y = X[:, 0] * 2 + X[:, 1]
    found = search(tmp_path / "run", data=(X, y))
    assert found.story["metric"] == "rmse"
    arena = found.story["arenas"][-1]
    own = [each["score"] for each in found.trials if each["state"] == "complete"]
    assert arena["inner"] == min(own)


def test_ctrl_c_keeps_the_best_so_far(tmp_path):
    pressed = []

    def press(progress):
        if progress.phase == "searching" and progress.epoch >= 3 and not pressed:
            pressed.append(progress)
            signal.raise_signal(signal.SIGINT)

    found = search(tmp_path / "run", trials=40, progress=press)
    assert 3 <= len(found.trials) < 40
    assert "The search ended early, before all 40 settings were tried." in found.story["said"]
    assert found.scores is not None


def test_a_time_limit_ends_the_search_in_time(tmp_path):
    began = time.monotonic()
    found = search(tmp_path / "run", trials=100_000, time_limit=6, sampler="random")
    assert time.monotonic() - began < 45  # compiling is not cut short, and tests share the machine
    assert len(found.trials) < 100_000
    assert any("ended early" in sentence for sentence in found.story["said"])


def test_a_time_limit_too_short_for_one_setting_is_said(tmp_path):
    with pytest.raises(PlanError) as error:
        search(tmp_path / "run", time_limit=0.001)
    assert "time-limit: needs time to train one setting" in str(error.value)


def test_when_every_setting_diverges_that_is_said_and_kept(tmp_path):
    space = {"learning_rate": ph.log_uniform(1e25, 1e30)}
    with pytest.raises(PlanError) as error:
        search(tmp_path / "run", optimizer=ph.SGD(1e28), data=(X, X[:, 0]), space=space, trials=3)
    assert "needs a setting whose training does not diverge" in str(error.value)
    assert [told.state for _, told in _told_of(tmp_path / "run", space)] == ["diverged"] * 3


def _told_of(folder, space):
    return asking.Study(asking.storage(folder / studies.JOURNAL), "final", space).known()


def test_lanes_keep_within_the_memory_given(tmp_path):
    plenty = search(tmp_path / "a", sampler="random", trials=12)
    lanes = plenty.story["cost"]["lanes"]
    short = search(tmp_path / "b", sampler="random", trials=12, memory=120_000)
    assert short.story["cost"]["lanes"] < lanes
    assert [t["values"] for t in short.trials] == [t["values"] for t in plenty.trials]


def test_a_memory_smaller_than_one_setting_is_refused(tmp_path):
    with pytest.raises(PlanError) as error:
        search(tmp_path / "run", memory=100)
    assert "memory: needs room for the lanes of one setting" in str(error.value)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"trials": 0}, "trials: needs a whole number of at least 1, got 0"),
        ({"folds": 0}, "folds: needs a whole number of at least 1, got 0"),
        ({"outer": 1}, "outer: needs 0 or at least 2, got 1"),
        ({"outer": 0, "test": 0.0}, "needs outer folds or a test part to score the search on, got neither"),
        ({"time_limit": "soon"}, "time-limit: needs a time above 0, got 'soon'"),
        ({"time_limit": "0s"}, "time-limit: needs a time above 0, got '0s'"),
        ({"sampler": "genetic"}, "sampler: needs a known way to search"),
        ({"pruner": "shears"}, "pruner: needs a known way to give up"),
        ({"space": {"wdth": ph.choice(3)}, "model": "mlp"}, "did you mean 'width'"),
        ({"model": "linaer"}, "did you mean 'linear'"),
        ({"model": ph.Model(ph.Dense(1)), "space": None}, "needs names to try, got a model of your own and none"),
        ({"model": ph.Model(ph.Dropout(ph.Knob("dropout", 0.1)), ph.Dense(7))}, "needs"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_trained(tmp_path, more, words):
    with pytest.raises(ph.PhoticError) as error:
        search(tmp_path / "run", **more)
    assert words in str(error.value)
    assert not (tmp_path / "run").exists()


def test_a_name_given_twice_is_refused(tmp_path):
    with pytest.raises(PlanError) as error:
        search(tmp_path / "run", dropout=ph.choice(0.1))
    assert "space dropout: needs to be named once" in str(error.value)


def test_a_full_disk_in_the_middle_loses_nothing_that_was_told(tmp_path, full_disk):
    folder = tmp_path / "run"
    with full_disk(30_000), pytest.raises(WorkError) as error:
        search(folder, trials=60)
    assert "needs room on the disk for" in str(error.value)
    studies.mend(folder / studies.JOURNAL)
    kept = {asked.number: told for asked, told in _told_of(folder, SMALL) if told}
    assert kept
    found = resume(folder, (X, Y))
    assert len(found.trials) == 60
    after = {each["number"]: each for each in found.trials}
    for number, told in kept.items():
        assert after[number]["score"] == told.score


def test_no_search_looks_at_the_rows_that_it_is_scored_on(tmp_path):
    y = (X[:, 0] * 2 + X[:, 1]).astype(float)
    asked = {"outer": 2, "method": "plain", "model": ph.Model(ph.Dense(1)), "loss": "mse", "trials": 4,
             "space": {"learning_rate": ph.log_uniform(1e-3, 1e-1)}}  # fmt: skip
    before = search(tmp_path / "a", data=(X, y), **asked)
    parts = split(ph.read(X, y), folds=2, method="plain")
    for fold in (*parts.folds, parts.final):
        other = y.copy()
        other[fold.score] = -100 * other[fold.score]
        after = search(tmp_path / fold.name, data=(X, other), **asked)
        seen = [[t for t in study.trials if t["arena"] == fold.name] for study in (before, after)]
        assert seen[0] == seen[1], fold.name
        if fold is not parts.final:
            assert after.trials != before.trials, "the others do look at them"


def test_a_search_that_finds_nothing_better_says_so(tmp_path):
    found = search(tmp_path / "run", trials=1)
    assert found.best == found.story["default"]
    assert found.story["gain"]["value"] == 0.0
    words = "The search found nothing better than the default, so there was nothing to gain."
    assert found.story["gain"]["words"] == words
    assert words in str(found)
