"""Rules about what does not fit: loss, last layer and labels; the start; regularisation; size; a constant answer."""

from __future__ import annotations

import math
from collections.abc import Mapping

from photic.diagnose import changes, measures, network
from photic.diagnose.advice import Advice
from photic.diagnose.evidence import Evidence
from photic.diagnose.finding import Finding
from photic.diagnose.misfit import misfit
from photic.spec import plain

#: Weights of a layer start so many times too large, or too small; those of all layers together.
LARGE, SMALL = 4.0, 0.03
ALL_LARGE, ALL_SMALL = 10.0, 1e-3
#: The first loss is so many times that of guessing.
FIRST = 8.0
#: More of the neurons than this are silenced; a penalty takes more than this share of every step's progress.
SILENCED, PENALTY = 0.6, 0.02
#: Outputs vary by less than this share of what is usual.
STILL = 0.02


def loss(evidence: Evidence) -> Finding | None:
    """A loss, a last layer and an encoding of the target that do not belong together."""
    said = misfit(evidence)
    if said is None:
        return None
    fix = {
        "regression": "End the network with one Dense(1) and no activation, and take the mean squared error.",
        "binary": "End the network with Dense(1) and no activation, labels 0 and 1, and take the binary cross entropy "
        "of logits (PyTorch: BCEWithLogitsLoss; Keras: BinaryCrossentropy(from_logits=True)).",
        "multiclass": f"End the network with Dense({len(evidence.classes)}) and no activation, labels as codes 0, 1, "
        "2 ..., and take the cross entropy of logits (PyTorch: CrossEntropyLoss; Keras: "
        "SparseCategoricalCrossentropy(from_logits=True)).",
    }[evidence.kind]
    words = said
    if evidence.score is not None:
        words += f" Its skill is {measures.percent(evidence.skill(evidence.score))} (0 % is guessing, 100 % perfect)."
    place = f"layers.{len(evidence.setup.layers) - 1}"
    advice = Advice(fix, changes.fitting_end(evidence.kind, len(evidence.classes)))
    return Finding("loss", "problem", words, where=place, advice=advice)


def initialisation(evidence: Evidence) -> Finding | None:
    """Weights that start alike, far too large or far too small."""
    layers = measures.dense(evidence)
    alike = [each for each in layers if each.alike and not each.last]
    advice = Advice(
        "Start every layer's weights at random, at the size that suits it (He before a ReLU, Glorot elsewhere).",
        changes.fresh_start,
    )
    if alike:
        words = f"All weights of {alike[0].named} start at the same number, so its {alike[0].units} neurons get the"
        words += " same gradient and stay copies of each other."
        return Finding("initialisation", "problem", words, where=alike[0].path, advice=advice)
    ratios = [(each.start / each.ideal, each) for each in layers if each.start and each.ideal and not each.normed]
    together = math.prod(ratio for ratio, _ in ratios)
    if not ratios or (together < ALL_LARGE and together > ALL_SMALL and not _odd(*(ratio for ratio, _ in ratios))):
        return None
    ratio, each = max(ratios, key=lambda pair: abs(math.log(pair[0])))
    size = f"{ratio:.1f} times as large as" if ratio > 1 else f"{ratio:.2g} times"
    words = f"The weights of {each.named} start with a spread of {each.start:.3g}, {size} what keeps signals at their"
    words += f" size with {each.fan_in} inputs ({each.ideal:.2g}). Through all {len(ratios)} layers a signal becomes"
    words += f" {together:.2g} times as large."
    if evidence.first_loss is not None and evidence.chance:
        words += f" The first loss is {evidence.first_loss:.3g}, guessing gives {evidence.chance:.3g}."
    return Finding("initialisation", "problem", words, where=each.path, advice=advice)


def _odd(*ratios: float) -> bool:
    return any(ratio > LARGE or ratio < SMALL for ratio in ratios)


