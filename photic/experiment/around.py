"""Around: what simple models are shown of a place, and what they say there, where every place of a row has a target.

Of a step they see itself and its neighbours on both sides, of a pixel its square of neighbours: an honest rival to a
network that sees the whole series or picture. All places of all rows are their rows; of very many a part teaches them.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Shaped

from photic.experiment import baselines
from photic.maths import places

#: Neighbours on each side of a step, and of a pixel.
STEPS, PIXELS = 3, 1


def words(shown: Shaped[np.ndarray, "n ..."]) -> str:
    """What simple models are shown, to stand after their names.

    Args:
        shown: `[n, t, c]` or `[n, h, w, c]`.

    >>> words(np.zeros((2, 9, 1)))
    ' on 7 steps around each one'
    """
    side = 1 + 2 * (STEPS if shown.ndim == 3 else PIXELS)
    return f" on {side} steps around each one" if shown.ndim == 3 else f" on {side} x {side} pixels around each one"


def neighbours(x: Shaped[np.ndarray, "n *places c"]) -> Float[np.ndarray, "m d"]:
    """A row for every place: its numbers and those of its neighbours; beyond an edge the last ones again.

    >>> neighbours(np.array([[[1.0], [2.0]]])).tolist()
    [[1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0], [1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0]]
    """
    half, rank = (STEPS, 1) if x.ndim == 3 else (PIXELS, 2)
    wide = np.pad(x.astype(np.float32), [(0, 0), *[(half, half)] * rank, (0, 0)], "edge")
    seen = np.lib.stride_tricks.sliding_window_view(wide, (2 * half + 1,) * rank, axis=tuple(range(1, 1 + rank)))
    return seen.reshape(len(x) * int(np.prod(x.shape[1:-1])), -1)


def at_places(
    kind: str,
    x: Shaped[np.ndarray, "n *places c"],
    y: Shaped[np.ndarray, "n *places"],
    x_score: Shaped[np.ndarray, "m *places c"],
    *,
    classes: int = 2,
    weight: Float[np.ndarray, " n"] | None = None,
    seed: int = 0,
) -> dict[str, np.ndarray]:
    """What every baseline says at every place of the score rows, by name, `[m, *places, k]`.

    Args:
        kind: "regression", "binary" or "multiclass".
        x, y: prepared fit and stop rows and their targets, as a Dataset has them.
        weight: `[n]` weights of the rows.

    >>> x = np.linspace(-1, 1, 400, dtype=np.float32).reshape(4, 100, 1)
    >>> p = at_places("binary", x, (x[..., 0] > 0).astype(int), x)
    >>> p["logistic"].shape, bool(p["logistic"][0, 0, 0] < 0.1)
    ((4, 100, 1), True)
    """
    each = int(np.prod(x.shape[1:-1]))
    true = y.reshape(-1)
    used = np.flatnonzero(places.known(true))
    cap = baselines.most(neighbours(x[:1]).shape[1])
    if len(used) > cap:
        used = np.sort(np.random.default_rng(seed).choice(used, cap, replace=False))
    rows = np.unique(used // each)
    at = np.searchsorted(rows, used // each) * each + used % each
    w = None if weight is None else weight[used // each]
    target = true[used] if kind == "multiclass" else true[used, None]
    p = baselines.baselines(
        kind, neighbours(x[rows])[at], target, neighbours(x_score), classes=classes, weight=w, seed=seed
    )
    return {name: each_p.reshape(*x_score.shape[:-1], -1) for name, each_p in p.items()}
