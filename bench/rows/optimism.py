"""What a search prints of its winner, minus the truth, over small searches; beside its own best inner score."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.outcome import Bar, Outcome, Row, Session
from bench.searches import INNER, OUTER, TRIALS, Told, look
from bench.worlds import noise, worlds

_EXPERIMENTS, _ROWS = 40, 100
_MOST = 0.5  # standard errors


def measure(session: Session) -> Outcome:
    """Every world, and two with nothing to learn in them."""
    found: list[Told] = []
    lines = []
    here, missing = worlds()
    for world in [*here, *noise()]:
        session.say(world.name)
        told = look(world, _ROWS, _EXPERIMENTS)
        found += told
        lines.append({"world": world.name, "true": _mean(told, "truth"), "printed": _mean(told, "score"),
                      "best inner": _mean(told, "best"), **_errors(told)})  # fmt: skip
    bars = [
        Bar(f"{words}: optimistic by at most half a standard error", f"{_average(found, part):+.2f}",
            _average(found, part) <= _MOST)
        for words, part in (("test part", "test"), (f"{OUTER} outer folds", "folds"))
    ]  # fmt: skip
    bars.append(Bar("the best inner score, if it were printed", f"{_average(found, 'inner'):+.2f}"))
    settings = f"{TRIALS} random settings of rate, decay and dropout, on {INNER} inner folds"
    notes = [
        f"{_EXPERIMENTS} searches a line in {_ROWS} rows each, 30 of them the test part; {settings}",
        "true, printed, best inner: accuracy, or RMSE where the target is a number; SE: of what is printed there",
        f"above 0 is optimistic, whichever way the score points; a mean of {_EXPERIMENTS} is known to about 0.16",
    ]
    return Outcome([], lines, bars, missing, notes)


def _errors(told: Sequence[Told]) -> dict[str, str]:
    names = {"test part, SE": "test", "outer folds, SE": "folds", "best inner, SE": "inner"}
    return {heading: f"{_average(told, part):+.2f}" for heading, part in names.items()}


def _average(told: Sequence[Told], part: str) -> float:
    return float(np.nanmean([getattr(each, part) for each in told]))


def _mean(told: Sequence[Told], part: str) -> str:
    return f"{_average(told, part):.3f}"


ROW = Row("optimism", "what a search prints of its winner, minus the truth, in standard errors", measure)
