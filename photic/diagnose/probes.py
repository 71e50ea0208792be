"""Probes: short extra experiments, made only where the evidence leaves something open, and announced.

Reference: Karpathy, "A recipe for training neural networks", 2019, https://karpathy.github.io/2019/04/25/recipe
(overfit one batch; the learning curve over rows).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from photic.diagnose import changes, measures
from photic.diagnose.described import Described
from photic.diagnose.evidence import PROBES, Evidence

#: Rows that are to be learned by heart, and how well is well enough.
FEW, BY_HEART = 32, 0.9
_SHARES = (0.25, 0.5)
#: Findings that say what is seen, not why: each with the experiments that may tell.
OPEN: dict[str, tuple[str, ...]] = {
    "underfitting": ("few rows",),
    "too small": ("few rows",),
    "output constant": ("few rows",),
    "overfitting": ("rows",),
}
Carry = Callable[[Described], Evidence]


def probe(evidence: Evidence, kind: str, carry: Carry, say: Callable[[str], None] = lambda _: None) -> Evidence:
    """The evidence with the results of the experiments that a finding of this kind leaves open.

    Args:
        evidence: of a training that was carried out here.
        kind: of the first finding; where it leaves nothing open, nothing is done.
        carry: trains a described training, `carry_out` as a rule.
        say: is told what is about to be tried.
    """
    results: dict[str, Any] = dict(evidence.probes)
    for name in OPEN.get(kind, ()):
        if name not in results and evidence.rows.get("fit", 0) > 2 * FEW:
            say(f"trying {PROBES[name]}")
            results[name] = _EXPERIMENTS[name](evidence, carry)
    return dataclasses.replace(evidence, probes=results)


def _few_rows(evidence: Evidence, carry: Carry) -> dict[str, Any]:
    """As many steps as the training had at most, on 32 rows, with nothing that holds the network back."""
    steps = measures.steps(evidence) * evidence.setup.epochs
    free = changes.without_dropout_above(0.0)(changes.without_penalties(evidence.setup))
    few = _with_fit_rows(free, evidence, FEW)
    found = carry(dataclasses.replace(few, epochs=max(20, min(500, steps // 2)), patience=None))
    last = measures.middle(float(curve.fit[-1]) for curve in measures.curves(found))
    return {"rows": found.rows["fit"], "loss": last, "chance": found.chance, "skill": found.skill(found.fit_score)}


def _over_rows(evidence: Evidence, carry: Carry) -> list[dict[str, float]]:
    """The same training with a quarter and with half of its rows."""
    told = []
    for share in _SHARES:
        found = carry(_with_fit_rows(evidence.setup, evidence, int(share * evidence.rows["fit"])))
        told.append({"rows": found.rows["fit"], "skill": found.skill(found.score)})
    return [*told, {"rows": evidence.rows["fit"], "skill": evidence.skill(evidence.score)}]


def _with_fit_rows(setup: Described, evidence: Evidence, rows: int) -> Described:
    """The same training on so many rows; the others are held out."""
    every = evidence.rows["fit"] + evidence.rows.get("stop", 0)
    method = "shuffled" if setup.split.method == "none" else setup.split.method
    return changes.part("split", share=1 - rows / every, method=method)(setup)


_EXPERIMENTS: dict[str, Callable[[Evidence, Carry], Any]] = {"few rows": _few_rows, "rows": _over_rows}
