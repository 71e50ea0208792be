"""Real tables, and those who learn them from the same rows: Photic's default, and scikit-learn's models beside it."""

from __future__ import annotations

import dataclasses
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from photic.data.dataset import Dataset
from photic.data.read import read
from photic.data.sources import get
from photic.data.split import Fold
from photic.data.task import Task
from photic.experiment import devices
from photic.experiment.choose import Wishes, choose
from photic.experiment.plan import Plan, Source
from photic.experiment.validate import check, cut, prepare, validate

#: The default was chosen by looking at these; a change that did not pay here was not kept.
TUNE = ("titanic", "phishing", "breast_cancer", "glass", "auto-mpg", "wage", "bikeshare")
#: Nobody looked at these before the default stood.
REPORT = ("default", "penguins", "segment", "digits", "diabetes", "carseats", "hitters")
FOLDS = 5

PHOTIC, TREES, LINEAR = "Photic's default", "boosted trees", "linear model"
STOPPED, WHOLE = "scikit-learn's MLP, early_stopping=True", "scikit-learn's MLP, as it comes"


@dataclasses.dataclass(frozen=True)
class Learned:
    """What one contender came to on one table.

    Args:
        skill: for every fold, 0 for the best constant and 1 for a perfect answer; see `skill`.
        right: for every fold, the share of rows of the right class, or R^2.
        seconds: for all folds.
    """

    skill: tuple[float, ...]
    right: tuple[float, ...]
    seconds: float


Predicted = list[np.ndarray]


def load(name: str) -> Dataset:
    """A table by its name in the catalogue, fetched when it is not there yet."""
    get(name)
    return read(name)


def plan(dataset: Dataset, repeats: int, seed: int = 0) -> Plan:
    """Exactly what `photic.cross_validate(None, dataset, folds=5, repeats=repeats)` would do."""
    return choose(dataset, Source(dataset.name, None), Wishes(folds=FOLDS, repeats=repeats, test=0.0, seed=seed))


def photic(dataset: Dataset, chosen: Plan) -> Predicted:
    """A network on every fold, as the plan says; with the default plan what a user gets who asks for nothing."""
    devices.set_up()
    prepared = prepare(chosen, dataset, cut(chosen, dataset).folds)
    check(chosen, prepared[0].x.shape[1:], prepared[0].lengths)
    return [scored.prediction for scored in validate(chosen, prepared).scored]


def peer(make: Callable[[Task, Dataset, int], Any], dataset: Dataset, folds: Sequence[Fold]) -> Predicted:
    """One of scikit-learn's models, fitted on the fit and stop rows of every fold."""
    x, y, task = _columns(dataset), dataset.y, dataset.task
    assert y is not None
    assert task is not None
    return [_asked(make(task, dataset, seed), x, y, task, fold) for seed, fold in enumerate(folds)]


def _asked(model: Any, x: np.ndarray, y: np.ndarray, task: Task, fold: Fold) -> np.ndarray:
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # "as it comes" stops after 200 epochs, done or not
        model.fit(x[fold.train], y[fold.train])
    if task.kind == "regression":
        return model.predict(x[fold.score])[:, None]
    p = np.zeros((len(fold.score), len(task.classes)))
    p[:, model.classes_.astype(int)] = model.predict_proba(x[fold.score])
    return p[:, 1:] if task.kind == "binary" else p


def _columns(dataset: Dataset) -> np.ndarray:
    """The columns as scikit-learn takes them: numbers first, then codes; what is missing is NaN."""
    codes = np.where(dataset.codes < 0, np.nan, dataset.codes)
    return np.concatenate([dataset.numbers, codes], axis=1).astype(float)


