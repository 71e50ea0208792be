"""Pictures in classes: handwritten digits, and pieces of clothing.

Data: `digits-images`, 1,797 digits of 8 x 8 pixels from scikit-learn, a fifth of them locked away; `fashion-mnist`,
60,000 pictures of 28 x 28 pixels and the 10,000 of its own test part (apt-get install dataset-fashion-mnist).
Everything is chosen by Photic but the few epochs for the clothes, which are to show the way, not the best score.

Reached (two cores, shared with other work):
  digits-images: accuracy 0.986 (0.968 to 0.994) on 359 test pictures, after 48 s
  fashion-mnist: accuracy 0.894 (0.888 to 0.900) on 10,000 test pictures, after 328 s

    python examples/pictures.py            writes a run of each with its report.html
"""

from __future__ import annotations

import time
from pathlib import Path

import photic

SETS: dict[str, dict[str, int]] = {"digits-images": {}, "fashion-mnist": {"epochs": 3}}


def main(sets: dict[str, dict[str, int]] = SETS, folder: Path | None = None) -> dict[str, float]:
    """Fit a network to each set; the share of test pictures that are right, by set."""
    reached = {}
    for name, choices in sets.items():
        began = time.perf_counter()
        run = photic.fit(name, folds=0, baselines=False, out=folder and folder / name, **choices)
        assert run.scores is not None
        score = run.scores.network.score("accuracy")
        reached[name] = score.value
        print(f"{name}: accuracy {score} on {run.scores.rows['test']:,} test pictures,"
              f" after {time.perf_counter() - began:.0f} s")  # fmt: skip
    return reached


if __name__ == "__main__":
    main()
