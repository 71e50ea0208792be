"""Predictions in the user's words: classes or labels with probabilities, or values."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, Int

from photic.data.task import Task

if TYPE_CHECKING:
    import polars


@dataclasses.dataclass(frozen=True, eq=False)
class Predictions:
    """What a network says about some rows.

    Args:
        task: what is predicted.
        p: `[n, k]` values in the user's units, `[n, 1]` probability of the second class, `[n, c]` probabilities of
            classes, or `[n, k]` of labels; with an answer at every place `[n, *places, k]`, NaN after the end of a
            series.
        said: one sentence for each thing that was handled while reading the rows.
        names: `[n]` what the rows are called, such as the paths of pictures; None where they have no names.
        called: the heading of the names.
        moments: `[n, t]` the time of each step, as the new table has it; None where steps are only counted.
        clock: the heading of the times.

    >>> Predictions(Task("binary", "smoker", ("no", "yes")), np.array([[0.2], [0.9]])).classes.tolist()
    ['no', 'yes']
    """

    task: Task
    p: Float[np.ndarray, "n *places k"]
    said: tuple[str, ...] = ()
    names: np.ndarray | None = None
    called: str = "path"
    moments: np.ndarray | None = None
    clock: str = "step"

    @property
    def values(self) -> Float[np.ndarray, "n *places"]:
        """`[n]` predicted numbers, in the target's unit, `[n, k]` of several, or `[n, *places]`; regression only."""
        return self.p if self.task.targets else self.p[..., 0]

    @property
    def probabilities(self) -> Float[np.ndarray, "n *places c"]:
        """`[n, c]` (or `[n, *places, c]`) a probability per class, in the order of `task.classes`, or per label."""
        return np.concatenate([1 - self.p, self.p], axis=-1) if self.task.kind == "binary" else self.p

    @property
    def classes(self) -> np.ndarray:
        """`[n]` (or `[n, *places]`) the most probable class by name; of labels `[n, k]` "yes" and "no".

        None after the end of a series.
        """
        if self.task.kind == "multilabel":
            return np.array(["no", "yes"], dtype=object)[(self.p > 0.5).astype(int)]
        p = self.probabilities
        names = np.array(self.task.classes, dtype=object)[p.argmax(axis=-1)]
        names[np.isnan(p[..., 0])] = None
        return names

    def to_frame(self) -> polars.DataFrame:
        """A table: names of the rows if they have some, the predictions, of classes and labels a probability each.

        With an answer at every step it has a row for each step: series, time, prediction. Of pictures it has the share
        of the pixels of each class, or the mean value; `classes` and `values` have every pixel.
        """
        import polars  # only those who want a table pay for it

        name = self.task.target
        named = {} if self.names is None else {self.called if name != self.called else "row": self.names.astype(str)}
        if self.task.targets:
            return polars.DataFrame({**named, **self._of_each_target()})
        if self.task.horizon:
            steps = {f"{name} +{step + 1}": self.p[:, step] for step in range(self.task.horizon)}
            return polars.DataFrame({**named, **steps})
        if self.p.ndim == 4:
            return polars.DataFrame({**named, **self._shares()})
        if self.p.ndim == 3:
            return polars.DataFrame(self._steps())
        if self.task.kind == "regression":
            return polars.DataFrame({**named, name: self.values})
        shares = {f"p({label})": self.probabilities[:, code] for code, label in enumerate(self.task.classes)}
        return polars.DataFrame({**named, name: self.classes.astype(str), **shares})

    def _of_each_target(self) -> dict[str, np.ndarray]:
        if self.task.kind == "regression":
            return {name: self.p[:, place] for place, name in enumerate(self.task.targets)}
        said, columns = self.classes, {}
        for place, name in enumerate(self.task.targets):
            columns |= {name: said[:, place].astype(str), f"p({name})": self.p[:, place]}
        return columns

    def _shares(self) -> dict[str, np.ndarray]:
        """Of pictures with an answer at every pixel: the share of each class, or the mean."""
        if self.task.kind == "regression":
            return {f"mean {self.task.target}": self.values.mean(axis=(1, 2))}
        said = self.probabilities.argmax(axis=-1)
        return {f"share({label})": (said == code).mean(axis=(1, 2)) for code, label in enumerate(self.task.classes)}

    def _steps(self) -> dict[str, Any]:
        """Of series with an answer at every step: the columns of a table with a row for each real step."""
        row, step = np.nonzero(~np.isnan(self.p[..., 0]))
        names = np.arange(1, len(self.p) + 1) if self.names is None else self.names.astype(str)
        times = step + 1 if self.moments is None else self.moments[row, step].tolist()
        target = self.task.target if self.task.target not in (self.called, self.clock) else f"{self.task.target} said"
        columns: dict[str, Any] = {self.called: names[row], self.clock: times}
        if self.task.kind == "regression":
            return {**columns, target: self.values[row, step]}
        p = self.probabilities[row, step]
        if self.task.unit:  # a column for each symbol would be a hundred
            return {**columns, target: self.classes[row, step].astype(str), "p": p.max(axis=1)}
        shares = {f"p({label})": p[:, code] for code, label in enumerate(self.task.classes)}
        return {**columns, target: self.classes[row, step].astype(str), **shares}

    def __len__(self) -> int:
        return len(self.p)

    def __array__(self, dtype: type | None = None, copy: bool | None = None) -> np.ndarray:
        array = self.values if self.task.kind == "regression" else self.classes
        return np.array(array, dtype=dtype)


def cleared(p: Float[np.ndarray, "n t k"], lengths: Int[np.ndarray, " n"]) -> Float[np.ndarray, "n t k"]:
    """Answers at every step with NaN after the end of each series.

    >>> cleared(np.zeros((2, 2, 1)), np.array([1, 2]))[..., 0].tolist()
    [[0.0, nan], [0.0, 0.0]]
    """
    return np.where((np.arange(p.shape[1]) < lengths[:, None])[..., None], p, np.nan)
