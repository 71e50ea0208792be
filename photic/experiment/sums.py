"""Every metric as a function of weighted sums over rows, so that a thousand weightings are one matrix product.

What a metric is, `photic.maths.metrics` says; this is the form of it that resampling needs (as a compiled program over
draws it takes a hundred times as long), and a test holds the two together for every metric and any weights. A metric
is split in two: columns `f [n, s]` of the rows alone, and a finish that takes `sum_i w_i f_i [s]` to the score. AUC
alone is not of that form; its columns are the placements of DeLong, with which it is exact for the weights given and
right to first order for weights drawn around them.

Where a row has a target at every place ("binary places"), its columns are summed over its places: rows are what is
drawn, for the places of one series or picture are no independent witnesses. There is no AUC of places.

Reference: DeLong, DeLong and Clarke-Pearson, "Comparing the areas under two or more correlated receiver operating
characteristic curves: a nonparametric approach", 1988, https://doi.org/10.2307/2531595
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float, Shaped

from photic.maths import places
from photic.maths.metrics import PLACES

Columns = dict[str, Float[np.ndarray, "n _"]]
Sums = Mapping[str, Float[np.ndarray, "*b _"]]
Scores = dict[str, Float[np.ndarray, "*b"]]

_LEAST = float(np.finfo(np.float32).eps)  # the least probability, as metrics.log_loss takes it in float32
_NUMBERS = ("regression", "values")
_MOST = 4_000_000  # numbers of predictions at places that are looked at together
_STEP = 1e-4  # of a weight, to see how a score changes with it
_BINS = 10  # of calibration, as in metrics.calibration_error


def columns(
    kind: str, p: Float[np.ndarray, "n *places k"], y: Shaped[np.ndarray, "n ..."], weight: Float[np.ndarray, " n"]
) -> Columns:
    """What has to be summed over rows to know every metric of a kind of task, by name.

    Args:
        kind: a kind of task as `Task.scoring` has it: "values" are several numbers, each in units of its own, and
            " places" stands behind a kind whose rows have a target at every place.
        p, y, weight: as in `photic.maths.metrics`, or as in `photic.maths.places`; the weights matter for AUC alone.

    >>> {name: f.shape for name, f in columns("regression", np.zeros((5, 1)), np.ones((5, 1)), np.ones(5)).items()}
    {'rows': (5, 1), 'absolute': (5, 1), 'squares': (5, 1), 'y': (5, 1), 'yy': (5, 1)}
    """
    if kind == "text":
        return _of_text(p, y, np.asarray(weight) > 0)
    if kind.endswith(PLACES):
        return _at_places(kind.removesuffix(PLACES), p, y, np.asarray(weight) > 0)
    p, counts = np.asarray(p, float), np.asarray(weight) > 0
    lost = bool(np.isnan(p[counts]).any())
    p = np.where(counts[:, None] & ~np.isnan(p), p, 0.0)
    if kind in _NUMBERS:
        y = np.where(counts[:, None], np.asarray(y, float), 0.0)
        found = _values(p, y, y[counts].mean(axis=0) if counts.any() else np.zeros(y.shape[1]))
    elif kind == "multilabel":
        found = _labels(p, np.asarray(y) > 0.5, np.where(counts, weight, 0.0))
    else:
        found = _classes(kind, p, y) | _ranks(kind, p, y, np.where(counts, weight, 0.0))
    return {name: np.full_like(f, np.nan) for name, f in found.items()} if lost else found


def scores(kind: str, sums: Sums) -> Scores:
    """Every metric of a kind of task from the sums of its columns, for any number of weightings at once.

    Args:
        sums: `[*b, s]` by name.

    Returns:
        `[*b]` by the metric's name; NaN where a metric is not defined.

    >>> f = columns("regression", np.array([[1.0], [2.0]]), np.array([[1.0], [4.0]]), np.ones(2))
    >>> float(scores("regression", {name: f[name].sum(axis=0) for name in f})["mae"])
    1.0
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind == "values":
            found = {"r2": _of_values(sums)["r2"]}
        elif kind.startswith("regression"):
            found = _of_values(sums)
        elif kind == "text":
            found = _of_symbols(sums)
        else:
            found = _of_labels(sums) if kind == "multilabel" else _of_classes(kind.removesuffix(PLACES), sums)
    return {name: np.asarray(score) for name, score in found.items()}


