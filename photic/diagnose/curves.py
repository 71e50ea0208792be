"""Rules about the curves: divergence, the learning rate, the length of the training, over- and underfitting."""

from __future__ import annotations

import math

import numpy as np

from photic.diagnose import changes, measures, network
from photic.diagnose.activations import stuck
from photic.diagnose.advice import Advice
from photic.diagnose.evidence import Evidence
from photic.diagnose.finding import Finding
from photic.diagnose.probes import BY_HEART
from photic.spec import plain

#: A step so large or so small, as a share of the weights; a rate so large for rules that scale steps themselves.
STEP_LARGE, STEP_SMALL, RATE_LARGE = 0.3, 5e-4, 0.03
#: The last quarter of the epochs still brought so much of all that was gained.
GAINING = 0.08
#: So few epochs are hardly a training.
SHORT = 5
#: So much less skill than a simple model's is enough, where the steps say why.
MISSED = 0.03
#: The loss moves so much from epoch to epoch in the second half.
SHAKING = 0.2
#: The stop loss ended so far above its best; the skill on fit rows is so far above that on stop rows.
RISE, GAP = 0.3, 0.1
#: So many weights for each row are more than any row can say; so many are enough to learn rows by heart.
NEEDLESS, ROOMY = 500, 50
#: Skill on its own rows from which a network has nothing left to learn from them.
LEARNED = 0.98


def divergence(evidence: Evidence) -> Finding | None:
    """A loss that left all bounds."""

    def lost(curve: measures.Curve) -> bool:
        if not np.isfinite(curve.fit).all():
            return True
        bound = 3 * max(float(curve.fit[0]), evidence.chance or 0.0)
        return float(np.median(curve.fit[-3:])) > bound

    if not measures.most([lost(curve) for curve in measures.curves(evidence)]):
        return None
    first = min((_first_lost(curve.fit) for curve in measures.curves(evidence) if lost(curve)), default=1)
    words = f"From epoch {first} on the loss is no longer a number, or far above where it began."
    wanted = min(changes.usual_rate(evidence.setup), measures.rate(evidence) / 10)
    advice = Advice(f"Take a learning rate of {wanted:.2g}.", changes.learning_rate(wanted))
    return Finding("divergence", "problem", words, where=f"epoch {first}", advice=advice)


def _first_lost(loss: np.ndarray) -> int:
    bad = np.flatnonzero(~np.isfinite(loss))
    return int(bad[0] if len(bad) else np.argmax(loss)) + 1


def rate_zero(evidence: Evidence) -> Finding | None:
    """No step at all."""
    if measures.rate(evidence) > 0:
        return None
    wanted = changes.usual_rate(evidence.setup)
    words = "With a learning rate of 0 no weight ever moves: the network stays as it was drawn."
    return Finding("rate zero", "problem", words, advice=_rate(wanted))


def rate_too_high(evidence: Evidence) -> Finding | None:
    """Steps that jump over what they look for."""
    step, rate, shaking = measures.update(evidence), measures.rate(evidence), measures.shaking(evidence)
    large = step > STEP_LARGE or (measures.adaptive(evidence) and rate > RATE_LARGE)
    lost = divergence(evidence) is not None
    harmed = lost or measures.harmed(evidence) or shaking > SHAKING or stuck(evidence)
    if not (large and harmed) and not step > 3 * STEP_LARGE and not (lost and step > STEP_LARGE / 10):
        return None
    words = f"The learning rate is {_said(evidence)}; the first step moves the weights by {measures.percent(step)} of"
    words += " their size, where about 1 % is usual."
    if lost:
        words += " The loss left all bounds."
    elif shaking > SHAKING:
        words += f" From epoch to epoch the loss moves by {shaking:.0%}."
    wanted = min(changes.usual_rate(evidence.setup), rate / 10)
    return Finding("rate too high", "problem", words, sure=0.9, advice=_rate(wanted))


