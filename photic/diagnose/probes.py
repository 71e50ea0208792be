"""Probes: short extra experiments, made only where the evidence leaves something open, and announced.

Reference: Karpathy, "A recipe for training neural networks", 2019, https://karpathy.github.io/2019/04/25/recipe
(overfit one batch; the learning curve over rows).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from photic.diagnose import changes, measures
from photic.diagnose.described import Described
from photic.diagnose.evidence import PROBES, Evidence

#: Rows that are to be learned by heart, and how well is well enough.
FEW, BY_HEART = 32, 0.9
_SHARES = (0.125, 0.25)
#: Findings that say what is seen, not why: each with the experiments that may tell.
OPEN: dict[str, tuple[str, ...]] = {
    "underfitting": ("few rows",),
    "too small": ("few rows",),
    "output constant": ("few rows",),
    "overfitting": ("rows",),
}
Carry = Callable[[Described, Sequence[int]], list[Evidence]]


def probe(evidence: Evidence, kind: str, carry: Carry, say: Callable[[str], None] = lambda _: None) -> Evidence:
    """The evidence with the results of the experiments that a finding of this kind leaves open.

    Args:
        evidence: of a training whose data is at hand.
        kind: of the first finding; where it leaves nothing open, nothing is done.
        carry: trains a described training on so many rows each, `carry_out.try_out` as a rule.
        say: is told what is about to be tried.
    """
    results: dict[str, Any] = dict(evidence.probes)
    for name in OPEN.get(kind, ()):
        if name not in results and evidence.rows.get("fit", 0) > 2 * FEW:
            say(f"trying {PROBES[name]}")
            results[name] = _EXPERIMENTS[name](evidence, carry)
    return dataclasses.replace(evidence, probes=results)


def _few_rows(evidence: Evidence, carry: Carry) -> dict[str, Any]:
    """Half as many steps as the training had, on 32 rows, with nothing that holds the network back."""
    setup = evidence.setup
    steps = measures.steps(evidence) * setup.epochs // 2
    free = changes.without_dropout_above(0.0)(changes.without_penalties(setup))
    epochs = max(20, min(500, steps // -(-FEW // min(FEW, setup.batch_size))))
    (found,) = carry(dataclasses.replace(free, epochs=epochs, patience=None), [FEW])
    last = measures.middle(float(curve.fit[-1]) for curve in measures.curves(found))
    return {"rows": found.rows["fit"], "loss": last, "chance": evidence.chance, "skill": found.skill(found.fit_score)}


def _over_rows(evidence: Evidence, carry: Carry) -> list[dict[str, float]]:
    """The same training with an eighth and with a quarter of its rows, judged on the same rows held out."""
    rows = evidence.rows["fit"]
    found = carry(evidence.setup, [int(share * rows) for share in _SHARES])
    told = [{"rows": each.rows["fit"], "skill": each.skill(each.score)} for each in found]
    return [*told, {"rows": rows, "skill": evidence.skill(evidence.score)}]


_EXPERIMENTS: dict[str, Callable[[Evidence, Carry], Any]] = {"few rows": _few_rows, "rows": _over_rows}