def pulls(kind: str, parts: Mapping[str, Float[np.ndarray, "u _"]]) -> dict[str, Float[np.ndarray, " u"]]:
    """How fast every metric grows with the weight of each part of the rows: its infinitesimal jackknife.

    pull_u = ds/dw_u at w = 1; the sum of their squares is the variance of the score.

    Args:
        parts: the sums of the columns over each part, by name.

    Reference: Efron, "Nonparametric estimates of standard error: the jackknife, the bootstrap and other methods",
    1981, https://doi.org/10.1093/biomet/68.3.589

    >>> f = columns("regression", np.array([[1.0], [2.0]]), np.array([[1.0], [4.0]]), np.ones(2))
    >>> pulls("regression", f)["mae"].round(3)  # the rows err by 0 and 2
    array([-0.5,  0.5])
    """
    total = {name: each.sum(axis=0) for name, each in parts.items()}
    whole = scores(kind, total)
    more = scores(kind, {name: total[name] + _STEP * each for name, each in parts.items()})
    return {name: (more[name] - whole[name]) / _STEP for name in whole}


def rarest(parts: Mapping[str, Float[np.ndarray, "u _"]]) -> int:
    """How many parts have the rarest class, of those that are there or are said; 0 where there are no classes.

    Args:
        parts: as in `pulls`.
    """
    if "true" not in parts:
        return 0
    true, said = parts["true"], parts["said"]
    yes_or_no = true.shape[1] == 1 or "whole" in parts
    absent = parts["rows"] - true if yes_or_no else true
    counts = np.concatenate([(each > 0).sum(axis=0) for each in (true, said, absent)])
    return int(counts[counts > 0].min(initial=len(true)))


def _values(p: np.ndarray, y: np.ndarray, middle: Float[np.ndarray, " k"]) -> Columns:
    centred = y - middle
    return {
        "rows": np.ones((len(y), 1)),
        "absolute": np.abs(y - p),
        "squares": (y - p) ** 2,
        "y": centred,
        "yy": centred**2,
    }


def _of_values(sums: Sums) -> dict[str, Any]:
    rows = sums["rows"]
    mse = (sums["squares"] / rows).mean(axis=-1)
    total = sums["yy"] - sums["y"] ** 2 / rows
    total = np.where(total > 1e-12 * sums["yy"], total, np.nan)
    return {
        "rmse": np.sqrt(mse),
        "mae": (sums["absolute"] / rows).mean(axis=-1),
        "mse": mse,
        "r2": (1 - sums["squares"] / total).mean(axis=-1),
    }