def first_loss(evidence: Evidence) -> Finding | None:
    """A network that starts far worse than guessing."""
    first, chance = evidence.first_loss, evidence.chance
    if first is None or not chance or chance <= 0 or (math.isfinite(first) and first < FIRST * chance):
        return None
    words = f"Before its first step the loss is {first:.3g}; the best constant answer has {chance:.3g}."
    advice = Advice(
        "Start weights at the size that suits their layer, and bring inputs to a common scale.",
        lambda setup: changes.part("inputs", scaling="standard")(changes.fresh_start(setup)),
    )
    level = "problem" if measures.harmed(evidence) else "note"
    return Finding("first loss", level, words, where="epoch 1", sure=0.7, advice=advice)


def regularisation(evidence: Evidence) -> Finding | None:
    """Dropout, penalties or decay that keep it from learning."""
    rate, penalty = network.dropout(evidence.setup), _pull(evidence)
    if measures.unlearned(evidence) <= 0 and not (rate >= 0.8 or penalty > 10 * PENALTY):
        return None
    if rate > SILENCED:
        words = f"Dropout silences {rate:.0%} of the neurons in every step."
        advice = Advice("Take a dropout rate of 0.1.", changes.without_dropout_above(0.1))
    elif penalty > PENALTY:
        words = "Penalties on the weights (l1, l2 or weight decay) pull them towards 0 about as hard as the data pulls"
        words += f" them elsewhere ({penalty:.2g} of a weight in the time the network needs to learn)."
        advice = Advice("Leave the penalties out.", changes.without_penalties)
    else:
        return None
    if evidence.fit_score is not None:
        words += f" Even on its own training rows the network has a skill of {_skill(evidence, evidence.fit_score)}"
        words += f", a simple model has {_skill(evidence, evidence.baseline)} on rows it never saw."
    return Finding("regularisation", "problem", words, sure=0.9, advice=advice)


def _pull(evidence: Evidence) -> float:
    """How hard penalties pull: the largest l1, l2 or decay, each on the scale where it takes over."""
    rule = evidence.setup.descent.rule
    decay = plain(getattr(rule, "weight_decay", 0.0))
    return max([decay / 20, *(max(stage.l1 * 4, stage.l2) for stage in evidence.setup.layers)])


def too_small(evidence: Evidence) -> Finding | None:
    """A network that has not the neurons to say what a simple model says."""
    inner = measures.dense(evidence)[:-1]
    narrow = min((each.units for each in inner), default=0)
    need = max(2, len(evidence.classes))
    lost = measures.harmed(evidence) if narrow < need else measures.unlearned(evidence) > 0
    if not lost or narrow > 2 * need:
        return None
    size = (
        f"its narrowest hidden layer has {narrow} {'neuron' if narrow == 1 else 'neurons'}"
        if inner
        else "it has no hidden layer"
    )
    words = f"The network is small ({size}), and on its own training rows it has a skill of"
    words += (
        f" {_skill(evidence, evidence.fit_score)}; a simple model has {_skill(evidence, evidence.baseline)} on rows"
    )
    words += " it never saw."
    advice = Advice("Give every hidden layer 64 neurons.", changes.hidden_units(64))
    return Finding("too small", "problem", words, sure=0.7, advice=advice)


def output_constant(evidence: Evidence) -> Finding | None:
    """An answer that is the same for all rows."""
    outputs, y = evidence.outputs, evidence.y
    if outputs is None or y is None or measures.unlearned(evidence) <= 0:
        return None
    usual = y.spread if evidence.kind == "regression" else 0.5 if evidence.setup.probabilities else 1.0
    if not outputs["spread"] < STILL * usual:
        return None
    words = (
        f"Over all training rows the network's outputs vary by {outputs['spread']:.2g}, around {outputs['mean']:.3g}:"
    )
    words += f" nearly the same answer for every row, where {usual:.2g} would be usual."
    advice = Advice(
        "Start again with weights of the usual size and the usual learning rate.",
        lambda setup: changes.fresh_start(changes.learning_rate(changes.usual_rate(setup))(setup)),
    )
    return Finding("output constant", "problem", words, sure=0.9, advice=advice)


def _skill(evidence: Evidence, of: Mapping[str, float] | None) -> str:
    return measures.percent(evidence.skill(of))
