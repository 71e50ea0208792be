"""Baselines: the simple models that stand beside every network, fitted on the same rows.

Three of them: one that ignores every column (the most frequent class, or the mean), a linear one (logistic or
ridge regression) and gradient-boosted trees. All are scikit-learn's, get the same prepared columns as the network,
the same fit and stop rows, and are asked about the same score rows.

Reference: Pedregosa et al., "Scikit-learn: machine learning in Python", 2011, https://jmlr.org/papers/v12/pedregosa11a.html
"""

from __future__ import annotations

import contextlib
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from jaxtyping import Float, Shaped

from photic.experiment.flat import Shown

#: The baselines of a kind of task, simplest first, each in words.
WORDS: dict[str, dict[str, str]] = {
    "regression": {
        "mean": "always says the mean",
        "ridge": "a linear model: ridge regression",
        "boosted trees": "gradient-boosted decision trees",
    },
    "binary": {
        "majority": "always says the most frequent class",
        "logistic": "a linear model: logistic regression",
        "boosted trees": "gradient-boosted decision trees",
    },
}
WORDS["multiclass"] = WORDS["binary"]
WORDS["multilabel"] = {
    "majority": "always says the most frequent answer for each label",
    "logistic": "a linear model for each label: logistic regression",
    "boosted trees": "gradient-boosted decision trees for each label",
}

_ROWS, _CELLS, _WIDE = (
    50_000,
    20_000_000,
    2_000_000,
)  # beyond these a baseline learns from a random part, so that it stays quick
#: Rows as a model wants them, learned from the rows it is fitted on.
Change = Callable[[np.ndarray], np.ndarray]

_LOCK = threading.Lock()
_inside: list[contextlib.ExitStack] = []  # one entry for each call at work, all the same


def words(kind: str, rows: int, features: int, shown: str = "") -> dict[str, str]:
    """The baselines of a kind of task by name, in words, with a word about a part of the rows where one is taken.

    Args:
        shown: what they learn from, where that is not what the network learns from: " on its pixels".

    >>> words("regression", 120_000, 10)["ridge"]
    'a linear model: ridge regression, fitted on 50,000 of the 120,000 rows to stay quick'
    """
    cap = most(features)
    said = f", fitted on {cap:,} of the {rows:,} rows to stay quick" if rows > cap else ""
    first = next(iter(WORDS[kind]))
    said = shown + said
    return {name: text + (said if name != first else "") for name, text in WORDS[kind].items()}


def baselines(
    kind: str,
    x: Shown | Float[np.ndarray, "n *d"],
    y: Shaped[np.ndarray, "..."],
    x_score: Shown | Float[np.ndarray, "m *d"],
    *,
    classes: int = 2,
    weight: Float[np.ndarray, "n"] | None = None,
    class_weight: Float[np.ndarray, "c"] | None = None,
    seed: int = 0,
) -> dict[str, np.ndarray]:
    """What every baseline of this kind of task predicts for the score rows, by name, simplest first.

    Safe to call for several folds at once from several threads: each fit uses one core.

    Args:
        kind: "regression", "binary", "multiclass" or "multilabel".
        x: `[n, ...]` prepared rows, the fit and stop rows; arrays are flattened. Of `Shown` rows only those are looked
            at that are learned from.
        y: `[n, k]` values, `[n, 1]` of 0 and 1, `[n]` class codes, or `[n, k]` of 0 and 1; predictions
            come in the same units.
        x_score: `[m, ...]` prepared rows to predict.
        classes: how many classes there are; some may be absent from `y`.
        weight: `[n]` weights of the rows; rows of weight 0 are left out.
        class_weight: `[c]` weights of the classes; the linear model and the trees multiply them in.
        seed: for the random part of the rows that is taken when there are very many.

    Returns:
        `p` by name: `[m, k]` values, `[m, 1]` probabilities of the second class, `[m, c]` or `[m, k]` probabilities.

    >>> x = np.linspace(0, 1, 60, dtype=np.float32)[:, None]
    >>> p = baselines("regression", x, 100 * x, np.float32([[0.9]]))
    >>> {name: round(float(value[0, 0])) for name, value in p.items()}
    {'mean': 50, 'ridge': 90, 'boosted trees': 90}
    """
    x, x_score = _shown(x), _shown(x_score)
    weight = np.ones(len(x)) if weight is None else np.asarray(weight, float)
    used = np.flatnonzero(weight > 0)
    cap = most(x.width)
    few = used if len(used) <= cap else np.sort(np.random.default_rng(seed).choice(used, cap, replace=False))
    with _one_core():
        if kind == "regression":
            p = [_mean(y[used].astype(float), weight[used], len(x_score))]
            p += [fit(x.take(few), x_score, y[few].astype(float), weight[few]) for fit in (_ridge, _boosted_values)]
        elif kind == "multilabel":
            p = [*zip(*(_simple(x, x_score, label, 2, weight, None, used, few) for label in y.T), strict=True)]
            p = [np.stack([each[:, 1] for each in labels], axis=1) for labels in p]
        else:
            p = _simple(x, x_score, y, classes, weight, class_weight, used, few)
            p = [each[:, 1:] for each in p] if kind == "binary" else p
    return dict(zip(WORDS[kind], p, strict=True))


def _simple(
    x: Shown, x_score: Shown, y: np.ndarray, classes: int, weight: np.ndarray,
    class_weight: np.ndarray | None, used: np.ndarray, few: np.ndarray,
) -> list[np.ndarray]:  # fmt: skip
    """The probability of every class by the three models of classes."""
    codes = y.reshape(-1).astype(int)
    p = [_shares(codes[used], weight[used], len(x_score), classes)]
    weight = weight if class_weight is None else weight * np.asarray(class_weight, float)[codes]
    for make, changed in ((_logistic, _scaled), (_boosted, _binned)):
        p.append(_classify(make, changed, x.take(few), x_score, codes[few], weight[few], classes))
    return p