def _at_places(kind: str, p: np.ndarray, y: np.ndarray, counts: np.ndarray) -> Columns:
    """The columns of each row's places that have a target, summed; some rows at a time, for places are many."""
    n, block, parts = len(p), max(1, _MOST // max(1, p[:1].size)), []
    middle = np.nanmean(y[counts], keepdims=True).reshape(1) if kind == "regression" and counts.any() else np.zeros(1)
    for start in range(0, n, block):
        here = slice(start, start + block)
        each = p[here].size // max(1, p.shape[-1] * len(p[here]))
        some, true, there = places.flat(np.asarray(p[here], float), np.asarray(y[here]))
        there = there & np.repeat(counts[here], each)
        some, true, row = some[there], true[there], np.repeat(np.arange(len(p[here])), each)[there]
        lost = bool(np.isnan(some).any())
        some = np.zeros_like(some) if lost else some
        found = _values(some, true, middle) if kind == "regression" else _classes(kind, some, true)
        if lost:
            found = {name: np.full_like(f, np.nan) for name, f in found.items()}
        parts.append({name: _by_row(f, row, len(p[here])) for name, f in found.items()})
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _of_text(p: Float[np.ndarray, "n t 3"], y: np.ndarray, counts: np.ndarray) -> Columns:
    """The columns of each window of a text, from what was told of its symbols; see `symbols.told`."""
    there = places.known(y) & counts[:, None]
    surprise = -np.log(np.maximum(p[..., 0].astype(float), _LEAST))
    total = lambda values: np.where(there, values, 0.0).sum(axis=1)[:, None]
    parts = {"surprise": surprise, "hits": p[..., 1], "characters": p[..., 2]}
    return {"rows": total(1.0), **{name: total(values) for name, values in parts.items()}}


def _of_symbols(sums: Sums) -> dict[str, Any]:
    surprise, rows = sums["surprise"][..., 0], sums["rows"][..., 0]
    return {
        "bits": surprise / np.log(2) / sums["characters"][..., 0],
        "perplexity": np.exp(surprise / rows),
        "accuracy": sums["hits"][..., 0] / rows,
    }


def _by_row(f: Float[np.ndarray, "m s"], row: np.ndarray, n: int) -> Float[np.ndarray, "n s"]:
    out = np.zeros((n, f.shape[1]))
    if len(row):
        starts = np.flatnonzero(np.diff(row, prepend=-1))
        out[row[starts]] = np.add.reduceat(f, starts, axis=0)
    return out


def _classes(kind: str, p: np.ndarray, y: np.ndarray) -> Columns:
    y = np.asarray(y).reshape(-1).astype(int)
    stated, came = (p[:, 0], y) if kind == "binary" else (p.max(axis=1), p.argmax(axis=1) == y)
    p = np.concatenate([1 - p, p], axis=1) if kind == "binary" else p
    each = np.arange(p.shape[1])
    true, said = y[:, None] == each, p.argmax(axis=1)[:, None] == each
    in_bin = (stated.astype(np.float32) * np.float32(_BINS)).astype(int)  # in float32, or 0.7 may fall on another side
    bins = np.clip(in_bin, 0, _BINS - 1)[:, None] == np.arange(_BINS)
    squares = ((p - true) ** 2).sum(axis=1, keepdims=True) / (2 if kind == "binary" else 1)
    return {
        "rows": np.ones((len(y), 1)),
        "hits": (true & said).astype(float),
        "said": said.astype(float),
        "true": true.astype(float),
        "surprise": -np.log(np.maximum(p[np.arange(len(y)), y], _LEAST))[:, None],
        "squares": squares,
        "gaps": bins * (stated - came)[:, None],
    }


def _labels(p: np.ndarray, true: np.ndarray, weight: np.ndarray) -> Columns:
    said = p > 0.5
    surprise = -np.log(np.maximum(np.where(true, p, 1 - p), _LEAST))
    above, below = zip(*(_placements(p[:, k], weight, true[:, k]) for k in range(p.shape[1])), strict=True)
    return {
        "rows": np.ones((len(p), 1)),
        "wrong": (said != true).mean(axis=1, keepdims=True),
        "whole": (said == true).all(axis=1, keepdims=True).astype(float),
        "hits": (true & said).astype(float),
        "said": said.astype(float),
        "true": true.astype(float),
        "surprise": surprise.mean(axis=1, keepdims=True),
        "above": np.stack(above, axis=1),
        "below": np.stack(below, axis=1),
    }


def _of_labels(sums: Sums) -> dict[str, Any]:
    rows, hits, said, true = sums["rows"], sums["hits"], sums["said"], sums["true"]
    occurs = said + true > 0
    return {
        "hamming_loss": (sums["wrong"] / rows)[..., 0],
        "subset_accuracy": (sums["whole"] / rows)[..., 0],
        "auc": (sums["above"] / true + sums["below"] / (rows - true)).mean(axis=-1),
        "f1": _average(2 * hits, said + true, occurs),
        "precision": _average(hits, said, occurs),
        "recall": _average(hits, true, occurs),
        "log_loss": (sums["surprise"] / rows)[..., 0],
    }


def _ranks(kind: str, p: np.ndarray, y: np.ndarray, weight: np.ndarray) -> Columns:
    y = np.asarray(y).reshape(-1).astype(int)
    asked = [(p[:, 0], y == 1)] if kind == "binary" else [(p[:, c], y == c) for c in range(p.shape[1])]
    above, below = zip(*(_placements(stated, weight, member) for stated, member in asked), strict=True)
    return {"above": np.stack(above, axis=1), "below": np.stack(below, axis=1)}


def _placements(p: np.ndarray, weight: np.ndarray, member: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For a row of the class the share of others with lower p, for the others the share of it with higher; ties: half.

    Half the AUC is taken off each, so that AUC is the mean of one over the class plus that of the other over the rest.
    """
    order = np.argsort(p)
    begins = np.concatenate([[True], p[order][1:] != p[order][:-1]])  # of equal p
    first = np.flatnonzero(begins)
    place = np.empty(len(p), int)
    place[order] = np.cumsum(begins) - 1
    inside, outside = weight * member, weight * ~member
    tied_in, tied_out = (np.add.reduceat(w[order], first) for w in (inside, outside))
    lower_in, lower_out = ((np.cumsum(tied) - tied / 2)[place] for tied in (tied_in, tied_out))
    with np.errstate(divide="ignore", invalid="ignore"):
        above, below = lower_out / outside.sum(), 1 - lower_in / inside.sum()
        half = (inside * above).sum() / inside.sum() / 2
    return np.where(member, above - half, 0.0), np.where(member, 0.0, below - half)


def _of_classes(kind: str, sums: Sums) -> dict[str, Any]:
    rows, hits, said, true = sums["rows"][..., 0], sums["hits"], sums["said"], sums["true"]
    asked = slice(1, None) if kind == "binary" else slice(None)
    inside = true[..., asked]
    outside = rows[..., None] - inside
    hits_asked, said_asked = hits[..., asked], said[..., asked]
    occurs = said_asked + inside > 0
    if "above" in sums:
        own = {"auc": (sums["above"] / inside + sums["below"] / outside).mean(axis=-1)}
    else:
        own = {"iou": _average(hits, said + true - hits, true > 0)}
    return own | {
        "accuracy": hits.sum(axis=-1) / rows,
        "balanced_accuracy": _average(hits, true, true > 0),
        "f1": _average(2 * hits_asked, said_asked + inside, occurs),
        "precision": _average(hits_asked, said_asked, occurs),
        "recall": _average(hits_asked, inside, occurs),
        "log_loss": sums["surprise"][..., 0] / rows,
        "brier": sums["squares"][..., 0] / rows,
        "calibration_error": np.abs(sums["gaps"]).sum(axis=-1) / rows,
    }


def _average(part: np.ndarray, whole: np.ndarray, occurs: np.ndarray) -> np.ndarray | np.floating:
    """Mean of part / whole over the classes that occur; 0 / 0 is 0 in one class and NaN when no class occurs."""
    shares = np.where(whole > 0, part / whole, 0.0)
    return (shares * occurs).sum(axis=-1) / occurs.sum(axis=-1)


def measure(
    kind: str, p: Float[np.ndarray, "n *places k"], y: Shaped[np.ndarray, "n ..."], weight: Float[np.ndarray, " n"]
) -> dict[str, float]:
    """Every metric of a kind of task on one set of rows.

    >>> measure("regression", np.array([[1.0], [2.0]]), np.array([[1.0], [4.0]]), np.ones(2))["mae"]
    1.0
    """
    weight = np.asarray(weight, float)
    sums = {name: (weight[:, None] * f).sum(axis=0) for name, f in columns(kind, p, y, weight).items()}
    return {name: float(score) for name, score in scores(kind, sums).items()}
