"""Every error Photic raises, and the five-part message they share.

    PhoticError
    |-- RequestError      what was asked cannot be done            (exit code 2)
    |   |-- SpecError     a model, layer, loss or optimizer that cannot be
    |   |   `-- ShapeError  sizes that do not fit together
    |   |-- DataError     a table that cannot be read or used
    |   |-- PlanError     choices that do not fit each other or the task
    |   `-- RunError      a run folder that cannot be trusted
    `-- WorkError         the work itself failed: disk full, no rights  (exit code 1)

A message has five parts, in this order: where, what is required, what came, where that came from, what to do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class PhoticError(Exception):
    """The root of all errors of this library; its text is a sentence the user can act on.

    Args:
        where: the place, as the user knows it: `layers.2 Dense(10)`, `houses.csv column 'price'`.
        required: what is needed there.
        got: what came instead.
        source: where that came from.
        fix: what to do, an imperative without a full stop.

    >>> print(PhoticError("layers.2 Dense(10)", "input needs rank 2 [n, d]", "[32, 28, 28]",
    ...                   source="layers.1 Conv(8)", fix="put Flatten() before it"))
    layers.2 Dense(10): input needs rank 2 [n, d], got [32, 28, 28]
    from layers.1 Conv(8); put Flatten() before it.
    """

    exit_code = 2

    def __init__(self, where: str, required: str, got: str, *, source: str, fix: str) -> None:
        self.where, self.required, self.got, self.source, self.fix = where, required, got, source, fix
        super().__init__(f"{where}: {required}, got {got}\nfrom {source}; {fix}.")

    def placed(self, place: str, source: str | None = None) -> PhoticError:
        """The same error seen from outside: `place` goes before `where`, `source` replaces the source."""
        return type(self)(f"{place} {self.where}", self.required, self.got, source=source or self.source, fix=self.fix)


class RequestError(PhoticError, ValueError):
    """What was asked for cannot be done; a ValueError too, as other libraries expect of a refused value."""


class SpecError(RequestError):
    """A model, layer, loss or optimizer that cannot be."""


class ShapeError(SpecError):
    """Sizes that do not fit together."""


class DataError(RequestError):
    """A table that cannot be read or used."""


class PlanError(RequestError):
    """Choices that do not fit each other or the task."""


class RunError(RequestError):
    """A run folder that cannot be trusted."""


class WorkError(PhoticError):
    """The request was right but the work failed: disk full, no rights."""

    exit_code = 1


def nearest(word: str, known: Iterable[str]) -> str:
    """Advice for an unknown name: the nearest known one, or all of them.

    >>> nearest("prize", ["rooms", "price"])
    "did you mean 'price'? known: 'price', 'rooms'"
    """
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1) or [name for name in names if name.lower() == word.lower()]
    listed = ", ".join(repr(name) for name in names[:12]) + (", ..." if len(names) > 12 else "")
    return f"did you mean {close[0]!r}? known: {listed}" if close else f"choose one of {listed}"
