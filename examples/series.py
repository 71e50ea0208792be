"""Series of unequal lengths in classes: who says a vowel, and which gesture a hand makes.

Data: `japanese-vowels`, nine men by twelve coefficients of sound, 7 to 29 steps, 270 series and a test part of 370;
`pickup-gesture`, ten gestures by one acceleration, 29 to 361 steps, 50 series and a test part of 50 (five of each
gesture in each, so the interval is wide). Both fetched once from the package aeon, test parts as published.

Reached (two cores, shared with other work):
  japanese-vowels: accuracy 0.995 (0.981 to 0.999) on 370 test series, after 55 s
  pickup-gesture: accuracy 0.66 (0.52 to 0.78) on 50 test series, after 73 s

    python examples/series.py            writes a run of each with its report.html
"""

from __future__ import annotations

import time
from pathlib import Path

import photic
from photic.data import sources

SETS: dict[str, dict[str, int]] = {"japanese-vowels": {}, "pickup-gesture": {}}


def main(sets: dict[str, dict[str, int]] = SETS, folder: Path | None = None) -> dict[str, float]:
    """Fit a network to each set; the share of test series that are right, by set."""
    reached = {}
    for name, choices in sets.items():
        began = time.perf_counter()
        sources.get(name)
        run = photic.fit(name, folds=0, baselines=False, out=folder and folder / name, **choices)
        assert run.scores is not None
        score = run.scores.network.score("accuracy")
        reached[name] = score.value
        print(f"{name}: accuracy {score} on {run.scores.rows['test']:,} test series,"
              f" after {time.perf_counter() - began:.0f} s")  # fmt: skip
    return reached


if __name__ == "__main__":
    main()
