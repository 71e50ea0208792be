"""The form: where the sequences are in what the user has, and what is cut out of them. Saved with the network.

Four ways in which people keep series. **Long**: a row a step, with a column that says which series it is of and one
that orders its steps. **Lists**: a row a series, its steps as a list in each cell. **Wide**: a row a series, with a
column a step. **Arrays**: NumPy arrays, one a series or one for all.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from photic.errors import PlanError, RunError, nearest

KINDS = ("long", "lists", "wide", "arrays", "text")


@dataclasses.dataclass(frozen=True)
class Form:
    """Where the sequences are, and what is cut out of them.

    Args:
        kind: one of `KINDS`.
        id: the column that says which series a step belongs to; None when all steps are of one series.
        time: the column that orders the steps; None when the rows are in order.
        wide: the columns that are steps, in order; of a wide table only.
        window: how many steps make a row; 0 for whole sequences.
        stride: how many steps lie between the beginnings of two windows.
        horizon: how many steps ahead are predicted; 0 when this is no forecast.
        target: the column that is forecast.

    >>> Form("long", id="who", time="day").to_json()
    {'kind': 'long', 'id': 'who', 'time': 'day'}
    """

    kind: str
    id: str | None = None
    time: str | None = None
    wide: tuple[str, ...] = ()
    window: int = 0
    stride: int = 0
    horizon: int = 0
    target: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The form as JSON values; what is at its default is left out."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: list(value) if name == "wide" else value for name, value in values.items() if value}

    @classmethod
    def from_json(cls, data: Mapping[str, Any], source: str = "JSON") -> Form:
        """The form that `to_json` wrote.

        Raises:
            RunError: when the kind is unknown or a part is of the wrong type.

        >>> Form.from_json({"kind": "text", "window": 100})
        Form(kind='text', id=None, time=None, wide=(), window=100, stride=0, horizon=0, target=None)
        """
        types = {"window": int, "stride": int, "horizon": int, "wide": list}
        for name, value in data.items():
            known = name in {field.name for field in dataclasses.fields(cls)}
            if not known or type(value) is not types.get(name, str):
                got = f"{name}: {value!r}"
                raise RunError("form", "needs the parts that were saved", got, source=source, fix="fit again")
        if data.get("kind") not in KINDS:
            got = repr(data.get("kind"))
            raise RunError("form", "needs a known kind", got, source=source, fix=nearest(str(data.get("kind")), KINDS))
        values: dict[str, Any] = {name: tuple(value) if name == "wide" else value for name, value in data.items()}
        return cls(**values)


def need_whole(name: str, value: int | None) -> int:
    """A number of steps that was asked for; 0 when none was.

    Raises:
        PlanError: when it is not a whole number of at least 1.

    >>> need_whole("window", None), need_whole("window", 5)
    (0, 5)
    """
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        fix = f"give a number of steps such as {name}=24"
        raise PlanError(name, "needs a whole number of at least 1", repr(value), source=f"{name}=", fix=fix)
    return value
