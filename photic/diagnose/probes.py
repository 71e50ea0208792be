"""Probes: short extra experiments, made only where the evidence leaves something open, and announced.

Reference: Karpathy, "A recipe for training neural networks", 2019, https://karpathy.github.io/2019/04/25/recipe
(overfit one batch; the learning curve over rows).
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import Any

from photic.diagnose import measures
from photic.diagnose.described import Described
from photic.diagnose.evidence import PROBES, Evidence
from photic.layers import Dropout
from photic.spec import plain

#: Rows that are to be learned by heart, and how well is well enough.
FEW, BY_HEART = 32, 0.9
_SHARES, _WEAK = (0.125, 0.25), 1e-6
#: Findings that say what is seen, not why: each with the experiments that may tell.
OPEN: dict[str, tuple[str, ...]] = {
    "underfitting": ("few rows",),
    "too small": ("few rows",),
    "output constant": ("few rows",),
    "overfitting": ("rows",),
}
Carry = Callable[[Described, int, int, bool], Evidence]


def probe(evidence: Evidence, kind: str, carry: Carry, say: Callable[[str], None] = lambda _: None) -> Evidence:
    """The evidence with the results of the experiments that a finding of this kind leaves open.

    Args:
        evidence: of a training whose data is at hand.
        kind: of the first finding; where it leaves nothing open, nothing is done.
        carry: trains a described training on so many of its rows, repeated, for so many epochs, judged by other rows
            or by those alone: `carry_out.try_out` as a rule.
        say: is told what is about to be tried.
    """
    results: dict[str, Any] = dict(evidence.probes)
    began = time.perf_counter()
    for name in OPEN.get(kind, ()):
        if name not in results and evidence.rows.get("fit", 0) > 2 * FEW:
            say(f"trying {PROBES[name]}")
            results[name] = _EXPERIMENTS[name](evidence, carry)
    seconds = {**evidence.seconds, "probes": time.perf_counter() - began}
    return dataclasses.replace(evidence, probes=results, seconds=seconds)


def _few_rows(evidence: Evidence, carry: Carry) -> dict[str, Any]:
    """Half as many steps as the training had, all on 32 rows, with nothing that holds the network back."""
    free = _unheld(evidence.setup)
    found = carry(free, FEW, max(1, free.epochs // 2), True)
    last = measures.middle(float(curve.fit[-1]) for curve in measures.curves(found))
    return {"rows": found.rows["fit"], "loss": last, "chance": evidence.chance, "skill": found.skill(found.fit_score)}


def _over_rows(evidence: Evidence, carry: Carry) -> list[dict[str, float]]:
    """The same training with an eighth and with a quarter of its rows, as often each, judged on the same others."""
    rows, setup = evidence.rows["fit"], evidence.setup
    found = [carry(setup, int(share * rows), max(1, round(share * setup.epochs)), False) for share in _SHARES]
    told = [{"rows": each.rows["fit"], "skill": each.skill(each.score)} for each in found]
    return [*told, {"rows": rows, "skill": evidence.skill(evidence.score)}]


def _unheld(setup: Described) -> Described:
    """The same structure, which is compiled already, with penalties and dropout too weak to hold anything back."""
    weak = lambda layer: Dropout(min(plain(layer.rate), _WEAK)) if isinstance(layer, Dropout) else layer
    setup = setup.with_layers(
        *(
            dataclasses.replace(stage, layer=weak(stage.layer), l1=min(stage.l1, _WEAK), l2=min(stage.l2, _WEAK))
            for stage in setup.layers
        )
    )
    decay = plain(getattr(setup.descent.rule, "weight_decay", 0.0))
    return setup.with_rule(weight_decay=min(decay, _WEAK)) if decay else setup


_EXPERIMENTS: dict[str, Callable[[Evidence, Carry], Any]] = {"few rows": _few_rows, "rows": _over_rows}
