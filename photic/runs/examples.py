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
from photic.maths.places import known

#: How many of each kind.
RANDOM, WRONG, PAIRS, OF_A_PAIR = 24, 24, 8, 6
#: Of a series so many steps and channels are kept.
DRAWN, CHANNELS = 150, 12
#: White for a pixel without a class, then a colour for each class in turn.
COLOURS = (
    (255, 255, 255), (40, 40, 48), (214, 122, 38), (46, 126, 170), (92, 160, 72), (176, 72, 132), (222, 190, 60),
    (120, 104, 190), (60, 170, 160), (190, 70, 60),
)  # fmt: skip


def choose_examples(
    dataset: Dataset, rows: Int[np.ndarray, " m"], p: Float[np.ndarray, "m *places k"]
) -> list[dict[str, Any]] | None:
    """The examples of a run on pictures or series; None for other rows, or without a test part.

    Args:
        rows: `[m]` of the test part.
        p: what was predicted for them.

    Returns:
        A dict for each: `place` in the test part, `kinds` it belongs to, `name`, and the picture as `png` or the
        channels of the series as `channels`. With a target at every place also `true` and `said`: a list for a series,
        pictures as PNG text for a picture; `right` is the share of its places (or the mean error) that is.
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
    found = _kinds_at_places(y, p) if dataset.task.every_step else _kinds(dataset.task.kind, y, p)
    for kind, places in found:
        for place in places:
            kinds.setdefault(int(place), []).append(kind)
    if dataset.task.every_step:
        return [_with_places(dataset, int(rows[at]), at, kinds[at], p[at]) for at in sorted(kinds)]
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


def _kinds_at_places(y: np.ndarray, p: np.ndarray) -> Iterable[tuple[str, Iterable[int]]]:
    yield "random", np.random.default_rng(0).permutation(len(y))[: RANDOM // 3]
    error = np.array([_error(true, said) for true, said in zip(y, p, strict=True)])
    yield "wrong", np.argsort(-error, kind="stable")[: WRONG // 3]


def answers(p: Float[np.ndarray, "*places k"]) -> np.ndarray:
    """What is said at each place: the code of the most probable class, or the number where there is one output alone.

    >>> answers(np.array([[0.1, 0.9], [0.8, 0.2]])).tolist()
    [1, 0]
    """
    return p.argmax(axis=-1) if p.shape[-1] > 1 else p[..., 0]


def _error(true: np.ndarray, p: np.ndarray) -> float:
    """The share of places that are wrong, or the mean size of the errors of numbers."""
    there, said = known(true), answers(p)
    if true.dtype.kind in "iu":
        codes = said if said.dtype.kind in "iu" else (said > 0.5).astype(int)
        return float((codes != true)[there].mean())
    return float(np.abs(said - true)[there].mean())


def _with_places(dataset: Dataset, row: int, place: int, kinds: list[str], p: np.ndarray) -> dict[str, Any]:
    """An example with what is true and what is said at every place of it."""
    assert dataset.y is not None
    about, true, said = _example(dataset, row, place, kinds), dataset.y[row], answers(p)
    if true.dtype.kind in "iu" and said.dtype.kind == "f":
        said = (said > 0.5).astype(int)
    about["wrong"] = float(f"{_error(true, p):.4g}")
    if dataset.kind == "images":
        low, high = float(np.nanmin(true)), float(np.nanmax(true))
        return {**about, "true": _mask(true, low, high), "said": _mask(said, low, high)}
    steps = len(true) if dataset.lengths is None else int(dataset.lengths[row])
    shown = np.unique(np.linspace(0, steps - 1, min(steps, DRAWN)).astype(int))
    plain = lambda values: [
        float(f"{value:.4g}") if np.isfinite(value) else None for value in values[shown].astype(float)
    ]
    return {**about, "true": plain(true), "said": plain(said)}


def _mask(values: np.ndarray, low: float, high: float) -> str:
    """A mask as PNG text: a colour for each class, shades of grey for numbers; no target is white."""
    if values.dtype.kind in "iu":
        pixels = np.array(COLOURS, np.uint8)[np.where(values < 0, 0, 1 + values % (len(COLOURS) - 1))]
    else:
        shade = np.nan_to_num((values - low) / (high - low or 1.0), nan=1.0)
        pixels = np.repeat((255 * np.clip(shade, 0, 1)).astype(np.uint8)[..., None], 3, axis=-1)
    return base64.b64encode(picture.encode(pixels)).decode()


def _example(dataset: Dataset, row: int, place: int, kinds: list[str]) -> dict[str, Any]:
    name = str(row + 1) if dataset.names is None else str(dataset.names[row])
    about = {"place": place, "kinds": kinds, "name": name}
    if dataset.kind == "images":
        return {**about, "png": base64.b64encode(picture.encode(dataset.numbers[row])).decode()}
    steps = dataset.numbers.shape[1] if dataset.lengths is None else int(dataset.lengths[row])
    shown = np.unique(np.linspace(0, steps - 1, min(steps, DRAWN)).astype(int))
    channels = dataset.numbers[row, shown, :CHANNELS].T.astype(float)
    return {**about, "channels": [[float(f"{value:.4g}") for value in channel] for channel in channels]}
