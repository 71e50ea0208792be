"""Predictions in the user's words: classes or labels with probabilities, or values."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from photic.data.task import Task

if TYPE_CHECKING:
    import polars


@dataclasses.dataclass(frozen=True, eq=False)
class Predictions:
    """What a network says about some rows.

    Args:
        task: what is predicted.
        p: `[n, k]` values in the user's units, `[n, 1]` probability of the second class, `[n, c]` probabilities of
            classes, or `[n, k]` of labels.
        said: one sentence for each thing that was handled while reading the rows.
        names: `[n]` what the rows are called, such as the paths of pictures; None where they have no names.
        called: the heading of the names.

    >>> Predictions(Task("binary", "smoker", ("no", "yes")), np.array([[0.2], [0.9]])).classes.tolist()
    ['no', 'yes']
    """

    task: Task
    p: Float[np.ndarray, "n k"]
    said: tuple[str, ...] = ()
    names: np.ndarray | None = None
    called: str = "path"

    @property
    def values(self) -> Float[np.ndarray, "n ..."]:
        """`[n]` predicted numbers, in the target's unit, or `[n, k]` of several; regression only."""
        return self.p if self.task.targets else self.p[:, 0]

    @property
    def probabilities(self) -> Float[np.ndarray, "n c"]:
        """`[n, c]` a probability per class, in the order of `task.classes`, or per label, of `task.targets`."""
        return np.concatenate([1 - self.p, self.p], axis=1) if self.task.kind == "binary" else self.p

    @property
    def classes(self) -> np.ndarray:
        """`[n]` the most probable class of every row, by name; of labels `[n, k]` "yes" and "no"."""
        if self.task.kind == "multilabel":
            return np.array(["no", "yes"], dtype=object)[(self.p > 0.5).astype(int)]
        return np.array(self.task.classes, dtype=object)[self.probabilities.argmax(axis=1)]

    def to_frame(self) -> polars.DataFrame:
        """A table: names of the rows if they have some, the predictions, of classes and labels a probability each."""
        import polars  # only those who want a table pay for it

        name = self.task.target
        named = {} if self.names is None else {self.called if name != self.called else "row": self.names.astype(str)}
        if self.task.targets:
            return polars.DataFrame({**named, **self._of_each_target()})
        if self.task.horizon:
            steps = {f"{name} +{step + 1}": self.p[:, step] for step in range(self.task.horizon)}
            return polars.DataFrame({**named, **steps})
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

    def __len__(self) -> int:
        return len(self.p)

    def __array__(self, dtype: type | None = None, copy: bool | None = None) -> np.ndarray:
        array = self.values if self.task.kind == "regression" else self.classes
        return np.array(array, dtype=dtype)
