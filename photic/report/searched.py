"""A search as it was left behind: `study.json` and `trials.jsonl`, read for the page and the terminal."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from photic.errors import RunError

FORMAT = 1
FINAL = "final"

#: What became of a trial, in the order in which trials are listed.
STATES = ("complete", "halved", "diverged", "failed")


@dataclasses.dataclass(frozen=True)
class Trial:
    """One setting that was tried.

    Args:
        arena: the lane that searched: "final" or an outer fold.
        number: from 0, which is the default setting.
        values: by hyperparameter; one that did not apply is not in it.
        state: "complete", or "halved", "diverged", "failed": then its score is not to be compared.
        epochs: how many it was trained for.
        score: the mean over the inner folds at its best epoch; NaN where there is none.
        curve: epoch and mean score.
        best_epoch: of the score; 0 where there is none.
    """

    arena: str
    number: int
    values: dict[str, Any]
    state: str
    epochs: int
    score: float
    curve: tuple[tuple[int, float], ...] = ()
    best_epoch: int = 0

    @property
    def finished(self) -> bool:
        """Whether it was trained to its end and its score is a number."""
        return self.state == "complete" and math.isfinite(self.score)


@dataclasses.dataclass(frozen=True)
class Arena:
    """One lane's search: the number and the setting of its winner, and the scores around it; NaN where there is none.

    Args:
        inner, default_inner: of the winner and of the default setting, on the inner folds.
        score: of the winner, on the lane's score rows.
    """

    name: str
    winner: int
    values: dict[str, Any]
    inner: float
    default_inner: float
    score: float


@dataclasses.dataclass(frozen=True, eq=False)
class Searched:
    """A study.

    Args:
        study: `study.json` as it is.
        arenas: the final network's first.
        trials: of all arenas.
        unit: of the scores inside the search, where it is not that of the scores outside; empty where it is.
    """

    study: dict[str, Any]
    arenas: tuple[Arena, ...]
    trials: tuple[Trial, ...]
    unit: str = ""

    @classmethod
    def of(
        cls, study: Mapping[str, Any], trials: Sequence[Mapping[str, Any]], source: str, *, unit: str = ""
    ) -> Searched:
        """What the two files hold.

        Raises:
            RunError: when a part of them is missing or of another kind.

        >>> arena = {"name": "final", "winner": 0, "values": {}, "inner": 0.9, "default_inner": 0.9, "score": None}
        >>> found = Searched.of({"format": 1, "better": "higher", "space": {}, "arenas": [arena]}, [], "a study")
        >>> found.own.inner, found.finished("final")
        (0.9, [])
        """
        try:
            if study["format"] != FORMAT:
                raise RunError(
                    source, f"needs a study of format {FORMAT}", f"format {study['format']}", source="study.json",
                    fix="open it with the Photic that made it",
                )  # fmt: skip
            arenas = list(map(_arena, study["arenas"]))
            listed = tuple(map(_trial, trials))
            dict(study["space"]), str(study["better"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            came = f"{type(error).__name__}: {error}"
            fix = "search again with photic tune"
            raise RunError(source, "needs a study as it was saved", came, source="study.json", fix=fix) from None
        return cls(dict(study), tuple(sorted(arenas, key=lambda each: each.name != FINAL)), listed, unit)

    @property
    def own(self) -> Arena | None:
        """The arena of the final network; the first one where there is no final network, None before any ended."""
        return self.arenas[0] if self.arenas else None

    @property
    def higher(self) -> bool:
        """Whether a higher score is better."""
        return self.study["better"] == "higher"

    @property
    def space(self) -> dict[str, dict[str, Any]]:
        """What was searched, the most important first."""
        share = self.study.get("importance") or {}
        return dict(sorted(self.study["space"].items(), key=lambda item: -(share.get(item[0]) or 0.0)))

    def of_arena(self, name: str) -> list[Trial]:
        """The trials of one arena, as they were made."""
        return [trial for trial in self.trials if trial.arena == name]

    def finished(self, name: str) -> list[Trial]:
        """The finished trials of one arena, the best first."""
        sign = -1 if self.higher else 1
        found = [trial for trial in self.of_arena(name) if trial.finished]
        return sorted(found, key=lambda trial: (sign * trial.score, trial.number))

    def ranked(self, name: str) -> list[Trial]:
        """All trials of one arena: finished ones, best first, then those that ended early, the longest first."""
        rest = [trial for trial in self.of_arena(name) if not trial.finished]
        late = lambda trial: (STATES.index(trial.state), -trial.epochs, trial.number)
        return [*self.finished(name), *sorted(rest, key=late)]

    def best_so_far(self, name: str) -> Iterator[tuple[int, float]]:
        """Number and score of every finished trial that was better than all before it."""
        best = math.nan
        for trial in self.of_arena(name):
            if trial.finished and not (trial.score <= best if self.higher else trial.score >= best):
                best = trial.score
                yield trial.number, best


def unit_of(scoring: str) -> str:
    """The unit of scores inside a search; empty where it is that of the scores outside.

    Of one number a search sees the target as the trainer does, which is not as people do.

    >>> unit_of("regression"), unit_of("binary")
    ('standard deviations of the target', '')
    """
    return "standard deviations of the target" if scoring.startswith("regression") else ""


def _arena(each: Mapping[str, Any]) -> Arena:
    scores = (_number(each[part]) for part in ("inner", "default_inner", "score"))
    return Arena(each["name"], int(each["winner"]), dict(each["values"]), *scores)


def _trial(line: Mapping[str, Any]) -> Trial:
    if line["state"] not in STATES:
        raise ValueError(f"state {line['state']!r}")
    curve = tuple((int(epoch), _number(score)) for epoch, score in line.get("curve") or ())
    score = _number(line["score"])
    return Trial(
        line["arena"], int(line["number"]), dict(line["values"]), line["state"], int(line["epochs"]), score, curve,
        int(line.get("best_epoch") or 0),
    )  # fmt: skip


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
