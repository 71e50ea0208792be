"""Doubt: the share of rows whose target a forest of trees, not shown it, contradicts. NumPy and scikit-learn."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

#: A forest is as sure where it contradicts labels as where it agrees, from this share of its certainty.
AS_SURE = 0.82
#: What doubted numbers must add to the likelihood of all rows, as a logarithm, to be more than long tails.
_GAINED = 7.0  # a thousand times as likely
_ROUNDS, _TAILS = 60, 10


def labels(x: Float[np.ndarray, "n d"], y: Int[np.ndarray, " n"], classes: int) -> float:
    """The share of rows whose class a forest, not shown it, contradicts; 0 where it errs only when it is unsure.

    A class is contradicted when another one is more likely than is usual for rows that carry that other one, as in
    confident learning. Rows that are hard to tell apart carry no wrong labels: there a forest is less sure. A wrong
    label stands anywhere, so the forest that contradicts it is as sure as ever.

    Reference: Northcutt, Jiang and Chuang, "Confident learning: estimating uncertainty in dataset labels", 2021,
    https://arxiv.org/abs/1911.00068
    """
    from sklearn.ensemble import ExtraTreesClassifier  # inside: a run's own evidence needs no scikit-learn

    rows = np.random.default_rng(0).permutation(len(x))[:2000]
    x, y = np.nan_to_num(x.reshape(len(x), -1)[rows]), y[rows]
    if len(np.unique(y)) < 2 or len(y) < 30:
        return 0.0
    forest = ExtraTreesClassifier(100, min_samples_leaf=3, bootstrap=True, oob_score=True, random_state=0).fit(x, y)
    p = np.zeros((len(y), classes))
    p[:, forest.classes_] = np.nan_to_num(forest.oob_decision_function_)
    usual = np.array([p[y == code, code].mean() if (y == code).any() else np.inf for code in range(classes)])
    likely = np.where(p >= usual, p, -1.0)
    wrong = p.argmax(1) != y
    if not wrong.any() or wrong.all():
        return 0.0
    sure = p.max(1) - 1 / classes  # beyond chance
    as_sure = sure[wrong].mean() >= AS_SURE * sure[~wrong].mean()
    return float(np.mean((likely.max(1) > 0) & (likely.argmax(1) != y))) if as_sure else 0.0


def numbers(x: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"]) -> float:
    """The share of rows whose number fits no better than that of any other row would.

    Every row's error is either small, of a law with long tails (Student's t) whose width is learned; or it is that of a
    number that belongs to some other row, in the share that makes all errors most likely. 0 where that share makes them
    hardly more likely: then the tails are merely long, or the columns say too little to tell.

    Reference: Dempster, Laird and Rubin, "Maximum likelihood from incomplete data via the EM algorithm", 1977,
    https://doi.org/10.1111/j.2517-6161.1977.tb01600.x

    >>> draw = np.random.default_rng(0)
    >>> x = draw.normal(size=(300, 2))
    >>> y = x @ [1.0, 2.0]
    >>> wrong = draw.random(300) < 0.3
    >>> numbers(x, y), round(numbers(x, np.where(wrong, draw.permutation(y), y)), 1)
    (0.0, 0.3)
    """
    rows = np.random.default_rng(0).permutation(len(x))[:1000]
    x, y = np.nan_to_num(x.reshape(len(x), -1)[rows]), y[rows]
    if len(y) < 50 or not np.isfinite(y).all() or np.ptp(y) == 0:
        return 0.0
    told = min(_expected(x, y), key=lambda told: float(np.median(np.abs(y - told))))
    pairs = y[:, None] - told[None, :]
    own, share, width = np.diagonal(pairs), 0.0, float(np.median(np.abs(y - told))) + 1e-12 * float(np.ptp(y))
    plain = _fitted(own, pairs, share, width)
    share, _, gained = _fitted(own, pairs, 0.2, width)
    return share if gained - plain[2] > _GAINED else 0.0


def _expected(x: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"]) -> list[Float[np.ndarray, " n"]]:
    """What a forest and a linear model that were not shown a row expect of it."""
    from sklearn.ensemble import ExtraTreesRegressor  # inside: a run's own evidence needs no scikit-learn
    from sklearn.linear_model import RidgeCV
    from sklearn.model_selection import cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    forest = ExtraTreesRegressor(100, min_samples_leaf=3, bootstrap=True, oob_score=True, random_state=0).fit(x, y)
    linear = make_pipeline(StandardScaler(), RidgeCV(np.logspace(-2, 3, 6)))
    return [np.asarray(forest.oob_prediction_), cross_val_predict(linear, x, y, cv=5)]


def _fitted(
    own: Float[np.ndarray, " n"], pairs: Float[np.ndarray, "n n"], share: float, width: float
) -> tuple[float, float, float]:
    """The share and the width that make the errors most likely, from a first guess, and the log-likelihood."""
    likely = 0.0
    for _ in range(_ROUNDS):
        here, other = _tailed(own, width), _tailed(pairs, width).mean(axis=1)
        both = (1 - share) * here + share * other
        likely, before = float(np.log(both + 1e-300).sum()), likely
        belongs = (1 - share) * here / (both + 1e-300)
        share = float(1 - belongs.mean())
        pull = belongs * (_TAILS + 1) / (_TAILS + (own / width) ** 2)
        width = float(np.sqrt((pull * own**2).sum() / max(belongs.sum(), 1e-12)))
        if abs(likely - before) < 1e-3:
            break
    return share, width, likely


def _tailed(errors: np.ndarray, width: float) -> np.ndarray:
    """The density of Student's t with ten degrees of freedom."""
    return 0.3891083839660311 / width * (1 + (errors / width) ** 2 / _TAILS) ** (-(_TAILS + 1) / 2)
