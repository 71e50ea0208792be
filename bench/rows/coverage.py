"""How often the printed 95 % intervals hold the truth, over hundreds of experiments whose truth is known."""

from __future__ import annotations

from collections.abc import Sequence

from bench.coverage import FOLDS, REPEATS, Seen, look
from bench.outcome import Bar, Outcome, Row, Session
from bench.worlds import worlds

_EXPERIMENTS, _ROWS = 400, (100, 1_000)
_LEAST, _MOST = 0.93, 0.97
_NAMED = ("accuracy", "auc", "rmse", "r2")  # those that the bar is held against
_PLACES = {"test part": "test part", "folds": f"{FOLDS} folds", "repeated folds": f"{REPEATS} x {FOLDS} folds"}


def measure(session: Session) -> Outcome:
    """Every world with few and with more rows."""
    found: list[Seen] = []
    here, missing = worlds()
    for world in here:
        for n in _ROWS:
            session.say(f"{world.name}, {n} rows")
            found += look(world, n, _EXPERIMENTS)
    lines: dict[tuple[str, int, str], dict[str, str]] = {}
    for seen in found:
        line = lines.setdefault((seen.world, seen.rows, seen.metric), _begun(seen))
        line[_PLACES[seen.place]] = f"{_share(seen):.1%}"
        line[f"width{' ' * list(_PLACES).index(seen.place)}"] = f"{seen.width:.3f}"
    bars = [_bar(words, [seen for seen in found if seen.place == place]) for place, words in _PLACES.items()]
    notes = [
        f"{_EXPERIMENTS} experiments a line; a share of so many is known to about {100 * _known():.1f} points",
        f"of the rows a fifth is the test part: {', '.join(str(n // 5) for n in _ROWS)}; width: the median",
        "truth of the test part: that network's score on 50,000 other rows; of folds: the mean of such scores",
    ]
    return Outcome([], list(lines.values()), bars, missing, notes)


def _begun(seen: Seen) -> dict[str, str]:
    return {"world": seen.world, "rows": f"{seen.rows:,}", "score": seen.metric.replace("_", " ")}


def _share(seen: Seen) -> float:
    return seen.held / len(seen.scores)


def _known() -> float:
    return (0.95 * 0.05 / _EXPERIMENTS) ** 0.5


def _bar(words: str, found: Sequence[Seen]) -> Bar:
    """The share over all lines of the named scores, and how far single lines are from it."""
    named = [seen for seen in found if seen.metric in _NAMED]
    held, many = sum(seen.held for seen in named), sum(len(seen.scores) for seen in named)
    shares = [_share(seen) for seen in named]
    within = sum(_LEAST <= share <= _MOST for share in shares)
    told = f"{held / many:.1%}; single lines {min(shares):.1%} to {max(shares):.1%}, {within} of {len(shares)} within"
    bar = f"{words}: {', '.join(_NAMED)} held in {_LEAST:.0%} to {_MOST:.0%}"
    return Bar(bar, told, _LEAST <= held / many <= _MOST)


ROW = Row("coverage", "95 % intervals that hold the truth, 400 experiments a line", measure)
