"""The audit: what a careful person would ask about the data before believing any score.

Each finding is a sentence with measured numbers. A "problem" can make the score wrong; a "note" is worth knowing.
Nothing that is found comes from the target of the locked test part; only the facts of the target count its values.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from photic.data.copies import find_copies
from photic.data.dataset import Dataset, LeftOut
from photic.data.facts import Facts
from photic.data.findings import (
    Finding,
    Look,
    find_constant,
    find_identical,
    find_imbalance,
    find_missing,
    find_sample,
    find_time,
    find_tiny,
    find_weights,
)
from photic.data.giveaway import find_giveaways
from photic.data.split import Split
from photic.errors import RunError
from photic.maths.places import known

#: The questions, each by the kind of its findings.
CHECKS: dict[str, Callable[[Look], Iterator[Finding]]] = {
    "copies": find_copies,
    "giveaway": find_giveaways,
    "tiny class": find_tiny,
    "imbalance": find_imbalance,
    "constant": find_constant,
    "missing": find_missing,
    "identical": find_identical,
    "time": find_time,
    "weights": find_weights,
    "sample": find_sample,
}


@dataclasses.dataclass(frozen=True)
class Audit:
    """Everything found about a dataset and its split.

    Args:
        findings: problems first.
        columns: the facts of every column.
        target: the facts of the target, None without one and for several.
        rows: how many rows there are.
        looked: how many of them the facts were taken from.
        left_out: columns that are not learned from, with reasons.
        said: a sentence for each thing that was handled while reading.
    """

    findings: tuple[Finding, ...]
    columns: tuple[Facts, ...]
    target: Facts | None
    rows: int
    looked: int
    left_out: tuple[LeftOut, ...] = ()
    said: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The audit as JSON values.

        >>> Audit.from_json(Audit((), (), None, 3, 3).to_json()) == Audit((), (), None, 3, 3)
        True
        """
        return {
            "findings": [{**dataclasses.asdict(each), "columns": list(each.columns)} for each in self.findings],
            "columns": [facts.to_json() for facts in self.columns],
            "target": None if self.target is None else self.target.to_json(),
            "rows": self.rows,
            "looked": self.looked,
            "left_out": [dataclasses.asdict(each) for each in self.left_out],
            "said": list(self.said),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any], source: str = "JSON") -> Audit:
        """The audit that `to_json` wrote.

        Raises:
            RunError: when a part is missing.
        """
        try:
            findings = tuple(
                Finding(each["kind"], each["level"], each["words"], tuple(each["columns"])) for each in data["findings"]
            )
            columns = tuple(Facts.from_json(each) for each in data["columns"])
            target = None if data["target"] is None else Facts.from_json(data["target"])
            left_out = tuple(LeftOut(each["name"], each["reason"]) for each in data["left_out"])
            return cls(findings, columns, target, data["rows"], data["looked"], left_out, tuple(data["said"]))
        except (KeyError, TypeError, ValueError) as error:
            got = f"{type(error).__name__} at {error}"
            raise RunError("audit", "needs the form that was saved", got, source=source, fix="fit again") from None


def audit(dataset: Dataset, split: Split) -> Audit:
    """Look at the data as it was split.

    Args:
        dataset: the whole table.
        split: its rows; what the target gives away is looked for in training rows only.

    Returns:
        Findings and facts; at most 1,500,000 values are looked at, copies of rows are searched among all of them.

    >>> from photic.data import split, toy
    >>> data = toy.xor(n=200).take(np.arange(200) % 150)
    >>> finding = audit(data, split.split(data, folds=0)).findings[0]
    >>> finding.level, finding.words[-63:]
    ('problem', 'remove the copies, or keep them together as a group (--groups).')
    """
    look = Look.of(dataset, split)
    found = [finding for check in CHECKS.values() for finding in check(look)]
    found.sort(key=lambda finding: finding.level != "problem")
    columns = tuple(
        Facts.of_numbers(column.name, column.kind, values)
        if column.numeric
        else Facts.of_codes(column.name, column.kind, _codes(values), column.levels)
        for column, values in look.columns
    )
    target, looked = _target(dataset, look), len(look.rows)
    return Audit(tuple(found), columns, target, dataset.n, looked, dataset.left_out, dataset.said)


def _target(dataset: Dataset, look: Look) -> Facts | None:
    if dataset.task is None or dataset.y is None or dataset.task.targets:  # the scores tell of several, one by one
        return None
    name, y = dataset.task.target, dataset.y[look.rows]
    if dataset.task.every_step:
        y = y[known(y)]
    y = y[:, 0] if y.ndim > 1 else y
    if dataset.task.kind == "regression":
        return Facts.of_numbers(name, "number", y)
    return Facts.of_codes(name, "category", y, dataset.task.classes)


def _codes(values: Float[np.ndarray, " n"]) -> Int[np.ndarray, " n"]:
    return np.where(np.isnan(values), -1, values).astype(np.int64)