def rate_too_low(evidence: Evidence) -> Finding | None:
    """Steps so small that the training ends before it gets anywhere."""
    step = measures.furthest(evidence)
    missed = evidence.skill(evidence.baseline) - evidence.skill(evidence.fit_score)
    if not measures.rate(evidence) > 0 or not step < STEP_SMALL or not (missed > MISSED or _unfinished(evidence)):
        return None
    wanted = changes.usual_rate(evidence.setup)
    words = f"The learning rate is {_said(evidence)}; even in the layer where it goes furthest the first step moves the"
    words += (
        f" weights by {measures.percent(step)} of their size, where about 1 % is usual, and the whole training took"
    )
    words += f" {measures.percent(drop) if (drop := measures.drop(evidence)) > 0 else 'nothing'} off the first loss."
    return Finding("rate too low", "problem", words, sure=0.9, advice=_rate(wanted))


def too_few_epochs(evidence: Evidence) -> Finding | None:
    """An end in the middle of the way."""
    ran = max((len(lines) for lines in evidence.lanes.values()), default=0)
    gaining, fit = measures.gaining(evidence), evidence.skill(evidence.fit_score)
    short = ran <= SHORT and evidence.skill(evidence.baseline) - fit > MISSED
    if fit > LEARNED and not short:
        return None  # its own rows have nothing left to teach it
    if not short and not gaining > 2 * GAINING and not (_unfinished(evidence) and gaining > GAINING):
        return None
    setup = evidence.setup
    wanted = int(np.clip(max(10 * setup.epochs, 1500 // measures.steps(evidence)), setup.epochs + 10, 500))
    words = f"It was trained for {ran} {'epoch' if ran == 1 else 'epochs'}"
    if math.isfinite(gaining):
        words += f", and the last quarter of them still brought {gaining:.0%} of all that was gained"
    words += f"; its skill is {measures.percent(evidence.skill(evidence.score))}, that of a simple model"
    words += f" {measures.percent(evidence.skill(evidence.baseline))}."
    advice = Advice(f"Train for {wanted} epochs.", changes.whole(epochs=wanted))
    return Finding("too few epochs", "problem", words, where=f"epoch {ran}", sure=0.8, advice=advice)


def overfitting(evidence: Evidence) -> Finding | None:
    """Training rows learned by heart."""
    rise, own, fit = measures.rise(evidence), evidence.skill(evidence.score), evidence.skill(evidence.fit_score)
    gap = fit - own if math.isfinite(fit) and math.isfinite(own) else math.nan
    rising = rise > RISE and gap > GAP
    known = fit > LEARNED and gap > GAP and _weights_a_row(evidence) > ROOMY
    if evidence.setup.patience is not None or not (rising or known or gap > 2 * GAP):
        return None
    best = measures.middle(float(np.nanargmin(curve.stop)) + 1 for curve in measures.curves(evidence))
    words = f"The skill is {measures.percent(fit)} on training rows and {measures.percent(own)} on others."
    if rising:
        words += f" The loss on rows held out was lowest at epoch {best:.0f} and ended {rise:.0%} above that."
    words += _over_rows(evidence)
    share, wanted = evidence.setup.split.share, max(5, evidence.setup.epochs // 5)
    if share > 0.5:
        words += f" Only {evidence.rows['fit']:,} rows are trained on, because {measures.percent(share)} are held out."
        advice = Advice("Hold out a quarter of the rows and train on the others.", changes.part("split", share=0.25))
        return Finding("overfitting", "problem", words, where=f"epoch {best:.0f}", sure=0.9, advice=advice)
    advice = Advice(
        "Stop when the rows held out no longer gain and keep the best epoch, and silence a third of the neurons at"
        " random in each step (dropout).",
        changes.sparing(wanted),
    )
    return Finding("overfitting", "problem", words, where=f"epoch {best:.0f}", sure=0.8, advice=advice)


def no_stop_rows(evidence: Evidence) -> Finding | None:
    """Nothing to see overfitting on."""
    if evidence.setup.split.any:
        return None
    words = "No rows are held out, so nobody can see whether the network learns or only remembers."
    advice = Advice("Hold a quarter of the rows out.", changes.part("split", share=0.25, method="shuffled"))
    return Finding("no stop rows", "problem", words, advice=advice)


def oscillation(evidence: Evidence) -> Finding | None:
    """A loss that does not settle."""
    shaking = measures.shaking(evidence)
    if not shaking > SHAKING or not measures.harmed(evidence):
        return None
    wanted = measures.rate(evidence) / 10
    words = f"In the second half of the training the loss moves by {shaking:.0%} from one epoch to the next."
    return Finding("oscillation", "problem", words, sure=0.7, advice=_rate(wanted))


def underfitting(evidence: Evidence) -> Finding | None:
    """Less learned, even on the training rows, than a simple model knows about others."""
    behind = measures.unlearned(evidence)
    if behind <= 0 or measures.behind(evidence) <= 0:
        return None
    fit = evidence.skill(evidence.fit_score)
    own = (
        f"{measures.percent(fit)} on its own training rows"
        if math.isfinite(fit)
        else measures.percent(evidence.skill(evidence.score))
    )
    words = f"The network's skill is {own}; a simple model"
    words += (
        f" ({evidence.baseline_name}) has {measures.percent(evidence.skill(evidence.baseline))} on rows it never saw."
    )
    words += _by_heart(evidence)
    wanted = changes.usual_rate(evidence.setup)
    advice = Advice(
        f"Take the usual learning rate, {wanted:.2g}, and hidden layers of 64 neurons.",
        lambda setup: changes.hidden_units(64)(changes.learning_rate(wanted)(setup)),
    )
    return Finding("underfitting", "problem", words, sure=0.6, advice=advice)


def too_large(evidence: Evidence) -> Finding | None:
    """Far more weights than rows, and held-out rows that pay for it."""
    each = _weights_a_row(evidence)
    if not each >= NEEDLESS:
        return None
    rows = evidence.rows["fit"]
    words = f"The network has {each * rows:,.0f} weights for {rows:,} rows, {each:,.0f} for each; a few would do."
    advice = Advice("Give every hidden layer 32 neurons.", changes.hidden_units(32))
    return Finding("too large", "note", words, sure=0.8, advice=advice)


def _weights_a_row(evidence: Evidence) -> float:
    width, rows = measures.width(evidence), evidence.rows.get("fit", 0)
    return network.size(evidence.setup, width) / rows if width is not None and rows else math.nan


def _by_heart(evidence: Evidence) -> str:
    """What the experiment on few rows says, where it was made."""
    few = evidence.probes.get("few rows")
    if few is None:
        return ""
    told = f" Left alone with {few['rows']} rows it reaches a skill of {measures.percent(few['skill'])} on them: "
    if few["skill"] > BY_HEART:
        return told + "network and steps work, what is missing is size, length or rows."
    return told + "not even those can be learned by heart, so the network or its steps are at fault, not the data."


def _over_rows(evidence: Evidence) -> str:
    """What the learning curve over rows says, where it was made."""
    curve = evidence.probes.get("rows")
    if not curve:
        return ""
    told = ", ".join(f"{measures.percent(each['skill'])} with {each['rows']:,}" for each in curve)
    return f" Skill on rows held out by rows trained on: {told}."


def _unfinished(evidence: Evidence) -> bool:
    """Whether more training would have brought more: it is behind, or was still gaining a lot."""
    return measures.unlearned(evidence) > 0 or (evidence.baseline is None and measures.gaining(evidence) > 2 * GAINING)


def _said(evidence: Evidence) -> str:
    """The learning rate in words, with what momentum makes of it."""
    rule = evidence.setup.descent.rule
    written, whole = plain(rule.learning_rate), measures.rate(evidence)
    return f"{written:.3g}" if written == whole else f"{written:.3g}, with its momentum as far as {whole:.3g}"


def _rate(wanted: float) -> Advice:
    return Advice(f"Take a learning rate of {wanted:.2g}.", changes.learning_rate(wanted))
