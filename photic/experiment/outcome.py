"""The outcome: what every contender scored, how sure that is, how the network compares, and the verdict in words.

The network and its baselines were trained on the same rows and are judged on the same rows: once on the locked test
part, and in every fold on rows that the fold's contenders never saw. `scores.json` is this object.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

from photic.data.task import Task
from photic.errors import RunError
from photic.experiment import verdict
from photic.experiment.contender import DEFAULT, NETWORK, Comparison, Contender, best, compare
from photic.experiment.figures import figure, label
from photic.experiment.folded import Folded
from photic.experiment.interval import Score
from photic.experiment.scored import Part, Scored
from photic.maths import metrics

#: The metrics that a narrow table shows beside the main one.
BESIDE = {
    "regression": ("mae", "r2"),
    "binary": ("balanced_accuracy", "auc", "f1", "log_loss"),
    "multiclass": ("balanced_accuracy", "auc", "f1", "log_loss"),
    "multilabel": ("subset_accuracy", "auc", "f1", "log_loss"),
    "values": (),
    "text": ("accuracy", "perplexity"),
    "regression places": ("mae", "r2"),
    "binary places": ("balanced_accuracy", "iou", "f1", "log_loss"),
    "multiclass places": ("balanced_accuracy", "iou", "f1", "log_loss"),
}
#: How one of several targets is scored by itself, and the metrics that a narrow table shows of it.
ALONE = {"values": ("regression", ("rmse", "mae", "r2")), "multilabel": ("binary", ("accuracy", "auc", "f1"))}


@dataclasses.dataclass(frozen=True)
class Outcome:
    """Everything that was scored in a run.

    Args:
        task: what is predicted.
        main: the name of the metric that decides.
        contenders: the network first, then the baselines, simplest first.
        comparison: of the network with the best baseline; None without baselines.
        verdict: one or two plain sentences.
        rows: how many there are of "all", "test", "fit" and "stop".
        split: "method" and "why".
        targets: of several targets, by name, what the contenders scored on it alone, in its own units.
        gain: of a network that was searched for, how it stands beside the default one.
    """

    task: Task
    main: str
    contenders: tuple[Contender, ...]
    comparison: Comparison | None
    verdict: str
    rows: dict[str, int]
    split: dict[str, str]
    targets: dict[str, tuple[Contender, ...]] = dataclasses.field(default_factory=dict)
    gain: Comparison | None = None

    @property
    def network(self) -> Contender:
        """What the network scored."""
        return next(each for each in self.contenders if each.name == NETWORK)

    def table(self) -> list[tuple[str, ...]]:
        """The scores as text: a heading and a row per contender; metrics beside the main one are of the test part."""
        folds = len(self.network.folds.get(self.main, ()))
        places = {"test": f"{self.rows.get('test', 0):,} test rows", "validation": f"{folds} folds"}
        shown = [part for part in places if getattr(self.network, part)]
        rest = BESIDE[self.task.scoring]
        rows: list[tuple[str, ...]] = [
            ("", *(f"{label(self.main)}, {places[part]}" for part in shown), *map(label, rest))
        ]
        for contender in self.contenders:
            main = [str(getattr(contender, part)[self.main]) for part in shown]
            rows.append((contender.name, *main, *(_alone(contender.score(metric)) for metric in rest)))
        return rows

    def target_table(self) -> list[tuple[str, ...]]:
        """Of several targets a row for each: the network's scores on it alone, and the best simple model's main one."""
        if not self.targets:
            return []
        _, shown = ALONE[self.task.scoring]
        rival = self.comparison.against if self.comparison else None
        beside = () if rival is None else (f"{label(shown[0])} of {rival}",)
        rows: list[tuple[str, ...]] = [("", *map(label, shown), *beside)]
        for name, contenders in self.targets.items():
            other = [_alone(each.score(shown[0])) for each in contenders if each.name == rival]
            rows.append((name, *(_alone(contenders[0].score(metric)) for metric in shown), *other))
        return rows

    def __str__(self) -> str:
        tables = [_laid_out(rows) for rows in (self.table(), self.target_table()) if rows]
        return "\n\n".join([self.verdict, *tables])

    def to_json(self) -> dict[str, Any]:
        """The outcome as JSON values; a number that is not defined is None."""
        return _none_for_nan({**dataclasses.asdict(self), "task": self.task.to_json()})

    @classmethod
    def from_json(cls, data: Mapping[str, Any], source: str = "scores.json") -> Outcome:
        """The outcome that `to_json` wrote.

        Raises:
            RunError: when a part of it is missing or of another kind.
        """
        try:
            comparison = data["comparison"]
            return cls(
                Task.from_json(data["task"], source),
                data["main"],
                tuple(Contender.from_json(each) for each in data["contenders"]),
                comparison and Comparison.from_json(comparison),
                data["verdict"],
                dict(data["rows"]),
                dict(data["split"]),
                {name: tuple(map(Contender.from_json, each)) for name, each in data.get("targets", {}).items()},
                Comparison.from_json(data["gain"]) if data.get("gain") else None,
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            came = f"{type(error).__name__}: {error}"
            raise RunError("scores", "needs an outcome as it was saved", came, source=source, fix="fit again") from None


def outcome(
    task: Task,
    test: Part | None,
    folds: Sequence[Part] = (),
    *,
    words: Mapping[str, str],
    rows: Mapping[str, int],
    split: Mapping[str, str],
    repeats: float = 1,
    seed: int = 0,
) -> Outcome:
    """Score all contenders on the test part and on every fold, and say how the network stands beside the best baseline.

    Args:
        test: the locked test part; None when there is none.
        folds: one part per fold.
        words: what each contender is, the network first; these are the contenders.
        rows, split: as in `Outcome`.
        repeats: how many of the folds score each row.
        seed: of the bootstrap.

    >>> import numpy as np
    >>> y, rng = np.linspace(0, 9, 300), np.random.default_rng(0)
    >>> p = {"network": y[:, None] + rng.normal(size=(300, 1)), "mean": np.full((300, 1), 4.5)}
    >>> found = outcome(Task("regression", "price"), Part(y, p), words={"network": "a network", "mean": "the mean"},
    ...                 rows={"all": 1500, "test": 300}, split={"method": "plain", "why": "rows are alike"})
    >>> found.comparison.against, found.comparison.standing
    ('mean', 'ahead')
    """
    main = metrics.main(task.scoring).name
    test = None if test is None or not test.weights.any() else test
    scored = None if test is None else Scored.of(task.scoring, test, seed=seed)
    folded = Folded.of(task.scoring, folds, repeats=repeats, seed=seed) if folds else None
    contenders = _contenders(task.scoring, words, scored, folded)
    network, rival = contenders[0], best(main, contenders[1:])
    comparison = None if rival is None else compare(main, network, rival, scored, folded)
    default = next((each for each in contenders if each.name == DEFAULT), None)
    gain = None if default is None else compare(main, network, default, scored, folded)
    simple = [each for each in contenders[1:] if each is not default]
    learned = not simple or compare(main, network, simple[0], scored, folded).standing == "ahead"
    rows_scored = 0 if test is None else len(test.y)
    at = test.places if test is not None and task.every_step else 0
    said = verdict.words(
        main, network, rival, comparison, learned=learned, test=rows_scored, folds=len(folds), places=at
    )
    targets = {}
    for place, name in enumerate(task.targets if test is not None or folds else ()):
        kind, parts = ALONE[task.scoring][0], [part.of_target(place) for part in folds]
        alone = None if test is None else Scored.of(kind, test.of_target(place), seed=seed)
        apart = Folded.of(kind, parts, repeats=repeats, seed=seed) if parts else None
        targets[name] = _contenders(kind, words, alone, apart)
    return Outcome(task, main, contenders, comparison, said, dict(rows), dict(split), targets, gain)


def _contenders(
    kind: str, words: Mapping[str, str], scored: Scored | None, folded: Folded | None
) -> tuple[Contender, ...]:
    return tuple(_contender(name, told, kind, scored, folded) for name, told in words.items())


def _contender(name: str, words: str, kind: str, scored: Scored | None, folded: Folded | None) -> Contender:
    listed = [metric.name for metric in metrics.of(kind)]
    test = None if scored is None else {metric: scored.score(name, metric) for metric in listed}
    if folded is None:
        return Contender(name, words, test, {}, {})
    folds = {metric: folded.value[name][metric] for metric in listed}
    return Contender(name, words, test, folds, {metric: folded.score(name, metric) for metric in listed})


def _laid_out(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "\n".join(lines)


def _alone(score: Score) -> str:
    """A score without its interval: two digits of its width, and two of its own, however little is known of it."""
    width = score.high - score.low
    return figure(score.value, min(width, abs(score.value)) if math.isfinite(width) else width)


def _none_for_nan(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _none_for_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_none_for_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
