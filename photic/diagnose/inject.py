"""The fault injector: every way in which a sound training is broken on purpose, at several strengths.

A diagnosis is worth what it finds where the truth is known. Some faults harm every training they are put into, some
only those that needed what was taken away: `Fault.harms` says which, and the benchmark counts a fault of the second
kind only where the network has become worse.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Literal

from photic.diagnose import breaking, spoiling
from photic.diagnose.breaking import Break, has_norm
from photic.diagnose.described import Described

Applies = Callable[[Described], bool]


@dataclasses.dataclass(frozen=True)
class Fault:
    """One way to break a training.

    Args:
        name: in the table below.
        words: what was done, a sentence.
        strengths: from weak to strong, for `break_`.
        break_: from a sound training and a strength to a broken one.
        cause: the kind of finding it should give first; a key of `finding.KINDS`.
        also: other kinds that name the same cause, or that the same repair cures.
        applies: whether it can be put into a training.
        harms: "always", or only where the network's "score" becomes worse.
        curable: whether a change of the training can undo it.

    >>> FAULTS["rate zero"].cause
    'rate zero'
    """

    name: str
    words: str
    strengths: tuple[Any, ...]
    break_: Break
    cause: str
    also: tuple[str, ...] = ()
    applies: Applies = lambda _: True
    harms: Literal["always", "score"] = "score"
    curable: bool = True

    @property
    def kinds(self) -> tuple[str, ...]:
        """All kinds of finding that name this fault."""
        return (self.cause, *self.also)


def kind(described: Described) -> str:
    """The kind of task of a training."""
    task = described.dataset().task
    return task.kind if task is not None else ""


def _classes(described: Described) -> bool:
    return kind(described) != "regression"


def _many(described: Described) -> bool:
    return kind(described) == "multiclass"


def _two(described: Described) -> bool:
    return kind(described) == "binary"


def _number(described: Described) -> bool:
    return kind(described) == "regression"


def _one(described: Described) -> bool:
    return kind(described) != "multiclass"


def _not_normed(described: Described) -> bool:
    return not has_norm(described)


def _columns(described: Described) -> bool:
    """Whether there are several columns of numbers."""
    return described.dataset().numbers.shape[1] >= 2


def _unpenalised(described: Described) -> bool:
    return not has_norm(described)  # behind a norm the size of weights does not matter


def _linear_last(described: Described) -> bool:
    return described.loss.takes == "logits" or _number(described)


_ROWS = (
    Fault("dead units", "Weights start so low that the ReLU neurons never answer.", (0.3, 1.0), breaking.dead,
          "dead units", ("initialisation", "output constant")),
    Fault("saturation", "Weights start so large that tanh is flat everywhere.", (2.0, 8.0), breaking.saturated,
          "saturation", ("initialisation",)),
    Fault("vanishing gradient", "Many sigmoid layers, one behind another.", (4, 7), breaking.vanishing,
          "vanishing gradient", ("saturation", "output constant")),
    Fault("exploding gradient", "Five ReLU layers whose weights start too large.", (0.6, 1.2), breaking.exploding,
          "exploding gradient", ("initialisation", "divergence", "rate too high")),
    Fault("divergence", "Plain gradient descent at a rate at which the loss grows beyond all bounds.", (10.0, 1000.0),
          breaking.diverging, "rate too high", ("divergence", "exploding gradient")),
    Fault("rate too high", "The learning rate times 60 or 300.", (60.0, 300.0), breaking.faster, "rate too high",
          ("oscillation", "divergence", "dead units", "saturation")),
    Fault("rate too low", "The learning rate divided by 300 or 3,000.", (1 / 300, 1 / 3000), breaking.rated,
          "rate too low", ("too few epochs",)),
    Fault("rate zero", "A learning rate of 0.", (0.0,), breaking.rated, "rate zero", ("rate too low",)),
    Fault("too few epochs", "Training ends after a few epochs.", (3, 1), breaking.cut_short, "too few epochs",
          ("rate too low",)),
    Fault("batch size", "All rows in one batch: a single step an epoch.", (1.0,), breaking.batched, "batch size",
          ("too few epochs", "rate too low")),
    Fault("overfitting", "Few rows, a large network, and nothing that holds it back.", (0.3, 0.12),
          breaking.memorising, "overfitting", ("too large",)),
    Fault("nothing held back", "A large network, four times as long, without dropout, penalty or early end.", (4,),
          breaking.unheld, "overfitting", ("too large",)),
    Fault("penalty too strong", "An l2 penalty of 1 or 30 on all weights.", (1.0, 30.0), breaking.penalised,
          "regularisation", (), _unpenalised),
    Fault("dropout too strong", "90 % or 97 % of the neurons dropped.", (0.9, 0.97), breaking.dropped,
          "regularisation", ("underfitting",)),
    Fault("weights all the same", "All weights start at 0 or at 0.1, so that all neurons stay the same.", (0.0, 0.1),
          breaking.started, "initialisation", ("dead units", "output constant")),
    Fault("weights too large", "All weights start with a standard deviation of 3 or 10.", (3.0, 10.0),
          breaking.started, "initialisation", ("exploding gradient", "first loss")),
    Fault("last layer too loud", "The last layer starts with a standard deviation of 10 or 100.", (10.0, 100.0),
          breaking.loud_end, "initialisation", ("first loss",)),
    Fault("unscaled input", "Every other column times 100 or 10,000, nothing scaled.", (100.0, 10_000.0),
          spoiling.unscaled, "input unscaled", (), _columns),
    Fault("unscaled target", "The target has a standard deviation of 100 or 10,000.", (100.0, 10_000.0),
          spoiling.target_unscaled, "target unscaled", (), _number),
    Fault("softmax twice", "Softmax last, and a loss that takes logits.", (1,), breaking.softmax_twice, "loss", (),
          _many, "always"),
    Fault("sigmoid twice", "Sigmoid last, and a loss that takes logits.", (1,), breaking.sigmoid_twice, "loss", (),
          _two, "always"),
    Fault("logits as probabilities", "No softmax or sigmoid, and a loss that takes probabilities.", (1,),
          breaking.logits_as_probabilities, "loss", (), _classes, "always"),
    Fault("codes as numbers", "Squared error on class codes.", (1,), breaking.codes_as_numbers, "loss", (), _many,
          "always"),
    Fault("one yes for many", "Binary cross entropy of one output with several classes.", (1,),
          breaking.one_yes_for_many, "loss", (), _many, "always"),
    Fault("softmax of one", "Softmax over a single output.", (1,), breaking.softmax_of_one, "loss",
          ("output constant", "activation doubled"), _two, "always"),
    Fault("labels below zero", "Labels -1 and 1 in a binary cross entropy.", (1,), breaking.labels_below_zero, "loss",
          (), _two, "always"),
    Fault("last layer squeezed", "ReLU, sigmoid or tanh behind the last layer of a regression.",
          ("relu", "sigmoid", "tanh"), breaking.squeezed, "activation doubled", ("loss",), _number),
    Fault("activations missing", "No activation between the layers.", (1,), breaking.straight, "activation missing",
          ("underfitting", "too small"), _not_normed),
    Fault("activations doubled", "A sigmoid or a softmax behind every ReLU.", ("sigmoid", "softmax"),
          breaking.doubled, "activation doubled", (), harms="always"),
    Fault("network too small", "One hidden layer of 2 neurons, or of 1.", (2, 1), breaking.narrow, "too small",
          ("underfitting",)),
    Fault("network too large", "Two hidden layers of 1,024 neurons.", (1024,), breaking.huge, "too large",
          ("overfitting",), lambda described: described.dataset().n < 700, "always"),
    Fault("output normed away", "Layer norm over the only output.", (1,), breaking.one_normed, "output constant",
          ("loss",), _one, "always"),
    Fault("no stop rows", "No rows are held out.", (1,), breaking.unwatched, "no stop rows", (), harms="always"),
    Fault("class imbalance", "Of one class only 6 % or 3 % remain.", (0.06, 0.03), spoiling.imbalanced, "imbalance",
          (), _classes),
    Fault("label noise", "A quarter or 40 % of the labels are wrong.", (0.25, 0.4), spoiling.mislabelled,
          "label noise", (), _classes, "always", curable=False),
    Fault("wrong numbers", "A quarter or 40 % of the numbers to predict belong to other rows.", (0.25, 0.4),
          spoiling.misplaced, "label noise", (), _number, "always", curable=False),
    Fault("leaking column", "A column that holds the answer, with a little noise or none.", (0.05, 0.0),
          spoiling.leaking, "leak", (), harms="always"),
    Fault("duplicates", "30 % or all of the rows stand there twice, on both sides of the split.", (0.3, 1.0),
          spoiling.copied, "duplicates", (), harms="always"),
    Fault("prepared on all rows", "Scaling is learned from the rows held out too.", (1,), spoiling.prepared_on_all,
          "preparation", (), harms="always"),
    Fault("not shuffled", "Rows sorted by the target, never shuffled.", (1,), spoiling.sorted_rows, "order", ()),
    Fault("tail of sorted rows", "Rows sorted by the target, the last ones held out.", (1,), spoiling.sorted_tail,
          "order", ()),
    Fault("holes", "2 % or 20 % of the numbers missing and left so.", (0.02, 0.2), spoiling.holes, "values", (),
          harms="always"),
)  # fmt: skip

#: Every fault by its name.
FAULTS: dict[str, Fault] = {fault.name: fault for fault in _ROWS}
