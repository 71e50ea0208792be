"""Rules about gradients: those that fade on their way back, those that grow, and steps that are mostly chance."""

from __future__ import annotations

import math

from photic.diagnose import changes, measures, network
from photic.diagnose.advice import Advice
from photic.diagnose.evidence import Evidence
from photic.diagnose.finding import Finding
from photic.layers import ReLU

#: The gradient at the first layer is so many times smaller, or larger, than at the last.
FADED, GROWN = 0.02, 1e3
#: A batch is small up to so many rows, large from so few steps in an epoch.
FEW_ROWS, FEW_STEPS = 4, 3


def vanishing(evidence: Evidence) -> Finding | None:
    """Almost nothing of the gradient arrives at the first layer."""
    ratio, first, last = _ratio(evidence)
    if not ratio < FADED:
        return None
    factor = _factor(1 / ratio if ratio > 0 else math.inf)
    words = f"Before the first step the gradient of the loss for the weights of {first} is {factor} times"
    words += f" smaller than that of {last}: the first layers stay nearly as they were drawn."
    if network.squashing(evidence.setup):
        advice = Advice(
            "Put ReLU in place of the hidden activations, with weights that start to suit it.",
            lambda setup: changes.fresh_start(changes.hidden_bends(ReLU())(setup)),
        )
    else:
        advice = Advice("Start every layer's weights at the size that suits it.", changes.fresh_start)
    level = "problem" if measures.harmed(evidence) else "note"
    return Finding("vanishing gradient", level, words, where=first, sure=0.9, advice=advice)


def exploding(evidence: Evidence) -> Finding | None:
    """Gradients that grow from layer to layer on their way back."""
    ratio, first, last = _ratio(evidence)
    if not ratio > GROWN:
        return None
    words = f"Before the first step the gradient of the loss for the weights of {first} is {_factor(ratio)} times"
    words += f" larger than that of {last}."
    advice = Advice(
        "Start every layer's weights at the size that suits it, and clip gradients at a norm of 1.",
        lambda setup: changes.part("descent", clip=1.0)(changes.fresh_start(setup)),
    )
    level = "problem" if measures.harmed(evidence) else "note"
    return Finding("exploding gradient", level, words, where=first, sure=0.8, advice=advice)


def batch_size(evidence: Evidence) -> Finding | None:
    """Batches of a few rows, whose steps are mostly chance; or of so many that there are hardly any steps."""
    setup, rows = evidence.setup, evidence.rows.get("fit", 0)
    if not rows:
        return None
    steps, size = measures.steps(evidence), min(setup.batch_size, rows)
    wanted = min(32, max(1, rows // 8))
    advice = Advice(f"Take batches of {wanted} rows.", changes.whole(batch_size=wanted))
    gains = measures.gaining(evidence)
    if steps <= FEW_STEPS and rows >= 64 and (measures.unlearned(evidence) > 0 or gains > 0.1):
        words = (
            f"A batch of {setup.batch_size:,} of the {rows:,} rows leaves {steps} {'step' if steps == 1 else 'steps'}"
        )
        words += f" in an epoch, {steps * setup.epochs:,} in the whole training"
        words += f"; its last quarter still brought {gains:.0%} of all it gained." if gains > 0 else "."
        return Finding("batch size", "problem", words, sure=0.8, advice=advice)
    if size <= FEW_ROWS and measures.harmed(evidence):
        noise = _noise(evidence)
        words = f"A batch has {size} {'row' if size == 1 else 'rows'}, so what a step does is mostly chance"
        words += (
            f": the gradients of two halves of it differ {noise:.1f} times as much as they agree." if noise else "."
        )
        return Finding("batch size", "problem", words, sure=0.7, advice=advice)
    return None


def _ratio(evidence: Evidence) -> tuple[float, str, str]:
    """The size of the weights' gradient in the first layer as a multiple of that in the last, before training."""
    found = [(path, each["slope"]) for path, each in measures.at_first(evidence).items() if "slope" in each]
    if len(found) < 3:
        return math.nan, "", ""
    (first, near), (last, far) = found[0], found[-1]
    return (near / far if far > 0 else math.nan), first, last


def _factor(value: float) -> str:
    return "countless" if not value < 1e9 else f"{float(f'{value:.1g}'):,.0f}"


def _noise(evidence: Evidence) -> float:
    found = measures.middle(each["noise"] for each in measures.at_last(evidence).values() if "noise" in each)
    return found if math.isfinite(found) else 0.0