def _prepared(dataset: Dataset, model: Any) -> Any:
    """Standardised numbers and one-hot categories before a model, as a careful person writes it."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = dataset.numbers.shape[1]
    names = list(range(numbers, numbers + dataset.codes.shape[1]))
    measured = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    named = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    parts = [("numbers", measured, list(range(numbers))), ("categories", named, names)]
    return make_pipeline(ColumnTransformer([part for part in parts if part[2]]), model)


def _mlp(task: Task, dataset: Dataset, seed: int, *, stops: bool) -> Any:
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.preprocessing import StandardScaler

    if task.kind != "regression":
        return _prepared(dataset, MLPClassifier(early_stopping=stops, random_state=seed))
    network = MLPRegressor(early_stopping=stops, random_state=seed)
    return TransformedTargetRegressor(_prepared(dataset, network), transformer=StandardScaler())


def _trees(task: Task, dataset: Dataset, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = HistGradientBoostingRegressor if task.kind == "regression" else HistGradientBoostingClassifier
    numbers = dataset.numbers.shape[1]
    return kind(categorical_features=list(range(numbers, numbers + dataset.codes.shape[1])) or None, random_state=seed)


def _linear(task: Task, dataset: Dataset, _: int) -> Any:
    from sklearn.linear_model import LogisticRegression, RidgeCV

    if task.kind == "regression":
        return _prepared(dataset, RidgeCV(alphas=np.logspace(-2, 4, 7)))
    return _prepared(dataset, LogisticRegression(max_iter=1_000))


#: scikit-learn's models by what they are called in the table.
PEERS: dict[str, Callable[[Task, Dataset, int], Any]] = {
    STOPPED: lambda task, dataset, seed: _mlp(task, dataset, seed, stops=True),
    WHOLE: lambda task, dataset, seed: _mlp(task, dataset, seed, stops=False),
    TREES: _trees,
    LINEAR: _linear,
}


def learned(dataset: Dataset, folds: Sequence[Fold], work: Callable[[], Predicted]) -> Learned:
    """A contender at work: how long it took, and how good it was on every fold."""
    began = time.perf_counter()
    predicted = work()
    seconds = time.perf_counter() - began
    pairs = [(dataset, fold, p) for fold, p in zip(folds, predicted, strict=True)]
    return Learned(tuple(skill(*pair) for pair in pairs), tuple(right(*pair) for pair in pairs), seconds)


def skill(dataset: Dataset, fold: Fold, p: np.ndarray) -> float:
    """How good predictions are, from 0 for the best constant to 1 for a perfect answer.

    Two classes: 2 AUC - 1. More classes: 1 - log loss / log loss of the classes' shares. Numbers: 1 - RMSE / RMSE of
    the mean. The constant is learned from the training rows. AUC, log loss and RMSE are what TabArena compares by
    (Erickson et al., 2025, https://arxiv.org/abs/2506.16791).
    """
    from sklearn.metrics import log_loss, roc_auc_score

    task, (train, truth) = dataset.task, _truth(dataset, fold)
    assert task is not None
    if task.kind == "binary":
        return 2 * float(roc_auc_score(truth, p[:, 0])) - 1
    if task.kind == "multiclass":
        labels = list(range(len(task.classes)))
        shares = np.tile(np.bincount(train, minlength=len(labels)) / len(train), (len(truth), 1))
        return 1 - float(log_loss(truth, p, labels=labels) / log_loss(truth, shares, labels=labels))
    return 1 - float(np.sqrt(np.mean((p[:, 0] - truth) ** 2) / np.mean((train.mean() - truth) ** 2)))


def right(dataset: Dataset, fold: Fold, p: np.ndarray) -> float:
    """Accuracy, or R^2 of numbers: what a person reads first."""
    _, truth = _truth(dataset, fold)
    assert dataset.task is not None
    if dataset.task.kind == "regression":
        return 1 - float(np.sum((p[:, 0] - truth) ** 2) / np.sum((truth.mean() - truth) ** 2))
    codes = p.argmax(axis=1) if dataset.task.kind == "multiclass" else p[:, 0] > 0.5
    return float(np.mean(codes == truth))


def _truth(dataset: Dataset, fold: Fold) -> tuple[np.ndarray, np.ndarray]:
    assert dataset.y is not None
    return dataset.y[fold.train], dataset.y[fold.score]
