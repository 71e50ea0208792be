"""Windows: a long series cut into many rows for a forecast, each some steps and the values that came after them.

A row knows its last step's moment (`time`) and the last one its target looks at (`until`). Splits keep the order of
time, and rows whose target reaches into a later part are left out of the earlier one, so nothing of what is to be
forecast was ever trained on.

Reference: Bergmeir and Benítez, "On the use of cross-validation for time series predictor evaluation", 2012,
https://doi.org/10.1016/j.ins.2011.12.028
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float, Int

from photic.data.form import Form
from photic.data.steps import MOST, Steps
from photic.errors import DataError


@dataclasses.dataclass(frozen=True, eq=False)
class Windows:
    """The rows of a forecast.

    Args:
        numbers: `[n, window, c]`.
        y: `[n, horizon]` the values of the target that follow.
        which: `[n]` the series each row is cut from.
        time, until: `[n]` the moments of its last step and of its last target.
        form: the form with window and stride as they were chosen.
        said: sentences about that.
    """

    numbers: Float[np.ndarray, "n t c"]
    y: Float[np.ndarray, "n h"]
    which: Int[np.ndarray, " n"]
    time: Float[np.ndarray, " n"]
    until: Float[np.ndarray, " n"]
    form: Form
    said: tuple[str, ...]


def windows(steps: Steps, channel: int, form: Form, source: str) -> Windows:
    """All windows of the series, one step apart, or more where they would not fit in memory.

    Args:
        channel: of the target.
        form: with the horizon, and the window if the user chose one.

    Raises:
        DataError: when no series is longer than window and horizon together.

    >>> steps = Steps.of([np.arange(6.0)[:, None]], ["a"])
    >>> cut = windows(steps, 0, Form("long", window=3, horizon=2), "a test")
    >>> cut.numbers[..., 0].tolist(), cut.y.tolist(), cut.until.tolist()
    ([[0.0, 1.0, 2.0], [1.0, 2.0, 3.0]], [[3.0, 4.0], [4.0, 5.0]], [4.0, 5.0])
    """
    longest, horizon = int(steps.lengths.max()), form.horizon
    window = form.window or _window(longest, horizon)
    span = window + horizon
    if longest < span + 1:
        fix = "give a smaller horizon or window, or more steps"
        required = f"needs a series of more than {span:,} steps: {window:,} to look at and {horizon:,} to forecast"
        got = f"{longest:,} in the longest"
        raise DataError(f"horizon {horizon}", required, got, source=source, fix=fix)
    total = int(np.maximum(steps.lengths - span + 1, 0).sum())
    stride = form.stride or max(1, -(-total * window * steps.values.shape[1] // MOST))
    starts = [np.arange(first, first + length - span + 1, stride)
              for first, length in zip(steps.starts, steps.lengths, strict=False)]  # fmt: skip
    which = np.repeat(np.arange(steps.n), [len(each) for each in starts])
    at = np.concatenate(starts)
    y = steps.values[at[:, None] + window + np.arange(horizon), channel].astype(np.float64)
    known = np.isfinite(y).all(axis=1)
    at, which, y = at[known], which[known], y[known]
    if not len(at):
        fix = "fill the target in, or give a smaller horizon"
        required = "needs windows whose next values are all known"
        raise DataError(f"horizon {horizon}", required, "none", source=source, fix=fix)
    ahead = f"the next {horizon:,}" if horizon > 1 else "the next one"
    said = [f"{len(at):,} windows of {window:,} steps, {ahead} to be forecast from each."]
    if stride > 1:
        said.append(f"Windows begin {stride:,} steps apart, so that they fit in memory.")
    short = int((steps.lengths < span).sum())
    if short:
        said.append(f"Series shorter than {span:,} steps are left out: {short:,}.")
    if not known.all():
        said.append(f"Windows whose next values are not all known are left out: {int((~known).sum()):,}.")
    chosen = dataclasses.replace(form, window=window, stride=stride)
    numbers = steps.values[at[:, None] + np.arange(window)]
    last = at + window - 1
    return Windows(numbers, y, which, steps.time[last], steps.time[last + horizon], chosen, tuple(said))


def latest(steps: Steps, window: int) -> Steps:
    """The last steps of every series, from which what comes next is forecast.

    >>> latest(Steps.of([np.arange(6.0)[:, None]], ["a"]), 2).values.tolist()
    [[4.0], [5.0]]
    """
    sequences = [
        steps.values[max(start, end - window) : end] for start, end in zip(steps.starts, steps.starts[1:], strict=False)
    ]
    return Steps.of(sequences, steps.names.tolist())


def _window(longest: int, horizon: int) -> int:
    """Twice the horizon and at least 24 steps, as long as half of the longest series is left to make rows of."""
    return max(1, min(max(2 * horizon, 24), (longest - horizon) // 2))
