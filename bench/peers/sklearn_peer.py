"""scikit-learn's multi-layer perceptron: float32 data, Adam, no early stopping, so that it runs every epoch."""

from __future__ import annotations

import warnings
from typing import Any

from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor

from bench import data
from bench.peers.serve import Facts, Work, serve
from bench.searched import searched

warnings.simplefilter("ignore", ConvergenceWarning)  # the epochs are given, convergence is not asked for


def steps(sizes: list[int], rows: int, batch_size: int, epochs: int) -> Work:
    """Epochs from fresh weights; `fit` always begins anew, which costs next to nothing."""
    x, y = data.table(rows, sizes[0], sizes[-1])
    model = (MLPRegressor if sizes[-1] == 1 else MLPClassifier)(**_setting(sizes, batch_size, epochs))

    def work() -> Facts:
        model.fit(x, y.ravel())
        return {}

    return work


def folds(sizes: list[int], count: int, seeds: int, batch_size: int, epochs: int, jobs: int) -> Work:
    """All folds and seeds in one grid search over the seed, on `jobs` processes that stay alive between runs."""
    x, y = data.digits()
    model = MLPClassifier(**_setting(sizes, batch_size, epochs))
    parts = data.folds(y, count)
    search = GridSearchCV(model, {"random_state": list(range(seeds))}, cv=parts, n_jobs=jobs, refit=False)

    def work() -> Facts:
        search.fit(x, y)
        return {"accuracy": float(search.cv_results_["mean_test_score"].mean())}

    return work


def search(batch_size: int, epochs: int, jobs: int, **setting: Any) -> Work:
    """The grid in one search, on `jobs` processes; its weight decay is a penalty in the loss, `alpha`."""
    task = searched(**setting)
    kind = MLPRegressor if task.y.ndim > 1 else MLPClassifier
    model = kind(**_setting(task.network, batch_size, epochs))
    rates, decays = (sorted({point[place] for point in task.grid}) for place in (0, 1))
    search = GridSearchCV(
        model, {"learning_rate_init": rates, "alpha": decays}, cv=task.parts, n_jobs=jobs, refit=False
    )
    y = task.y.ravel()

    def work() -> Facts:
        search.fit(task.x, y)
        return {"score": float(search.best_score_)}

    return work


def _setting(sizes: list[int], batch_size: int, epochs: int) -> dict[str, Any]:
    return {
        "hidden_layer_sizes": sizes[1:-1],
        "batch_size": batch_size,
        "max_iter": epochs,
        "n_iter_no_change": epochs,
        "alpha": 0.0,
        "tol": 0.0,
        "random_state": data.SEED,
    }


if __name__ == "__main__":
    serve({"steps": steps, "folds": folds, "search": search})
