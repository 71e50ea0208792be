"""The rows of searches: everybody gets the same grid, folds and score."""

from __future__ import annotations

import numpy as np
import pytest

from bench.peers import photic_peer, photic_search, sklearn_peer
from bench.rows.searches import CASES
from bench.searched import searched


def test_a_setting_is_scored_by_accuracy_or_by_explained_variance():
    task = searched("digits", 2, [0.1], [0.0], rows=50)
    perfect = np.eye(10)[task.y]
    assert task.score(perfect[:5], np.arange(5)) == 1 and task.score(1 - perfect[:5], np.arange(5)) == 0
    task = searched("table", 2, [0.1], [0.0], rows=50)
    assert task.score(task.y, np.arange(50)) == 1
    assert task.score(np.full((50, 1), task.y.mean()), np.arange(50)) == pytest.approx(0, abs=1e-6)
    for fit, score in task.parts:
        assert sorted([*fit, *score]) == list(range(50))


def test_the_rows_are_as_large_as_they_say():
    networks = {case.name: (len(case.rates) * len(case.decays), case.folds) for case in CASES}
    assert networks == {"search-digits": (12, 5), "search-table": (64, 5), "search-cnn": (16, 3)}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_photic_and_scikit_learn_find_about_the_same():
    setting = {"kind": "digits", "count": 2, "rates": [1e-5, 3e-3], "decays": [1e-4], "rows": 400}
    same = {"batch_size": 32, "epochs": 10, **setting}
    ours = photic_search.search(photic_peer._named, photic_peer.training, photic_peer._timed)(**same)()
    theirs = sklearn_peer.search(jobs=1, **same)()
    assert ours["score"] == pytest.approx(theirs["score"], abs=0.05) and ours["score"] > 0.85
