"""The task: what is predicted, and whether it is a number, one of several classes, or several of either.

Four kinds: "regression" (a number, or several), "binary" (one of two classes; the probability is that of `classes[1]`),
"multiclass" (one of three or more) and "multilabel" (several labels, each a yes or no of its own).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from photic.errors import RunError, nearest

KINDS = ("regression", "binary", "multiclass", "multilabel")


@dataclasses.dataclass(frozen=True)
class Task:
    """What is predicted: the kind, the target's name, and the classes in the order of their codes.

    Args:
        kind: one of `KINDS`.
        target: the name of the target column; of several targets their names in a row.
        classes: the names of the classes; empty in regression, and for labels, which are all yes or no.
        horizon: how many next values of the target are predicted together (a forecast); 0 when it is none.
        unit: what the symbols of a text are, "character" or "token"; empty where the rows are no text.
        every_step: whether every place of a row has a target of its own: a step of a series, a pixel of a picture.
        targets: the names of several numbers, or of the labels; empty when there is one target.

    >>> task = Task("binary", "smoker", ("no", "yes"))
    >>> task.outputs, task.words
    (1, "two classes of 'smoker': no, yes")
    """

    kind: str
    target: str
    classes: tuple[str, ...] = ()
    horizon: int = 0
    every_step: bool = False
    targets: tuple[str, ...] = ()
    unit: str = ""

    @classmethod
    def of_several(cls, kind: str, names: Iterable[str]) -> Task:
        """The task of several numbers ("regression") or several labels ("multilabel").

        >>> Task.of_several("multilabel", ["cat", "dog"]).target
        'cat, dog'
        """
        return cls(kind, ", ".join(names := tuple(names)), targets=names)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all targets."""
        return self.targets or (self.target,)

    @property
    def outputs(self) -> int:
        """How many numbers the network gives for a row, or for a step of one when every step has a target.

        1, or one per class when there are three or more, or one for each value of a forecast, number or label.
        """
        return len(self.classes) if self.kind == "multiclass" else len(self.targets) or self.horizon or 1

    @property
    def scoring(self) -> str:
        """Which metrics it is judged by: those of its kind, " places" behind it for those of every place, or "text".

        Several numbers, each in units of its own, are "values".

        >>> Task("binary", "on", ("no", "yes"), every_step=True).scoring
        'binary places'
        """
        if self.unit:
            return "text"
        kind = "values" if self.targets and self.kind == "regression" else self.kind
        return f"{kind} places" if self.every_step else kind

    @property
    def words(self) -> str:
        """The task in a few words, as it is said to the user."""
        if self.horizon:
            return (
                f"the next {self.horizon} values of {self.target!r}"
                if self.horizon > 1
                else f"the next {self.target!r}"
            )
        if self.targets:
            listed = ", ".join(self.targets[:6]) + (", ..." if len(self.targets) > 6 else "")
            what = "numbers" if self.kind == "regression" else "labels, each a yes or no"
            return f"{len(self.targets)} {what}: {listed}"
        if self.unit:
            return f"the next {self.unit}, one of {len(self.classes):,}"
        where = " at every step" if self.every_step else ""
        if self.kind == "regression":
            return f"the number {self.target!r}{where}"
        listed = ", ".join(self.classes[:6]) + (", ..." if len(self.classes) > 6 else "")
        counted = "two" if self.kind == "binary" else str(len(self.classes))
        return f"{counted} classes of {self.target!r}{where}: {listed}"

    def to_json(self) -> dict[str, Any]:
        """The task as JSON values.

        >>> Task("regression", "price").to_json()
        {'kind': 'regression', 'target': 'price', 'classes': []}
        """
        several = {"targets": list(self.targets)} if self.targets else {}
        steps = {"horizon": self.horizon} if self.horizon else {"every_step": True} if self.every_step else {}
        unit = {"unit": self.unit} if self.unit else {}
        return {"kind": self.kind, "target": self.target, "classes": list(self.classes), **several, **steps, **unit}

    @classmethod
    def from_json(cls, data: Mapping[str, Any], source: str = "JSON") -> Task:
        """The task that `to_json` wrote.

        Raises:
            RunError: when the kind is unknown, a part is missing, or the classes do not fit the kind.

        >>> Task.from_json({"kind": "regression", "target": "price", "classes": []})
        Task(kind='regression', target='price', classes=(), horizon=0, every_step=False, targets=(), unit='')
        """
        kind, target, classes = data.get("kind"), data.get("target"), data.get("classes", [])
        if kind not in KINDS:
            raise RunError("task", "needs a known kind", repr(kind), source=source, fix=nearest(str(kind), KINDS))
        if not isinstance(target, str) or not isinstance(classes, list | tuple):
            raise RunError("task", "needs a target and a list of classes", repr(data), source=source, fix="fit again")
        count, names = len(classes), data.get("targets", [])
        if not {"regression": count == 0, "binary": count == 2, "multiclass": count >= 2, "multilabel": not count}[
            kind
        ]:
            raise RunError("task", f"needs classes that fit {kind}", f"{count} classes", source=source, fix="fit again")
        if not isinstance(names, list | tuple) or not _fits(kind, len(names)):
            need = f"needs names of targets that fit {kind}"
            raise RunError("task", need, repr(names), source=source, fix="fit again")
        horizon, every_step = data.get("horizon", 0), data.get("every_step", False)
        if type(horizon) is not int or horizon < 0 or type(every_step) is not bool:
            raise RunError("task", "needs a horizon of whole steps", repr(horizon), source=source, fix="fit again")
        several, unit = tuple(map(str, names)), str(data.get("unit", ""))
        return cls(kind, target, tuple(map(str, classes)), horizon, every_step, several, unit)


def _fits(kind: str, targets: int) -> bool:
    return targets > 1 if kind == "multilabel" else targets == 0 or (kind == "regression" and targets > 1)
