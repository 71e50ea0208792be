"""Rules about the data: its values, scales, order, labels, copies and leaks. Chapter: "Diagnosis"."""

from __future__ import annotations

import math

from photic.diagnose import changes, measures
from photic.diagnose.advice import Advice
from photic.diagnose.described import Described
from photic.diagnose.evidence import Evidence
from photic.diagnose.finding import Finding

#: A column whose values are typically larger than this pulls harder than all others; smaller than the second, hardly.
LARGE, SMALL = 5.0, 0.02
#: A target of another size than this many standard units.
TARGET_LARGE, TARGET_SMALL, TARGET_FAR = 3.0, 0.1, 3.0
#: Rows in an order that follows the target, from this share.
SORTED = 0.3
#: A constant answer does so much better or worse than guessing on rows held out: they are others.
SHIFTED = 0.3
#: Doubted labels, from this share.
DOUBTED = 0.12
#: Copies are a problem when they flatter the skill by so much.
FLATTERED = 0.02
#: The frequent class takes so large a share, or is so many times as frequent as the rarest.
SHARE, RATIO = 0.8, 10.0


def values(evidence: Evidence) -> Finding | None:
    """Numbers that are none."""
    x, y = evidence.x, evidence.y
    if x is not None and x.missing > 0:
        words = f"{x.missing:.1%} of the numbers that go into the network are no numbers (NaN or infinite)."
        advice = Advice(
            "Fill missing numbers in before training, for example with the median of their column.",
            changes.part("inputs", missing="median"),
        )
        return Finding("values", "problem", f"{words} One of them is enough to make every weight NaN.", advice=advice)
    if y is not None and y.missing > 0:
        words = f"{y.missing:.1%} of the targets are no numbers (NaN or infinite), so the loss is none either."
        return Finding("values", "problem", words, advice=Advice("Leave out the rows whose target is missing."))
    return None


def unscaled_input(evidence: Evidence) -> Finding | None:
    """Columns of very different, very large or very small numbers."""
    x = evidence.x
    if x is None or evidence.setup.inputs.scaling == "photic":
        return None
    sizes = [math.hypot(mean, spread) for mean, spread in zip(x.means, x.spreads, strict=True)]
    varied = [(size, name) for size, name, spread in zip(sizes, x.names, x.spreads, strict=True) if spread > 0]
    if not varied:
        return None
    (least, small), (most, large) = min(varied), max(varied)
    typical = measures.middle(size for size, _ in varied)
    if most <= LARGE and typical >= SMALL:
        return None
    if evidence.setup.inputs.scaling != "none" and most <= 10 * LARGE:
        return None
    far = f", while those of {small!r} are about {least:.3g}" if most > 10 * least else ""
    words = f"The numbers of {large!r} are about {most:.3g} in size{far}; a network starts well with numbers around 1."
    advice = Advice(
        "Bring every column to mean 0 and standard deviation 1, learned from the training rows.",
        changes.part("inputs", scaling="standard"),
    )
    return Finding("input unscaled", "problem", words, where=f"column {large!r}", advice=advice)


def unscaled_target(evidence: Evidence) -> Finding | None:
    """A number to predict that is far from 0, or far larger or smaller than 1."""
    y = evidence.y
    if evidence.kind != "regression" or y is None or not math.isfinite(y.low):
        return None
    far = abs(y.mean) > TARGET_FAR * max(y.spread, 1.0)
    if not (y.spread > TARGET_LARGE or y.spread < TARGET_SMALL or far):
        return None
    words = f"The target is about {y.mean:.3g} and varies by {y.spread:.3g}; the network's first answers are around 0"
    words += f", so its first loss is {evidence.first_loss:.3g}." if evidence.first_loss is not None else "."
    advice = Advice(
        "Bring the target to mean 0 and standard deviation 1 for training, and its predictions back afterwards.",
        changes.part("target", scaling="standard"),
    )
    return Finding("target unscaled", "problem", words, advice=advice)


def order(evidence: Evidence) -> Finding | None:
    """Rows that come sorted by their target."""
    return _sorted_steps(evidence) or _sorted_tail(evidence)


def _sorted_steps(evidence: Evidence) -> Finding | None:
    """Rows in an order that follows the target, taken in that order."""
    setup, found = evidence.setup, evidence.order
    if found is None or found < SORTED or setup.shuffle:
        return None
    words = f"Rows that follow each other share their target far more than chance allows ({found:.2f} on a scale from 0"
    words += " to 1), and they are not shuffled, so each step forgets what the steps before it learned."

    def change(setup: Described) -> Described:
        mixed = changes.whole(shuffle=True)(setup)
        return changes.part("split", method="shuffled")(mixed) if setup.split.method == "tail" else mixed

    also = ", and draw the rows held out at random" if setup.split.method == "tail" else ""
    return Finding("order", "problem", words, advice=Advice(f"Shuffle the rows before every epoch{also}.", change))


def _sorted_tail(evidence: Evidence) -> Finding | None:
    """Rows held out that are of another kind than the rows trained on."""
    guess = evidence.skill(evidence.constant)
    gone = evidence.kind != "regression" and guess < 0  # the most frequent class is not among them at all
    if evidence.setup.split.method != "tail" or not (gone or abs(guess) > SHIFTED):
        return None
    words = "The rows held out are the last of the table, and of another kind than the rows trained on: the best"
    words += f" constant answer has a skill of {measures.percent(guess)} on them, where it should have 0 %."
    if evidence.order is not None and evidence.order >= SORTED:
        words += " The table is sorted by its target, or nearly."
    advice = Advice("Draw the rows that are held out at random.", changes.part("split", method="shuffled"))
    return Finding("order", "problem", words, advice=advice)


