"""The data every entrant gets: the same numbers, drawn from the same seed."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int

SEED = 0


def table(rows: int, features: int, outputs: int) -> tuple[Float[np.ndarray, "n d"], np.ndarray]:
    """Random float32 rows with a target: `[n, 1]` numbers for one output, int64 classes `[n]` for several.

    The target depends on the features, so that training has something to learn and no gradient dies out.
    """
    rng = np.random.default_rng(SEED)
    x = rng.standard_normal((rows, features), dtype=np.float32)
    scores = np.tanh(x @ rng.standard_normal((features, outputs), dtype=np.float32) / features**0.5)
    return x, (scores if outputs == 1 else scores.argmax(1))


def sequences(rows: int, t: int, d: int) -> tuple[Float[np.ndarray, "n t d"], Float[np.ndarray, "n 1"]]:
    """Random float32 sequences; the target hangs on a mean over all steps, so every step gets a gradient."""
    rng = np.random.default_rng(SEED)
    x = rng.standard_normal((rows, t, d), dtype=np.float32)
    return x, np.tanh(x.mean(1) @ rng.standard_normal((d, 1), dtype=np.float32))


def pictures(rows: int, shape: Sequence[int]) -> tuple[Float[np.ndarray, "n ..."], Int[np.ndarray, " n"]]:
    """Random float32 pictures or series of a shape, channels last, with one of ten classes that depends on them."""
    x, y = table(rows, math.prod(shape), 10)
    return x.reshape(rows, *shape), y


def save_mnist(path: Path) -> Path:
    """The 5,000 digits of MNIST as one .npz file: `[n, 28, 28, 1]` float32 from 0 to 1, and int64 classes `[n]`."""
    from photic.data.read import read

    dataset = read("mnist-5000")
    assert dataset.y is not None, "the set has a target"
    np.savez(path, x=np.asarray(dataset.numbers, np.float32) / 255, y=np.asarray(dataset.y, np.int64))
    return path


def save_bikeshare(path: Path) -> Path:
    """The 8,645 hours of bike sharing as one .npz file: numbers, categories as ones and zeros, and how many riders."""
    from photic.data.read import read
    from photic.data.sources import get

    get("bikeshare")
    dataset = read("bikeshare")
    assert dataset.y is not None, "the set has a target"
    codes = [column == value for column in dataset.codes.T for value in np.unique(column)]
    np.savez(path, x=np.column_stack([dataset.numbers, *codes]), y=dataset.y)
    return path


def saved(path: str) -> tuple[np.ndarray, np.ndarray]:
    """What was written to a file by a function above."""
    with np.load(path) as arrays:
        return arrays["x"], arrays["y"]


def digits() -> tuple[Float[np.ndarray, "n d"], Int[np.ndarray, " n"]]:
    """The 1,797 digits of scikit-learn: `[n, 64]` float32 from 0 to 1, and int64 classes `[n]`."""
    from sklearn.datasets import load_digits  # imported here: not every worker needs it, and it takes a second

    both: Any = load_digits()
    return np.asarray(both.data / 16, np.float32), np.asarray(both.target)


def folds(y: Int[np.ndarray, " n"], count: int) -> list[tuple[Int[np.ndarray, " a"], Int[np.ndarray, " b"]]]:
    """Stratified folds, shuffled once: (rows to train on, rows to score on)."""
    from sklearn.model_selection import StratifiedKFold  # imported here for the same reason

    return list(StratifiedKFold(count, shuffle=True, random_state=SEED).split(y, y))


def plain_folds(n: int, count: int) -> list[tuple[Int[np.ndarray, " a"], Int[np.ndarray, " b"]]]:
    """As `folds`, for targets that are no classes."""
    from sklearn.model_selection import KFold  # imported here for the same reason

    return list(KFold(count, shuffle=True, random_state=SEED).split(np.zeros(n)))


def save_digits(path: Path) -> None:
    """Digits as one .npz file, every fifth row to score on: what the scripts of the row `fresh` read."""
    x, y = digits()
    score = np.arange(len(x)) % 5 == 0
    np.savez(path, x=x[~score], y=y[~score], x_score=x[score], y_score=y[score])


def save_million(folder: Path, rows: int, features: int) -> dict[str, Path]:
    """The same large table as Parquet and as CSV: `x0 ... ` and the target `y`, four decimals."""
    import polars as pl

    x, y = table(rows, features, 1)
    frame = pl.DataFrame({f"x{i}": np.round(x[:, i].astype(float), 4) for i in range(features)})
    frame = frame.with_columns(pl.Series("y", np.round(y[:, 0].astype(float), 4)))
    paths = {"Parquet": folder / "million.parquet", "CSV": folder / "million.csv"}
    frame.write_parquet(paths["Parquet"])
    frame.write_csv(paths["CSV"])
    return paths


def save_rows(folder: Path, kind: str, rows: int, shape: Sequence[int]) -> Path:
    """Rows as they lie in a file: `x.npy`, float32 or the bytes of pictures, `y.npy` and `weight.npy`; in pieces.

    Args:
        kind: "table" (a number to predict) or "pictures" (one of ten classes).
    """
    folder.mkdir()
    rng = np.random.default_rng(SEED)
    dtype, target = (np.float32, np.float32) if kind == "table" else (np.uint8, np.int32)
    new = lambda name, dtype, shape: np.lib.format.open_memmap(folder / f"{name}.npy", "w+", dtype, shape)
    x, weight = new("x", dtype, (rows, *shape)), new("weight", np.float32, (rows,))
    y = new("y", target, (rows, 1) if kind == "table" else (rows,))
    weight[:] = 1
    for start in range(0, rows, 100_000):
        piece = slice(start, start + 100_000)
        drawn = rng.standard_normal(x[piece].shape, dtype=np.float32)
        x[piece] = drawn if kind == "table" else np.clip(drawn * 50 + 128, 0, 255)
        flat = drawn.reshape(len(drawn), -1)
        y[piece] = np.tanh(flat[:, :1] + flat[:, 1:2] ** 2) if kind == "table" else flat[:, :10].argmax(1)
    return folder


def multiplications(sizes: list[int]) -> int:
    """Floating-point operations of one row's training step in the matrix products of an MLP.

    A product of `[1, a] @ [a, b]` is 2ab; there are three for each layer (output, weight gradient, input gradient), and
    the first layer needs no input gradient.

    >>> multiplications([20, 64, 64, 1])
    30080
    """
    products = [2 * a * b for a, b in itertools.pairwise(sizes)]
    return 3 * sum(products) - products[0]
