"""JSON that every reader accepts: floats exact, no NaN or Infinity, UTF-8.

Python's own `json` writes `NaN`, which is not JSON and which browsers refuse. Results may lack a number (the loss of a
lane that diverged, a score that is not defined): they get `null`. Choices may not: a plan with an infinite learning
rate is refused, because `null` would mean something else there.

Reference: RFC 8259, section 6, https://www.rfc-editor.org/rfc/rfc8259#section-6
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from photic.errors import PlanError, RunError


def dump(value: Any, where: str, *, results: bool = False, lines: bool = False) -> bytes:
    r"""JSON text of plain values, NumPy scalars and arrays.

    Args:
        value: nested dicts, lists and numbers.
        where: the file's name, for a message.
        results: whether a number may be missing, and NaN or an infinity becomes `null`.
        lines: one line per item of the list `value`, instead of an indented whole.

    Raises:
        PlanError: for NaN or an infinity where `results` is False.

    >>> dump([{"loss": 0.1}, {"loss": float("nan")}], "history.jsonl", results=True, lines=True)
    b'{"loss": 0.1}\n{"loss": null}\n'
    """
    plain = _plain(value, where, "", results)
    if lines:
        text = "".join(json.dumps(item, ensure_ascii=False, allow_nan=False) + "\n" for item in plain)
    else:
        text = json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=2) + "\n"
    return text.encode("utf-8", "backslashreplace")  # a lone surrogate of a file name becomes its JSON escape


def load(data: bytes, where: str, *, lines: bool = False) -> Any:
    """The value of JSON text.

    Raises:
        RunError: when it is cut short or is no JSON.

    >>> load(b'{"loss": null}', "scores.json")
    {'loss': None}
    """
    try:
        text = data.decode("utf-8")
        return [json.loads(line) for line in text.split("\n") if line] if lines else json.loads(text)
    except ValueError as error:  # UnicodeDecodeError and JSONDecodeError are both
        fix = "put the file back as it was saved, or train again with `photic fit`"
        raise RunError(where, "needs whole JSON text", str(error), source="the file's content", fix=fix) from None


def _plain(value: Any, where: str, path: str, results: bool) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return _finite(float(value), where, path, results)
    if isinstance(value, Mapping):
        return {str(key): _plain(item, where, f"{path}.{key}", results) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, where, f"{path}.{i}", results) for i, item in enumerate(value)]
    array = np.asarray(value)
    if array.dtype.kind not in "biufU":
        raise TypeError(f"{where}{path}: no JSON form for {type(value).__name__}")
    return _plain(array.tolist(), where, path, results)


def _finite(value: float, where: str, path: str, results: bool) -> float | None:
    if math.isfinite(value):
        return value
    if results:
        return None
    place = f"{where} {path.removeprefix('.')}".strip()
    raise PlanError(place, "needs a finite number", str(value), source="the run being saved", fix="set another value")