def label_noise(evidence: Evidence) -> Finding | None:
    """Labels, or numbers to predict, that a simple model contradicts."""
    if evidence.doubted is None or evidence.doubted < DOUBTED:
        return None
    if evidence.kind == "regression":
        words = f"About {evidence.doubted:.0%} of the targets fit their rows no better than the target of any other row"
        words += " would: a forest of trees that was not shown them expects something else."
    else:
        words = f"A forest of trees that was not shown them contradicts {evidence.doubted:.0%} of the labels, and is"
        words += " sure."
    advice = Advice("Look at the rows it contradicts: correct what is wrong in their target, or leave them out.")
    return Finding("label noise", "problem", words, sure=0.7, advice=advice)


def leak(evidence: Evidence) -> Finding | None:
    """A column that the target can be read from."""
    if evidence.leaks and _sorted_tail(evidence) is None:  # of a part of the table that is not like it, nothing is said
        names = [name for name, _ in evidence.leaks]
        name, skill = evidence.leaks[0]
        words = f"From {name!r} alone the target can be told with a skill of {skill:.0%}; no other column comes near."
        words += " It was probably written down after the target was known, so new rows will not have it; if they will,"
        words += " it is simply that good, and may stay."
        advice = Advice(f"Leave out {' and '.join(map(repr, names))}.", changes.without_columns(names))
        return Finding("leak", "problem", words, where=f"column {name!r}", sure=0.9, advice=advice)
    found = _audited(evidence, "giveaway")
    return None if found is None else Finding("leak", "problem", found, sure=0.9)


def duplicates(evidence: Evidence) -> Finding | None:
    """Rows that are both learned and judged by."""
    share = evidence.duplicates
    if share is not None and share > 0.05:
        words = f"{share:.0%} of the rows held out are also, number for number, among the rows trained on:"
        words += " learning them by heart looks like understanding."
        advice = Advice("Keep one of each row that occurs several times.", changes.part("data", distinct=True))
        flattered = _flattered(evidence, share)
        words += f" They flatter the skill by about {measures.percent(flattered)}." if flattered > FLATTERED else ""
        return Finding("duplicates", "problem" if flattered > FLATTERED else "note", words, advice=advice)
    found = _audited(evidence, "copies")
    return None if found is None else Finding("duplicates", "problem", found)


def preparation(evidence: Evidence) -> Finding | None:
    """Scaling or filling that was learned from the rows held out too."""
    setup = evidence.setup
    parts = [name for name in ("inputs", "target") if _seeps(setup, name)]
    if not parts:
        return None
    words = (
        f"The scaling of the {' and of the '.join(parts)} was learned from all rows, those held out among them: they"
    )
    words += " are to stand for rows nobody has seen, and their score is a little too good. Scaling alone costs little;"
    words += " whatever else is learned from the columns in the same way costs more."

    def change(setup: Described) -> Described:
        for name in parts:
            setup = changes.part(name, fitted="fit")(setup)
        return setup

    advice = Advice("Split first, then learn the scaling from the training rows alone.", change)
    return Finding("preparation", "note", words, advice=advice)


def _seeps(setup: Described, name: str) -> bool:
    """Whether numbers of the rows held out go into this part."""
    part, fills = getattr(setup, name), name == "inputs" and setup.inputs.missing in {"median", "mean"}
    return setup.split.any and part.fitted == "all" and (part.scaling != "none" or fills)


def imbalance(evidence: Evidence) -> Finding | None:
    """A class so frequent that the rare ones go unlearned."""
    y, score = evidence.y, evidence.score
    if y is None or len(y.counts) < 2 or evidence.setup.class_weight is not None:
        return None
    most, least = max(y.counts), min(count for count in y.counts if count)
    if most < SHARE * sum(y.counts) and most < RATIO * least:
        return None
    words = f"{most / sum(y.counts):.0%} of the rows are of one class, and only {least} of the rarest."
    missed = 0.0
    if score is not None and "accuracy" in score and "balanced_accuracy" not in score:
        return None  # symbols of a text: that some are rare is how texts are
    if score is not None and "accuracy" in score:
        missed = score["accuracy"] - score["balanced_accuracy"]
        words += f" {score['accuracy']:.0%} of the answers are right, but on average over the classes only"
        words += f" {score['balanced_accuracy']:.0%}."
    advice = Advice("Let every class count the same (class weights, balanced).", changes.whole(class_weight="balanced"))
    return Finding("imbalance", "problem" if missed > 0.1 else "note", words, advice=advice)


def _flattered(evidence: Evidence, share: float) -> float:
    """How much skill on rows held out comes from copies, were those known as well as the rows trained on."""
    own, fit = evidence.skill(evidence.score), evidence.skill(evidence.fit_score)
    return (fit - own) * min(share / (1 - share), 2.0) if share < 1 and math.isfinite(own + fit) else math.inf


def _audited(evidence: Evidence, kind: str) -> str | None:
    """What the audit of the data calls a problem of this kind, in its words."""
    return next((words for found, level, words in evidence.audited if found == kind and level == "problem"), None)
