"""Examples: rows of the locked test part worth looking at, kept with the run so that its report can show them.

Three kinds: some drawn at random, the most wrong ones, and some of the commonest confusions of classes. A picture is
kept as PNG text, a series as its numbers, so a person can open the file and the report needs no other.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from photic.data import picture
from photic.data.dataset import Dataset

#: How many of each kind.
RANDOM, WRONG, PAIRS, OF_A_PAIR = 24, 24, 8, 6
#: Of a series so many steps and channels are kept.
DRAWN, CHANNELS = 150, 12


def choose_examples(
    dataset: Dataset, rows: Int[np.ndarray, " m"], p: Float[np.ndarray, "m k"]
) -> list[dict[str, Any]] | None:
    """The examples of a run on pictures or series; None for other rows, or without a test part.

    Args:
        rows: `[m]` of the test part.
        p: what was predicted for them.

    Returns:
        A dict for each: `place` in the test part, `kinds` it belongs to, `name`, and the picture as `png` or the
        channels of the series as `channels`.
    """
    if (
        dataset.kind not in {"images", "series"}
        or dataset.task is None
        or dataset.y is None
        or not len(rows)
        or not np.isfinite(p).all()
    ):
        return None
    y = dataset.y[rows]
    kinds: dict[int, list[str]] = {}
    for kind, places in _kinds(dataset.task.kind, y, p):
        for place in places:
            kinds.setdefault(int(place), []).append(kind)
    return [_example(dataset, int(rows[place]), place, kinds[place]) for place in sorted(kinds)]


def _kinds(kind: str, y: np.ndarray, p: np.ndarray) -> Iterable[tuple[str, Iterable[int]]]:
    drawn = np.random.default_rng(0).permutation(len(y))[:RANDOM]
    yield "random", drawn
    if kind in {"regression", "multilabel"}:
        true = y.reshape(len(y), -1)
        spread = true.std(axis=0) if kind == "regression" else 1.0  # several numbers are in units of their own
        left = (np.abs(p - true) / np.where(spread == 0, 1.0, spread)).mean(axis=1)
        yield "wrong", np.argsort(-left, kind="stable")[:WRONG]
        return
    p = np.concatenate([1 - p, p], axis=1) if kind == "binary" else p
    said = p.argmax(axis=1)
    wrong = np.flatnonzero(said != y)
    order = wrong[np.argsort(p[wrong, y[wrong]], kind="stable")]  # least probability for what is true
    yield "wrong", order[:WRONG]
    pairs, counts = np.unique(np.stack([y[order], said[order]], axis=1), axis=0, return_counts=True)
    for true, answer in pairs[np.argsort(-counts, kind="stable")[:PAIRS]]:
        yield "pair", [place for place in order if y[place] == true and said[place] == answer][:OF_A_PAIR]


def _example(dataset: Dataset, row: int, place: int, kinds: list[str]) -> dict[str, Any]:
    name = str(row + 1) if dataset.names is None else str(dataset.names[row])
    about = {"place": place, "kinds": kinds, "name": name}
    if dataset.kind == "images":
        return {**about, "png": base64.b64encode(picture.encode(dataset.numbers[row])).decode()}
    steps = dataset.numbers.shape[1] if dataset.lengths is None else int(dataset.lengths[row])
    shown = np.unique(np.linspace(0, steps - 1, min(steps, DRAWN)).astype(int))
    channels = dataset.numbers[row, shown, :CHANNELS].T.astype(float)
    return {**about, "channels": [[float(f"{value:.4g}") for value in channel] for channel in channels]}
