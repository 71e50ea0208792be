"""Findings: what the audit says, what it looks at, and its simpler questions, one function each.

Copies of rows and columns that give the target away have files of their own, `copies.py` and `giveaway.py`.

What touches the target looks at training rows only: the locked test part stays locked.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from jaxtyping import Float, Int

from photic.data import maps
from photic.data.dataset import Column, Dataset
from photic.data.split import Split
from photic.maths.places import known

#: Tables with more values than this are looked at through a sample of rows, but never fewer rows than the second.
CELLS, ROWS = 1_500_000, 1_000
#: A class is tiny below so many training rows; classes are uneven from this share, or this ratio, of the largest.
TINY, SHARE, RATIO = 10, 0.8, 10
#: Weights are extreme when so small a share of the rows, weighted equally, would count as much.
EQUAL = 0.2


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing found.

    Args:
        kind: the question it answers, a key of `CHECKS` in `audit.py`.
        level: "problem" when it can make the score wrong, "note" when it is worth knowing.
        words: a sentence or two with the numbers.
        columns: the columns it is about.

    >>> Finding("constant", "note", "Column 'x' has the same value in every training row.", ("x",)).level
    'note'
    """

    kind: str
    level: str
    words: str
    columns: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, eq=False)
class Look:
    """The data as the checks see it: a sample of rows, column by column.

    Args:
        dataset: the whole table.
        split: its rows.
        rows: `[m]` the sample, of all rows.
        columns: every column with its `[m]` values of the sample; codes as numbers, missing as NaN.
    """

    dataset: Dataset
    split: Split
    rows: Int[np.ndarray, " m"]
    columns: tuple[tuple[Column, np.ndarray], ...]

    @classmethod
    def of(cls, dataset: Dataset, split: Split) -> Look:
        """The sample is all rows unless the table is large."""
        most = max(CELLS // max(len(dataset.columns), 1), ROWS)
        rows = np.arange(dataset.n)
        if dataset.n > most:
            rows = np.sort(np.random.default_rng(0).choice(dataset.n, most, replace=False))
        return cls(dataset, split, rows, tuple(_columns(dataset, rows)))

    @property
    def train(self) -> np.ndarray:
        """A mask of the sample: the rows that train the final network."""
        final = np.zeros(self.dataset.n, bool)
        final[self.split.final.train] = True
        return final[self.rows]

    @property
    def sampled(self) -> bool:
        """Whether these are not all rows."""
        return len(self.rows) < self.dataset.n

    def all_rows(self, names: Iterable[str], rows: Int[np.ndarray, " r"]) -> Iterator[tuple[Column, np.ndarray]]:
        """Some columns with their values in the given rows, whether in the sample or not."""
        return _columns(self.dataset, rows, set(names))


def find_tiny(look: Look) -> Iterator[Finding]:
    """Classes with too few rows to learn or to judge."""
    task, y, final = look.dataset.task, look.dataset.y, look.split.final
    if task is None or y is None or not task.classes:
        return
    count = lambda rows: np.bincount(y[rows][known(y[rows])], minlength=len(task.classes))
    counts, unseen = count(final.train), count(final.fit) == 0
    if unseen.any():
        names = listed([task.classes[code] for code in np.flatnonzero(unseen)])
        words = f"The final network is shown no {_unit(look)[:-1]} of {names}, so it can never give that answer."
        yield Finding("tiny class", "problem", f"{words} Give more rows, or join it with another class.")
    tiny = {task.classes[code]: int(counts[code]) for code in np.flatnonzero((counts < TINY) & ~unseen)}
    if tiny:
        words = f"There are few training {_unit(look)} of {_measured(tiny)}."
        yield Finding(
            "tiny class", "note", f"{words} What is learned from so few, and said about them, is mostly chance."
        )


def _unit(look: Look) -> str:
    task = look.dataset.task
    return "places" if task is not None and task.every_step else "rows"


def find_imbalance(look: Look) -> Iterator[Finding]:
    """A class so frequent that always answering it looks good; the symbols of a text are never even."""
    task, y = look.dataset.task, look.dataset.y
    if task is None or y is None or not task.classes or task.unit:
        return
    mine = y[look.split.final.train]
    counts = np.bincount(mine[known(mine)], minlength=len(task.classes))
    most, least = counts.max(), counts[counts > 0].min()
    if most >= SHARE * counts.sum() or most >= RATIO * least:
        name, share = task.classes[int(counts.argmax())], f"{most / counts.sum():.0%}"
        right = f"so always answering that is right {share} of the time"
        words = f"{share} of the training {_unit(look)} are {name!r}, {right}."
        weights = "; balanced class weights make rare classes count more" if not task.every_step else ""
        advice = f"Look at balanced accuracy beside accuracy{weights}."
        yield Finding("imbalance", "note", f"{words} {advice}")


def find_constant(look: Look) -> Iterator[Finding]:
    """Columns with one value in all training rows."""
    train, final = look.train, look.split.final.train
    names = [column.name for column, values in look.columns if _constant(values[train])]
    if look.sampled:
        names = [column.name for column, values in look.all_rows(names, final) if _constant(values)]
    if names:
        words = f"{listed(names)} {'has' if len(names) == 1 else 'have'} the same value in every training row"
        yield Finding("constant", "note", f"{words}, so nothing can be learned there.", tuple(names))


def find_missing(look: Look) -> Iterator[Finding]:
    """Columns that are mostly empty."""
    shares = {column.name: float(np.isnan(values).mean()) for column, values in look.columns if len(values)}
    mostly = {name: f"{share:.0%}" for name, share in shares.items() if share > 0.5}
    if mostly:
        words = f"More than half of the values are missing in {_measured(mostly)}."
        advice = "What is there may still help; whether a value is missing is told to the network too."
        yield Finding("missing", "note", f"{words} {advice}", tuple(mostly))


def find_identical(look: Look) -> Iterator[Finding]:
    """Columns that hold the same in every row."""
    varied = [(column.name, values) for column, values in look.columns if not _constant(values)]
    for names in same_columns([name for name, _ in varied], [values for _, values in varied]):
        if look.sampled:
            whole = [values for _, values in look.all_rows(names, np.arange(look.dataset.n))]
            if same_columns(names, whole) != [names]:
                continue
        words = f"{listed(names)} hold the same value in every row; one of them is enough."
        yield Finding("identical", "note", words, names)


def find_time(look: Look) -> Iterator[Finding]:
    """Dates in the table, but rows drawn without regard to them."""
    dates = tuple(column.name for column in look.dataset.columns if column.kind == "date")
    if dates and look.split.method != "ordered":
        words = f"The table has dates ({listed(dates)}), but the test rows were drawn from all times."
        advice = f"If the network is to predict what comes later, this flatters: name the time, {dates[0]!r} (--time)."
        yield Finding("time", "note", f"{words} {advice}", dates)


def find_weights(look: Look) -> Iterator[Finding]:
    """Weights that let a few rows decide."""
    weight = None if look.dataset.weight is None else look.dataset.weight[look.split.final.train]
    if weight is None or not weight.any():
        return
    weight = weight[weight > 0] / weight.max()
    equal = weight.sum() ** 2 / np.square(weight).sum()  # Kish's effective number of rows
    if equal < EQUAL * len(weight):
        words = f"A few rows decide: {len(weight):,} weighted training rows count as much as {equal:,.0f} equal ones."
        largest = f"The largest weight is {1 / np.median(weight):,.0f} times the median."
        yield Finding("weights", "note", f"{words} {largest}")


def find_sample(look: Look) -> Iterator[Finding]:
    """That not every row was looked at."""
    if look.sampled:
        seen = f"{len(look.rows):,} of its {look.dataset.n:,} rows, drawn at random"
        words = f"The table is large, so its columns were looked at in {seen}; copies of rows were searched among all."
        yield Finding("sample", "note", words)


def _columns(
    dataset: Dataset, rows: Int[np.ndarray, " m"], wanted: Iterable[str] | None = None
) -> Iterator[tuple[Column, Float[np.ndarray, " m"]]]:
    """Columns with their values as float64, NaN where missing; all, or those wanted. Of rows that are arrays none."""
    if dataset.kind != "table":
        return
    numbers, codes = iter(range(dataset.numbers.shape[1])), iter(range(dataset.codes.shape[1]))
    for column in dataset.columns:
        place = next(numbers if column.numeric else codes)
        if wanted is None or column.name in wanted:
            values = (dataset.numbers if column.numeric else dataset.codes)[rows, place].astype(np.float64)
            values[~np.isfinite(values) if column.numeric else values < 0] = np.nan
            maps.release(dataset.numbers if column.numeric else dataset.codes)
            yield column, values


def _constant(values: Float[np.ndarray, " m"]) -> bool:
    return bool(len(values)) and bool(np.isnan(values).all() or (values == values[0]).all())


def same_columns(names: Iterable[str], columns: Iterable[np.ndarray]) -> list[tuple[str, ...]]:
    """The names of columns that hold the same value in every row, those that belong together in one tuple.

    >>> same_columns("abc", [np.array([1.0, np.nan]), np.array([1.0, 2.0]), np.array([1.0, np.nan])])
    [('a', 'c')]
    """
    found: dict[bytes, list[str]] = {}
    for name, column in zip(names, columns, strict=True):
        found.setdefault(column.astype(np.float64).tobytes(), []).append(name)
    return [tuple(alike) for alike in found.values() if len(alike) > 1]


def listed(names: Sequence[str]) -> str:
    """Names as they stand in a sentence, at most five.

    >>> listed(["a", "b", "c"])
    "'a', 'b' and 'c'"
    """
    return _joined([repr(name) for name in names])


def _measured(measures: Mapping[str, object]) -> str:
    return _joined([f"{name!r} ({measure})" for name, measure in measures.items()])


def _joined(words: list[str]) -> str:
    if len(words) > 5:
        words = [*words[:4], f"{len(words) - 4:,} more"]
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
