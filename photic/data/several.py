"""Several targets: numbers, or labels that are yes or no each, in columns of their own or listed in one ("cat|dog").

They are predicted together by one network. A row counts when all of its targets are known. Kinds are not mixed: the
loss of a number and that of a yes or no have no common unit.

Reference: Tsoumakas and Katakis, "Multi-label classification: an overview", 2007, https://doi.org/10.4018/jdwm.2007070101
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from photic.data import roles, spelling
from photic.data.plain import plain
from photic.data.roles import Target
from photic.data.task import Task
from photic.errors import DataError

if TYPE_CHECKING:
    from photic.data.table import Raw

#: What stands between the labels of a list.
BETWEEN = "|"
_WORDS = {"regression": "a number", "binary": "yes or no", "multiclass": "classes"}


def names_of(target: Any, known: Sequence[str]) -> tuple[str, ...]:
    """The names of several targets: "a,b" or a list of names; none where it is one column, or values.

    Args:
        target: what the user calls the target.
        known: the names of all columns; one that has a comma in it is one name.

    >>> names_of("a, b", ["a", "b", "c"]), names_of("a,b", ["a,b"]), names_of(["a", "b"], ["a", "b"])
    (('a', 'b'), (), ('a', 'b'))
    """
    if isinstance(target, str):
        return () if target in known or "," not in target else tuple(name.strip() for name in target.split(","))
    listed = isinstance(target, list | tuple) and len(target) > 1 and all(isinstance(name, str) for name in target)
    return tuple(target) if listed and set(target) <= set(known) else ()


def said_as(target: Any) -> str | None:
    """The target as a plan writes it down: a name, or several as "a,b"; None for values.

    >>> said_as(["a", "b"]), said_as(np.zeros(3))
    ('a,b', None)
    """
    names = isinstance(target, list | tuple) and all(isinstance(each, str) and "," not in each for each in target)
    return ",".join(target) if names else target if isinstance(target, str) else None


def roles_of(target: Any, known: Sequence[str]) -> dict[str, Any]:
    """The target as the roles of its columns: "target" alone, or "target 1", "target 2" and so on of several.

    >>> roles_of("a,b", ["a", "b"])
    {'target 1': 'a', 'target 2': 'b'}
    """
    names = names_of(target, known)
    return {f"target {place + 1}": name for place, name in enumerate(names)} if names else {"target": target}


def read(raws: Mapping[str, Raw], source: str, *, task: str | None = None, **spelled: Any) -> Target:
    """The target column, or several, or one that lists labels when the task is "multilabel".

    Args:
        raws: the columns by name.
        spelled: `text` and `decimal`, as for `roles.target`.

    >>> read({"y": np.array([0.5, 2.0])}, "a test").task.kind
    'regression'
    """
    if len(raws) > 1:
        return targets(raws, source, task=task, **spelled)
    ((name, raw),) = raws.items()
    return lists(name, raw, source) if task == "multilabel" else roles.target(name, raw, source, task=task, **spelled)


def targets(
    raws: Mapping[str, Raw], source: str, *, task: str | None = None, text: bool = False, decimal: str = "."
) -> Target:
    """Several target columns read: all numbers (a regression), or all yes or no (labels).

    Returns:
        `y: [m, k]` float64 numbers, or int32 of 0 and 1, of the rows that have them all.

    Raises:
        DataError: when a column cannot be read as a target, is neither a number nor yes or no, or kinds are mixed.

    >>> found = targets({"cat": np.array([0, 1, 1]), "dog": np.array([1, 0, 1])}, "a test")
    >>> found.task.words, found.y.tolist()
    ('2 labels, each a yes or no: cat, dog', [[0, 1], [1, 0], [1, 1]])
    """
    if task not in (None, "regression", "multilabel"):
        _refuse("task", "needs 'regression' or 'multilabel' for several targets", repr(task), source, "leave it out")
    one_by_one = "regression" if task == "regression" else None
    read = lambda name, raw: roles.target(name, raw, source, task=one_by_one, text=text, decimal=decimal)
    found = {name: read(name, raw) for name, raw in raws.items()}
    kind = _kind(found, source)
    if task == "multilabel" and kind != "multilabel":
        _refuse("task 'multilabel'", "needs columns of yes or no", "numbers", source, "leave the task out")
    rows = len(next(iter(raws.values())))
    y = np.full((rows, len(found)), np.nan)
    for place, each in enumerate(found.values()):
        y[slice(None) if each.rows is None else each.rows, place] = each.y
    known = np.flatnonzero(~np.isnan(y).any(axis=1))
    if len(known) < 2:
        fix = "fill them in, or predict fewer targets together"
        _refuse("targets", "need two rows that have all of them", f"{len(known)}", source, fix)
    said = [sentence for each in found.values() for sentence in each.said]
    return Target(
        Task.of_several(kind, found),
        y[known].astype(np.int32 if kind == "multilabel" else np.float64),
        None if len(known) == rows else known,
        tuple(said),
    )


def lists(name: str, raw: Raw, source: str) -> Target:
    """A column whose cells list labels, such as "cat|dog"; an empty cell has none of them.

    Raises:
        DataError: when it holds no words, or fewer than two labels.

    >>> lists("seen", np.array(["cat|dog", "dog", ""]), "a test").y.tolist()
    [[1, 1], [0, 1], [0, 0]]
    """
    where, fix = f"target {name!r}", "write them as cat|dog, or give a column of yes and no for each label"
    column = plain(raw)
    if column.form != "words":
        _refuse(where, "needs words that list labels", "none", source, fix)
    words: spelling.Words = column.values
    cells = [{label.strip() for label in level.split(BETWEEN)} - {""} for level in words.levels]
    labels = spelling.order(sorted(set().union(*cells)))
    if len(labels) < 2:
        _refuse(where, "needs at least two labels", f"{len(labels)}", source, fix)
    table = np.array([*([label in cell for label in labels] for cell in cells), [False] * len(labels)], np.int32)
    empty = int((words.codes < 0).sum())
    said = (f"Rows without any label in {name!r}: {empty:,}; all their answers are no.",) if empty else ()
    return Target(Task.of_several("multilabel", labels), table[words.codes], None, said)


def matrix(called: str, y: Any, rows: int, source: str, *, task: str | None = None) -> Target | None:
    """The targets in an array `[n, k]` of two columns or more, called by number; None for any other array.

    >>> matrix("y", np.array([[1.5, 2.5], [2.5, 1.5]]), 2, "a test").task.targets
    ('y1', 'y2')
    """
    array = np.asarray(y)
    if array.ndim != 2 or array.shape[1] < 2 or len(array) != rows:
        return None
    return targets({f"{called}{place + 1}": array[:, place] for place in range(array.shape[1])}, source, task=task)


def _kind(found: Mapping[str, Target], source: str) -> str:
    kinds = {each.task.kind for each in found.values()}
    if kinds == {"regression"}:
        return "regression"
    if kinds == {"binary"}:
        for name, each in found.items():
            if spelling.truth(list(each.task.classes)) is None:
                got = f"{each.task.classes[0]!r} and {each.task.classes[1]!r}"
                fix = "write yes and no, or 1 and 0"
                _refuse(f"target {name!r}", "needs yes or no, as one of several labels", got, source, fix)
        return "multilabel"
    got = ", ".join(f"{name!r} {_WORDS[each.task.kind]}" for name, each in found.items())
    fix = "fit the others on their own, or say task 'regression' where all are numbers"
    raise DataError("targets", "need to be all numbers, or all yes or no", got, source=source, fix=fix)


def _refuse(where: str, required: str, got: str, source: str, fix: str) -> NoReturn:
    raise DataError(where, required, got, source=source, fix=fix)
