"""How sure a score is: intervals from the rows it was measured on, and from the folds it was measured in.

On the locked test part rows are drawn again with replacement (whole groups, where rows come in groups), a thousand
times, and every score is computed on every draw. All contenders share the draws, so that their differences are paired.
A score that is a share gets Wilson's interval, with as many rows as the variance of its draws amounts to; an error
gets the bootstrap-t interval. Over folds there are two sources of chance, the rows and the networks, and each is
measured where it shows. `python -m bench coverage` measures how often the intervals hold the truth.

Reference: Efron and Tibshirani, "An introduction to the bootstrap", 1993, https://doi.org/10.1201/9780429246593
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int, Shaped

from photic import keys
from photic.experiment.figures import span

LEVEL = 0.95
Interval = tuple[float, float]

_UNITS = 8_192  # more are put together first; that changes the time and not the interval
_BLOCK = 2**20  # numbers drawn at once


@dataclasses.dataclass(frozen=True)
class Score:
    """A number with the 95 % interval it is known to; NaN where there is none.

    >>> print(Score(0.975, 0.953, 0.987))
    0.975 (0.953 to 0.987)
    """

    value: float
    low: float = math.nan
    high: float = math.nan

    def __str__(self) -> str:
        return span(self.value, self.low, self.high)


@dataclasses.dataclass(frozen=True, eq=False)
class Units:
    """What is drawn with replacement: the rows of weight above 0, or whole groups of them.

    More than 8,192 rows (or groups) are first put together at random into so many parts of equal size, which are drawn.

    Args:
        count: how many rows or groups there are.
        weight: `[m, 1]` the weights of the rows, part after part.
        rows: `[m]` the rows, part after part.
        starts: `[u]` where each part begins.
        seed: of the draws.

    >>> units = Units.of(np.ones(100))
    >>> parts = units.sum(np.arange(100.0)[:, None])
    >>> draws = units.draw(parts)
    >>> units.count, parts.shape, draws.shape, bool(abs(draws.mean() - 4950) < 50)
    (100, (100, 1), (1000, 1), True)
    """

    count: int
    weight: Float[np.ndarray, "m 1"]
    rows: Int[np.ndarray, " m"]
    starts: Int[np.ndarray, " u"]
    seed: int

    @classmethod
    def of(
        cls, weight: Float[np.ndarray, " n"], groups: Shaped[np.ndarray, " n"] | None = None, *, seed: int = 0
    ) -> Units:
        """The units of rows with these weights, in groups with these labels if there are any."""
        rows = np.flatnonzero(np.asarray(weight) > 0)
        labels = rows if groups is None else np.asarray(groups)[rows]
        labels = np.unique(labels, return_inverse=True)[1]
        count = int(labels.max(initial=-1)) + 1
        if count > _UNITS:
            labels = (keys.generator(seed, "bootstrap", "parts").permutation(count) % _UNITS)[labels]
        order = np.argsort(labels, kind="stable")
        starts = np.searchsorted(labels[order], np.arange(min(count, _UNITS)))
        rows = rows[order]
        return cls(count, np.asarray(weight, float)[rows, None], rows, starts, seed)

    def sum(self, columns: Float[np.ndarray, "n s"]) -> Float[np.ndarray, "u s"]:
        """The weighted sums of columns over the rows of each part."""
        return np.add.reduceat(columns[self.rows] * self.weight, self.starts, axis=0)

    def draw(self, parts: Float[np.ndarray, "u s"], draws: int = 1_000) -> Float[np.ndarray, "b s"]:
        """The sums over as many parts as there are, drawn with replacement, `draws` times: sum_u count_bu parts_u."""
        units, rng, done = len(parts), keys.generator(self.seed, "bootstrap", "draws"), []
        block = max(1, _BLOCK // max(units, 1))
        for start in range(0, draws, block):
            size = min(draws - start, block)
            drawn = rng.integers(units, size=(size, units)) + units * np.arange(size)[:, None]
            done.append(np.bincount(drawn.ravel(), minlength=size * units).reshape(size, units) @ parts)
        return np.concatenate(done)


def percentile(draws: Float[np.ndarray, " b"], level: float = LEVEL) -> Interval:
    """The middle `level` of the draws; NaN when more than half of them are not defined.

    >>> percentile(np.arange(1001.0), 0.5)
    (250.0, 750.0)
    """
    defined = draws[np.isfinite(draws)]
    if len(defined) <= len(draws) / 2:
        return math.nan, math.nan
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def share(value: float, variance: float, units: float, level: float = LEVEL, freedom: float = math.inf) -> Interval:
    """Wilson's interval for a share of rows, of as many independent rows as its variance amounts to.

    low, high = (v + z^2/2n -+ z sqrt(v (1 - v)/n + z^2/4n^2)) / (1 + z^2/n) with n = v (1 - v) / variance. Unlike the
    percentiles of draws it stays open when every row is right.

    Args:
        value: the share.
        variance: of the share, over draws of the units; weights and groups are in it.
        units: how many rows or groups there are; taken for n when all are right or all wrong.
        freedom: how many degrees of freedom the variance has; z is Student's t of so many.

    Reference: Wilson, "Probable inference, the law of succession, and statistical inference", 1927,
    https://doi.org/10.1080/01621459.1927.10502953

    >>> low, high = share(1.0, 0.0, units=30)
    >>> round(low, 3), high
    (0.886, 1.0)
    """
    spread = value * (1 - value)
    if units < 2 or not math.isfinite(variance):
        return math.nan, math.nan
    n = min(spread / variance, 1e12) if spread > 0 and variance > 0 else units
    z = _quantile(level, freedom)
    centre, half = value + z**2 / (2 * n), z * np.sqrt(spread / n + (z / (2 * n)) ** 2)
    scale = 1 + z**2 / n
    return max(0.0, float((centre - half) / scale)), min(1.0, float((centre + half) / scale))


def studentized(
    value: float,
    error: float,
    draws: Float[np.ndarray, " b"],
    errors: Float[np.ndarray, " b"],
    level: float = LEVEL,
) -> Interval:
    """The bootstrap-t interval of an error, which is not below 0.

    t_b = (v_b - v) / s_b; low, high = max(0, v - t_high s), v - t_low s. A few rows of large error make the score large
    and its spread too; percentiles of the draws do not see that and are far too sure. They are the interval where the
    score has no spread.

    Args:
        value, error: the score and its standard error s.
        draws, errors: the same of every draw, NaN where it is not defined.

    Reference: Hall, "Theoretical comparison of bootstrap confidence intervals", 1988,
    https://doi.org/10.1214/aos/1176350933

    >>> rng = np.random.default_rng(0)
    >>> x = rng.exponential(size=(1000, 30))  # as if these were draws of rows whose mean is 1
    >>> low, high = studentized(1.0, 30**-0.5, x.mean(axis=1), x.std(axis=1) / 30**0.5)
    >>> round(low, 2), round(high, 2)
    (0.7, 1.52)
    """
    known = np.isfinite(draws) & np.isfinite(errors) & (errors > 0)
    if not error > 0 or known.sum() <= len(draws) / 2:
        return percentile(draws, level)
    t = (draws[known] - value) / errors[known]
    low, high = np.quantile(t, [(1 - level) / 2, (1 + level) / 2])
    return max(0.0, float(value - high * error)), float(value - low * error)


def share_of_draws(value: float, draws: Float[np.ndarray, " b"], count: int, units: int) -> Interval:
    """`share` with the variance of draws of `count` rows or groups; NaN when most draws are not defined.

    AUC is a share too, of pairs. Of 200 rows the percentiles do as well; of 20 they hold the truth in 80 to 90 of 100
    cases, because they end where the draws end, at 1 above all.

    Args:
        units: taken for the number of rows when no draw differs from the score.

    Reference: Newcombe, "Confidence intervals for an effect size measure based on the Mann-Whitney statistic. Part 2",
    2006, https://doi.org/10.1002/sim.2324 (a score interval for AUC; its variance supposes a shape, ours is of draws)

    >>> low, high = share_of_draws(1.0, np.ones(1000), count=30, units=30)
    >>> round(low, 3), high
    (0.886, 1.0)
    """
    defined = draws[np.isfinite(draws)]
    if len(defined) <= len(draws) / 2:
        return math.nan, math.nan
    variance = float(defined.var()) * count / (count - 1)
    return share(value, variance, count if variance > 0 else units)


def share_difference(
    value: float, variance: float, units: float, level: float = LEVEL, freedom: float = math.inf
) -> Interval:
    """An interval for the difference of two shares on the same rows, with half a row added to each of the four cases.

    low, high = (d n -+ z sqrt(variance n^2 + 1)) / (n + 2). Percentiles would count four rows against none as proof.

    Reference: Agresti and Min, "Simple improved confidence intervals for comparing matched proportions", 2005,
    https://doi.org/10.1002/sim.1781

    >>> low, high = share_difference(4 / 200, 4 / 200**2, units=200)  # four rows of 200 against none
    >>> round(low, 4), round(high, 4)
    (-0.0019, 0.0415)
    """
    if units < 2 or not math.isfinite(variance):
        return math.nan, math.nan
    centre = value * units / (units + 2)
    half = _quantile(level, freedom) * math.sqrt(variance * units**2 + 1) / (units + 2)
    return centre - half, centre + half


def spread(
    values: Sequence[float], variances: Sequence[float], units: float, repeats: float = 1
) -> tuple[float, float]:
    """The variance of the mean of one score (or paired difference) over folds, and its degrees of freedom.

    v + d with v = r mean_j(v_j)/k and d = max(0, s^2 - mean_j(v_j)). The score of a fold differs from that of another
    for two reasons: it was measured on other rows, whose variance v_j the rows tell; and its network learned from other
    rows, began with other weights. What the folds differ by (s^2, their variance) beyond the first is the second. The
    rows of k folds are independent witnesses; the networks are not, for they share most of their training rows, and d
    is not divided by k: as if two of them had nearly half of what they err by in common. The degrees of freedom are
    Satterthwaite's: (v + d)^2 / (v^2/(units - 1) + d^2/(k - 1)).

    Args:
        values, variances: one number a fold, and its variance as the rows it was measured on tell it; that is NaN
            where there is one row, and of all folds the variance between them is taken for it.
        units: how many rows or groups were scored in all, each counted once.
        repeats: r, how often each was.

    Returns:
        variance, freedom: NaN when a fold failed or there is one alone.

    Reference: Bengio and Grandvalet, "No unbiased estimator of the variance of k-fold cross-validation", 2004,
    https://www.jmlr.org/papers/v5/grandvalet04a.html; Bayle, Bayle, Janson and Mackey, "Cross-validation confidence
    intervals for test error", 2020, https://arxiv.org/abs/2007.12671 (v alone); Satterthwaite, "An approximate
    distribution of estimates of variance components", 1946, https://doi.org/10.2307/3002019

    >>> variance, freedom = spread([0.90, 0.92, 0.94, 0.96, 0.93], [0.06 / 100] * 5, units=500)
    >>> round(variance**0.5, 3), round(freedom)
    (0.011, 499)
    """
    k = len(values)
    if k < 2 or not np.isfinite(values).all():
        return math.nan, math.nan
    between, known = float(np.var(values, ddof=1)), np.asarray(variances)[np.isfinite(variances)]
    rows, units = (float(known.mean()), units) if len(known) else (between, k)
    own, shared = rows * repeats / k, max(0.0, between - rows)
    chance = own**2 / max(units - 1, 1) + shared**2 / (k - 1)
    return own + shared, (own + shared) ** 2 / chance if chance > 0 else math.inf


def around(value: float, variance: float, freedom: float, level: float = LEVEL) -> Interval:
    """The interval value -+ t sqrt(variance), t Student's with so many degrees of freedom.

    >>> low, high = around(3.0, 0.25, freedom=4)
    >>> round(low, 2), round(high, 2)
    (1.61, 4.39)
    """
    half = _quantile(level, freedom) * math.sqrt(variance)
    return value - half, value + half


def _quantile(level: float, freedom: float) -> float:
    """What bounds the middle `level` of Student's distribution; of the normal one where freedom is infinite."""
    if math.isinf(freedom):
        from statistics import NormalDist  # imported here: scipy costs a tenth of a second, and only folds ask

        return NormalDist().inv_cdf((1 + level) / 2)
    from scipy import special

    return float(special.stdtrit(freedom, (1 + level) / 2))
