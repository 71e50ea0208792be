"""Copies: rows, and columns, that are the same to the last digit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import numpy as np
from jaxtyping import Int, UInt64

from photic.data import maps
from photic.data.dataset import Dataset
from photic.data.findings import Finding, Look

#: Copies are no problem below this share of the test rows, nor up to so many times what chance would give.
FEW, COMMON = 0.01, 10
#: Rows are marked in blocks that stay in the processor's cache.
BLOCK = 8192
_ODD, _NAN = np.uint64(0x9E3779B97F4A7C15), np.uint64(0x7FF8000000000000)


def find_copies(look: Look) -> Iterator[Finding]:
    """Rows that are there twice, and above all: once in training and once in the test part."""
    marks, train, test = row_marks(look.dataset), look.split.final.train, look.split.final.score
    mates = twins(marks, test, train)
    places = np.flatnonzero(mates >= 0)
    if len(places):
        first, share = places[0], len(places) / len(test)
        likely = chance(values for _, values in look.columns) if look.columns else 0.0
        expected = 1 - (1 - likely) ** len(train)
        words = (
            f"Exact copies of training rows among the {len(test):,} test rows: {len(places):,} ({share:.1%}), "
            f"for example rows {mates[first] + 1:,} and {test[first] + 1:,}."
        )
        if share <= COMMON * expected:
            yield Finding("copies", "note", f"{words} With so few different values, that is to be expected.")
        elif len(places) < max(2, FEW * len(test)):
            yield Finding("copies", "note", f"{words} Too few to move the score much.")
        else:
            advice = "The network has seen these, so the test score flatters: remove the copies, or keep them together"
            yield Finding("copies", "problem", f"{words} {advice} as a group (--groups).")
    order = train[np.argsort(marks[train], kind="stable")]
    again = np.flatnonzero(marks[order][1:] == marks[order][:-1])
    if len(again):
        one, other = order[again], order[again + 1]
        y = look.dataset.y
        unlike = 0 if y is None else int((y[one] != y[other]).reshape(len(one), -1).any(axis=1).sum())
        words = f"Exact copies among the {len(train):,} training rows, the target aside: {len(again):,},"
        pair = f"for example rows {one[0] + 1:,} and {other[0] + 1:,}."
        doubt = f" With another target: {unlike:,}; nobody can get all of those right." if unlike else ""
        yield Finding("copies", "note", f"{words} {pair}{doubt}")


def row_marks(dataset: Dataset) -> UInt64[np.ndarray, " n"]:
    """A 64-bit mark of each row's columns, the target not among them; equal rows have equal marks.

    Different rows share one with a probability of about 1 in 10^19, so in a million rows none do.

    >>> from photic.data import toy
    >>> data = toy.xor(n=3).take(np.array([0, 1, 0]))
    >>> first, second, third = row_marks(data)
    >>> bool(first == third), bool(first == second)
    (True, False)
    """
    marks = np.zeros(dataset.n, np.uint64)
    if dataset.kind != "table":  # rows that are arrays may have more numbers than a table has rows
        digest = lambda row: hashlib.blake2b(np.ascontiguousarray(row).data, digest_size=8).digest()
        for piece in maps.pieces(dataset.n, dataset.numbers[:1].nbytes):
            marks[piece] = np.frombuffer(b"".join(digest(row) for row in dataset.numbers[piece]), np.uint64)
            maps.release(dataset.numbers)
        return marks
    for start in range(0, dataset.n, BLOCK):
        rows = slice(start, start + BLOCK)
        numbers = dataset.numbers[rows].reshape(len(marks[rows]), -1)
        for column in (*numbers.T, *dataset.codes[rows].T):
            marks[rows] = _mix(marks[rows] ^ _bits(column))
        maps.release(dataset.numbers)
        maps.release(dataset.codes)
    return marks


def chance(columns: Iterable[np.ndarray]) -> float:
    """How probable it is that two rows are equal by chance, were the columns independent.

    >>> chance([np.array([0, 0, 1, 1]), np.array([0, 1, 2, 3])])
    0.125
    """
    together = 1.0
    for column in columns:
        counts = np.unique(_bits(column), return_counts=True)[1]
        together *= float(np.square(counts / len(column)).sum())
    return together


def twins(marks: UInt64[np.ndarray, " n"], rows: Int[np.ndarray, " a"], among: Int[np.ndarray, " b"]) -> np.ndarray:
    """For each of `rows` a row `among` the others with the same mark, or -1.

    >>> twins(np.array([7, 8, 7], np.uint64), np.array([0, 1]), np.array([2]))
    array([ 2, -1])
    """
    if not len(among):
        return np.full(len(rows), -1)
    order = among[np.argsort(marks[among], kind="stable")]
    place = np.minimum(np.searchsorted(marks[order], marks[rows]), len(order) - 1)
    return np.where(marks[order[place]] == marks[rows], order[place], -1)


def _bits(column: np.ndarray) -> UInt64[np.ndarray, " n"]:
    """The bits of each value as float64, with one zero and one NaN."""
    values = column.astype(np.float64) + 0.0  # -0.0 becomes 0.0
    return np.where(np.isnan(values), _NAN, values.view(np.uint64))


def _mix(marks: UInt64[np.ndarray, " n"]) -> UInt64[np.ndarray, " n"]:
    marks = (marks ^ (marks >> np.uint64(32))) * _ODD
    return marks ^ (marks >> np.uint64(29))