def most(features: int) -> int:
    """From how many rows of so many columns they learn at most, so that they stay quick.

    >>> most(10)
    50000
    """
    cells = _CELLS if features <= 100 else _WIDE  # trees look at every column for every class
    return max(1_000, min(_ROWS, cells // max(features, 1)))


def _mean(y: np.ndarray, weight: np.ndarray, rows: int) -> np.ndarray:
    return np.tile(np.average(y, axis=0, weights=weight), (rows, 1))


def _shown(x: Shown | np.ndarray) -> Shown:
    return x if isinstance(x, Shown) else Shown("table", x.reshape(len(x), -1), np.arange(len(x)))


def _asked(predict: Callable[[np.ndarray], np.ndarray], change: Change, x_score: Shown) -> np.ndarray:
    """What a model says about all rows to predict, a piece at a time."""
    return np.concatenate([predict(change(piece)) for piece in x_score.pieces()])


def _ridge(x: np.ndarray, x_score: Shown, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    from sklearn.linear_model import RidgeCV  # scikit-learn costs two seconds to import, and not every run asks

    change = _scaled(x)
    model = RidgeCV(alphas=np.logspace(-2, 4, 7)).fit(change(x), y, sample_weight=weight)
    return _asked(model.predict, change, x_score).reshape(len(x_score), -1)


def _boosted_values(x: np.ndarray, x_score: Shown, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    from sklearn.ensemble import HistGradientBoostingRegressor

    change = _binned(x)
    x = change(x)

    def column(values: np.ndarray) -> Any:
        model = HistGradientBoostingRegressor(min_samples_leaf=_leaf(len(x)), early_stopping=False, random_state=0)
        return model.fit(x, values, sample_weight=weight)

    models = [column(values) for values in y.T]
    return _asked(lambda piece: np.stack([model.predict(piece) for model in models], axis=1), change, x_score)


def _shares(codes: np.ndarray, weight: np.ndarray, rows: int, classes: int) -> np.ndarray:
    # The share of each class, so that its log loss is fair too; the largest share is the majority class.
    return np.tile(np.bincount(codes, weight, minlength=classes) / weight.sum(), (rows, 1))


def _logistic(_classes: int, _rows: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=1_000)


def _boosted(classes: int, rows: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    # One tree a class and round: with many classes fewer, faster rounds of smaller trees reach the same score.
    trees = 1 if classes == 2 else classes
    rounds = int(np.clip(500 // trees, 30, 100))
    return HistGradientBoostingClassifier(
        max_iter=rounds,
        learning_rate=10 / rounds,
        max_leaf_nodes=31 if trees <= 5 else 15,
        min_samples_leaf=_leaf(rows),
        early_stopping=False,
        random_state=0,
    )


def _leaf(rows: int) -> int:
    # scikit-learn's 20 rows a leaf leave no tree at all on a table of 40 rows.
    return int(np.clip(rows // 20, 2, 20))


def _classify(
    make: Callable[[int, int], Any],
    changed: Callable[[np.ndarray], Change],
    x: np.ndarray,
    x_score: Shown,
    codes: np.ndarray,
    weight: np.ndarray,
    classes: int,
) -> np.ndarray:
    present = np.unique(codes)
    if len(present) < 2:
        return _shares(codes, weight, len(x_score), classes)
    change = changed(x)
    model = make(classes, len(x)).fit(change(x), codes, sample_weight=weight)
    p = np.zeros((len(x_score), classes))
    p[:, present] = _asked(model.predict_proba, change, x_score)
    return p


def _scaled(x: np.ndarray) -> Change:
    centre, spread = x.mean(axis=0, dtype=float), x.std(axis=0, dtype=float)
    spread = np.where(spread > 0, spread, 1.0)
    return lambda part: (part - centre) / spread


def _binned(x: np.ndarray) -> Change:
    # Trees see the order of values only. Given weights, scikit-learn would spend minutes on the quantiles itself.
    bins = 255
    edges = {
        column: np.unique(np.quantile(x[:, column], np.linspace(0, 1, bins)[1:-1]))
        for column in range(x.shape[1])
        if len(np.unique(x[:, column])) > bins
    }

    def change(part: np.ndarray) -> np.ndarray:
        part = part.copy()
        for column, between in edges.items():
            part[:, column] = np.searchsorted(between, part[:, column], side="right")
        return part

    return change


@contextlib.contextmanager
def _one_core() -> Iterator[None]:
    """Fits on one core each and without warnings about convergence, however many threads call `baselines` at once.

    Trees on several OpenMP threads stand still for minutes when a training keeps the cores busy. OpenMP's limit
    belongs to the thread; BLAS's limit and the warning filters belong to the process: set by the first one in, given
    back by the last one out.
    """
    import sklearn.ensemble  # noqa: F401  (loads OpenMP first, so that the limit finds it)
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    with _LOCK:
        shared = _inside[0] if _inside else contextlib.ExitStack()
        if not _inside:
            shared.enter_context(warnings.catch_warnings())
            shared.enter_context(threadpool_limits(1, user_api="blas"))
            warnings.simplefilter("ignore", ConvergenceWarning)
        _inside.append(shared)
    try:
        with threadpool_limits(1, user_api="openmp"):
            yield
    finally:
        with _LOCK:
            _inside.pop()
            if not _inside:
                shared.close()
