"""Doubt: the share of rows whose target a forest of trees, not shown it, contradicts. NumPy and scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

#: A forest is as sure where it contradicts labels as where it agrees, from this share of its certainty.
AS_SURE = 0.82
#: What doubted numbers must add to the likelihood of all rows, as a logarithm, to be more than long tails.
_GAINED = 7.0  # a thousand times as likely
Expect = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
_ROUNDS, _TAILS = 40, 10
#: How often the models learn again, and from how many rows at most.
_AGAIN, _MOST = 3, 600
#: Errors must be so much smaller than the numbers vary, and doubts about as frequent among large answers as small ones.
_CLEAR, _ANYWHERE = 0.8, 3.0


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
    number that belongs to some other row, in the share that makes all errors most likely. A forest and a linear model
    say what to expect of a row they were not shown, and learn again with every row weighted by how surely its number is
    its own. 0 where the share makes the errors hardly more likely (the tails are merely long), where the columns say
    too little to tell, and where what is doubted are the large answers or the small ones: a wrong number stands
    anywhere.

    Reference: Dempster, Laird and Rubin, "Maximum likelihood from incomplete data via the EM algorithm", 1977,
    https://doi.org/10.1111/j.2517-6161.1977.tb01600.x

    >>> draw = np.random.default_rng(0)
    >>> x = draw.normal(size=(300, 2))
    >>> y = x @ [1.0, 2.0]
    >>> wrong = draw.random(300) < 0.3
    >>> numbers(x, y), round(numbers(x, np.where(wrong, draw.permutation(y), y)), 1)
    (0.0, 0.3)
    """
    rows = np.random.default_rng(0).permutation(len(x))[:_MOST]
    x, y = np.nan_to_num(x.reshape(len(x), -1)[rows]), y[rows]
    if len(y) < 50 or not np.isfinite(y).all() or np.ptp(y) == 0:
        return 0.0
    found = max((_explained(x, y, expect) for expect in (_forest, _linear)), key=lambda each: each.likely)
    thirds = [found.doubts[part].mean() for part in np.array_split(np.argsort(found.told, kind="stable"), 3)]
    clear = found.gained > _GAINED and found.width < _CLEAR * y.std() and max(thirds) < _ANYWHERE * min(thirds)
    return float(found.doubts.mean()) if clear else 0.0


class _Explained(NamedTuple):
    """What is expected of every row, how surely its number is another's, and how much more likely that makes all."""

    told: Float[np.ndarray, " n"]
    doubts: Float[np.ndarray, " n"]
    width: float
    likely: float
    gained: float


def _explained(x: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"], expect: Expect) -> _Explained:
    told, share, belongs = y, 0.2, np.ones(len(y))
    width = law = 0.0
    likely = plain = 0.0
    for _ in range(_AGAIN):
        told = expect(x, y, np.maximum(belongs, 1e-3))
        pairs = y[:, None] - told[None, :]
        width = float(np.median(np.abs(np.diagonal(pairs)))) + 1e-12 * float(np.ptp(y))
        plain = _fitted(pairs, 0.0, width)[2]
        belongs, law, likely = _fitted(pairs, share, width)
        share = max(0.02, float(1 - belongs.mean()))
    return _Explained(told, 1 - belongs, law, likely, likely - plain)


def _forest(x: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"], weight: Float[np.ndarray, " n"]) -> np.ndarray:
    from sklearn.ensemble import ExtraTreesRegressor  # inside: a run's own evidence needs no scikit-learn

    forest = ExtraTreesRegressor(60, min_samples_leaf=3, bootstrap=True, oob_score=True, random_state=0)
    return np.asarray(forest.fit(x, y, sample_weight=weight).oob_prediction_)


def _linear(x: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"], weight: Float[np.ndarray, " n"]) -> np.ndarray:
    from sklearn.linear_model import RidgeCV  # inside: as above
    from sklearn.model_selection import KFold
    from sklearn.preprocessing import StandardScaler

    told = np.empty(len(y))
    for fit, other in KFold(5, shuffle=True, random_state=0).split(x):
        scaled = StandardScaler().fit(x[fit])
        ridge = RidgeCV(np.logspace(-2, 3, 6)).fit(scaled.transform(x[fit]), y[fit], sample_weight=weight[fit])
        told[other] = ridge.predict(scaled.transform(x[other]))
    return told


def _fitted(pairs: Float[np.ndarray, "n n"], share: float, width: float) -> tuple[np.ndarray, float, float]:
    """How surely every number is its row's own, the width that makes the errors most likely, and the log-likelihood.

    Args:
        pairs: every number less what is expected of every row.
        share, width: a first guess; a share of 0 stays 0.
    """
    own, likely, belongs = np.diagonal(pairs), 0.0, np.ones(len(pairs))
    for _ in range(_ROUNDS):
        here, other = _tailed(own, width), _tailed(pairs, width).mean(axis=1) if share else np.zeros(len(own))
        both = (1 - share) * here + share * other
        likely, before = float(np.log(both + 1e-300).sum()), likely
        belongs = (1 - share) * here / (both + 1e-300)
        share = float(1 - belongs.mean()) if share else 0.0
        pull = belongs * (_TAILS + 1) / (_TAILS + (own / width) ** 2)
        width = float(np.sqrt((pull * own**2).sum() / max(belongs.sum(), 1e-12)))
        if abs(likely - before) < 1e-3:
            break
    return belongs, width, likely


def _tailed(errors: np.ndarray, width: float) -> np.ndarray:
    """The density of Student's t with ten degrees of freedom."""
    return 0.3891083839660311 / width * (1 + (errors / width) ** 2 / _TAILS) ** (-(_TAILS + 1) / 2)
