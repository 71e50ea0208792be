"""A finding: what was measured, where, how sure, and the one change to try first."""

from __future__ import annotations

import dataclasses
from typing import Any

from photic.diagnose.advice import Advice

#: What can be found, each in words that head its finding.
KINDS: dict[str, str] = {
    "values": "The data holds values that are no numbers",
    "loss": "The loss, the last layer and the target do not fit together",
    "target unscaled": "The target is on a scale the network has to grow into",
    "input unscaled": "The inputs are on scales that are far apart",
    "order": "Rows come in an order that follows the target, and are not shuffled",
    "label noise": "Many targets look wrong",
    "leak": "A column gives the target away",
    "duplicates": "Rows of the judging part are also among the training rows",
    "preparation": "Scaling was learned from the rows held out too",
    "imbalance": "One class drowns the others",
    "initialisation": "The weights start in a place that is hard to learn from",
    "activation missing": "Layers follow each other without an activation between them",
    "activation doubled": "An activation follows another, or squeezes the last layer",
    "saturation": "Neurons stand where their activation is flat",
    "dead units": "Neurons give the same answer for every row",
    "vanishing gradient": "Hardly any gradient reaches the first layers",
    "exploding gradient": "Gradients grow out of all proportion",
    "divergence": "The loss grew beyond all bounds",
    "rate zero": "The learning rate is zero",
    "rate too high": "The learning rate is too high",
    "rate too low": "The learning rate is too low",
    "batch size": "The batch size does not suit the rows",
    "regularisation": "Regularisation is so strong that it prevents learning",
    "too small": "The network is too small for what there is to learn",
    "too large": "The network is larger than it needs to be",
    "too few epochs": "Training ended while it was still gaining",
    "overfitting": "The network learned its training rows by heart",
    "no stop rows": "There are no rows to see overfitting on",
    "output constant": "The answer does not depend on the columns",
    "first loss": "The first loss is far from what guessing would give",
    "oscillation": "The loss jumps up and down",
    "underfitting": "The network learned less than a simple model does",
}


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing found in a training.

    Args:
        kind: a key of `KINDS`.
        level: "problem" when it costs the network much of what it could do, "note" when it is worth knowing.
        words: what was measured, a sentence or two with the numbers.
        where: a layer, an epoch or a column; "" where it is the whole.
        sure: 0 to 1, 1 for what can be read off the setup or counted.
        advice: the one change to try first; None where no change of the training helps.
        explains: kinds that were found too, and that this one explains.
    """

    kind: str
    level: str
    words: str
    where: str = ""
    sure: float = 1.0
    advice: Advice | None = None
    explains: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The finding in a line."""
        return KINDS[self.kind]

    @property
    def certainty(self) -> str:
        """How sure it is, in a word."""
        return "certain" if self.sure >= 0.95 else "likely" if self.sure >= 0.7 else "possible"

    def to_json(self) -> dict[str, Any]:
        """The finding as JSON values, the advice in words."""
        return {
            "kind": self.kind,
            "level": self.level,
            "title": self.title,
            "words": self.words,
            "where": self.where,
            "sure": self.sure,
            "advice": None if self.advice is None else self.advice.words,
            "explains": list(self.explains),
        }
