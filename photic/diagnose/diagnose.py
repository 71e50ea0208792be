"""Diagnosis: every rule asked, findings ordered by cause, the verdict in words; and the proof, a rerun.

Reference: the order of questions follows Karpathy, "A recipe for training neural networks", 2019,
https://karpathy.github.io/2019/04/25/recipe: first the data, then the skeleton, then size, regularisation and length.
Chapter: "Diagnosis".
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

from photic.diagnose import activations, curves, data, fit, gradients, measures
from photic.diagnose.causes import EXPLAINS, ORDER
from photic.diagnose.evidence import Evidence
from photic.diagnose.finding import Finding
from photic.errors import PlanError
from photic.train.history import Watcher, quiet

Rule = Callable[[Evidence], Finding | None]
_EVEN = 0.01  # skills nearer to each other are the same

#: Every rule by the kind of finding it makes.
RULES: dict[str, Rule] = {
    "values": data.values,
    "loss": fit.loss,
    "target unscaled": data.unscaled_target,
    "input unscaled": data.unscaled_input,
    "order": data.order,
    "label noise": data.label_noise,
    "leak": data.leak,
    "duplicates": data.duplicates,
    "preparation": data.preparation,
    "imbalance": data.imbalance,
    "initialisation": fit.initialisation,
    "activation missing": activations.missing,
    "activation doubled": activations.doubled,
    "saturation": activations.saturation,
    "dead units": activations.dead_units,
    "vanishing gradient": gradients.vanishing,
    "exploding gradient": gradients.exploding,
    "divergence": curves.divergence,
    "rate zero": curves.rate_zero,
    "rate too high": curves.rate_too_high,
    "rate too low": curves.rate_too_low,
    "batch size": gradients.batch_size,
    "regularisation": fit.regularisation,
    "too small": fit.too_small,
    "too large": curves.too_large,
    "too few epochs": curves.too_few_epochs,
    "overfitting": curves.overfitting,
    "no stop rows": curves.no_stop_rows,
    "output constant": fit.output_constant,
    "first loss": fit.first_loss,
    "oscillation": curves.oscillation,
    "underfitting": curves.underfitting,
}


@dataclasses.dataclass(frozen=True, eq=False)
class Diagnosis:
    """What is wrong with a training, if anything.

    Args:
        evidence: all that was measured.
        findings: the cause to begin with first; problems before notes. Empty for a healthy training.
    """

    evidence: Evidence
    findings: tuple[Finding, ...]

    @property
    def problems(self) -> tuple[Finding, ...]:
        """The findings that cost the network much of what it could do."""
        return tuple(each for each in self.findings if each.level == "problem")

    @property
    def first(self) -> Finding | None:
        """The finding to begin with; None for a healthy training."""
        return self.findings[0] if self.findings else None

    @property
    def verdict(self) -> str:
        """The diagnosis in a sentence or two."""
        if not self.problems:
            return "No problem was found in this training." + _standing(self.evidence)
        first, *others = self.problems
        sure = {"certain": "", "likely": " probably", "possible": " perhaps"}[first.certainty]
        words = f"What is{sure} wrong: {first.title[0].lower()}{first.title[1:]}."
        return words + (f" {len(others)} more below; begin with the first." if others else "")

    def __str__(self) -> str:
        blocks = [self.verdict]
        for each in self.findings:
            tried = [f"Try: {each.advice.words}"] if each.advice is not None else []
            blocks.append("\n".join([f"{each.title} ({each.level}).", each.words, *tried]))
        return "\n\n".join(blocks)

    def to_json(self) -> dict[str, Any]:
        """The diagnosis as JSON values, with the measured evidence."""
        return {
            "verdict": self.verdict,
            "findings": [each.to_json() for each in self.findings],
            "measured": dict(measured(self.evidence)),
        }


def diagnose(evidence: Evidence) -> Diagnosis:
    """Ask every rule, and order what they find by cause.

    A finding that another one explains is told with that one and not by itself.

    >>> from photic.diagnose.described import Described
    >>> from photic.diagnose.parts import Data, LossUse, Stage
    >>> from photic.layers import Dense, Sigmoid
    >>> net = (Stage(Dense(1)), Stage(Sigmoid()))
    >>> setup = Described(Data(toy="moons"), net, LossUse("binary_cross_entropy"))
    >>> told = diagnose(Evidence(setup, "binary", ("a", "b"), {"fit": 75, "stop": 25}, [], []))
    >>> told.first.kind, told.first.where
    ('loss', 'layers.1')
    """
    found = {kind: finding for kind, rule in RULES.items() if (finding := rule(evidence)) is not None}
    causes = {kind for kind, finding in found.items() if finding.level == "problem"}
    told: dict[str, list[str]] = {}
    hidden: set[str] = set()
    for cause in sorted(causes, key=ORDER.index):
        if cause not in hidden:
            told[cause] = [kind for kind in EXPLAINS.get(cause, ()) if kind in found and kind not in hidden]
            hidden.update(told[cause])
    shown = [
        dataclasses.replace(finding, explains=tuple(told.get(kind, ())))
        for kind, finding in found.items()
        if kind not in hidden
    ]
    shown.sort(key=lambda finding: (finding.level != "problem", ORDER.index(finding.kind)))
    return Diagnosis(evidence, tuple(shown))


@dataclasses.dataclass(frozen=True, eq=False)
class Retry:
    """The proof of an advice: the same training before and after the one change.

    Args:
        finding: what was to be cured.
        before, after: both trained as described, on the same rows.
    """

    finding: Finding
    before: Evidence
    after: Evidence

    @property
    def gained(self) -> float:
        """How much skill the change brought; NaN where one of the two has none."""
        before, after = (each.skill(each.score) for each in (self.before, self.after))
        return max(after, -1.0) - max(before, -1.0) if not math.isnan(before + after) else math.nan

    @property
    def words(self) -> str:
        """Whether it helped, in a sentence."""
        skills = [measures.percent(each.skill(each.score)) for each in (self.before, self.after)]
        told = f"Skill on rows held out: {skills[0]} before, {skills[1]} after the change."
        if self.finding.kind in {"leak", "duplicates"}:
            return f"{told} The second is what new rows will get."
        simple = self.after.skill(self.after.baseline)
        if self.gained > _EVEN:
            told += " It helped."
        elif abs(self.gained) <= _EVEN and self.before.skill(self.before.score) >= simple - _EVEN:
            told += " It makes no difference on these rows, which are easy enough; on harder ones it will."
        elif abs(self.gained) <= _EVEN:
            told += " So small a difference may be chance."
        else:
            told += " The change alone did not help."
        left = diagnose(self.after).problems
        return told + (f" What remains: {left[0].title[0].lower()}{left[0].title[1:]}." if left else "")

    def to_json(self) -> dict[str, Any]:
        """Before and after as JSON values."""
        return {
            "change": self.finding.advice.words if self.finding.advice else None,
            "before": dict(measured(self.before)),
            "after": dict(measured(self.after)),
            "words": self.words,
            "remaining": [each.to_json() for each in diagnose(self.after).findings],
        }


def retry(diagnosis: Diagnosis, *, seeds: int = 1, watch: Watcher = quiet) -> Retry:
    """Make the change that the first finding advises, train again, and compare.

    Evidence that a run left is trained again unchanged too, so that both are judged on the same rows.

    Raises:
        PlanError: when there is nothing to change, or only a person can change it.
    """
    from photic.diagnose.carry_out import carry_out  # inside: a verdict needs no training

    first = diagnosis.first
    if first is None or first.advice is None or first.advice.change is None:
        got = "none" if first is None else "one that only a person can follow"
        fix = "read the verdict above" if first is not None else "leave the training as it is"
        raise PlanError("--try", "needs advice that a rerun can prove", got, source="the diagnosis", fix=fix)
    before = diagnosis.evidence
    if before.fit_score is None:
        before = carry_out(before.setup, seeds=seeds, watch=watch)
    return Retry(first, before, carry_out(first.advice.change(before.setup), seeds=seeds, watch=watch))


def measured(evidence: Evidence) -> list[tuple[str, str]]:
    """The numbers the verdict rests on, each with its name, in words."""
    number = lambda value: None if value is None or not math.isfinite(value) else _number(value)
    percent = lambda value: None if math.isnan(value) else measures.percent(value)
    ran = max((len(lines) for lines in evidence.lanes.values()), default=0)
    last = measures.middle(float(curve.fit[-1]) for curve in measures.curves(evidence) if len(curve.fit))
    told = {
        "skill (0 % guessing, 100 % perfect)": percent(evidence.skill(evidence.score)),
        "skill on its own training rows": percent(evidence.skill(evidence.fit_score)),
        f"skill of a simple model ({evidence.baseline_name})": percent(evidence.skill(evidence.baseline)),
        "loss of guessing": number(evidence.chance),
        "loss before the first step": number(evidence.first_loss),
        f"loss after {ran} epochs": number(last) or "not a number",
        "first step, as a share of the weights": percent(measures.update(evidence)),
        "gained in the last quarter of the epochs": percent(measures.gaining(evidence)),
    }
    return [(name, value) for name, value in told.items() if value is not None]


def _number(value: float) -> str:
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.3g}"


def _standing(evidence: Evidence) -> str:
    own, simple = evidence.skill(evidence.score), evidence.skill(evidence.baseline)
    if not (math.isfinite(own) and math.isfinite(simple)):
        return ""
    return f" Its skill is {measures.percent(own)}, that of a simple model {measures.percent(simple)}."
