"""Sound trainings over many tables, the ground that faults are injected into; rules are tuned on one half of the sets.

Each is what a careful person would write: scaled columns, a fitting loss, a rate that learns, an end in time.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from photic.data import sources
from photic.data.task import Task
from photic.diagnose.described import Described
from photic.diagnose.parts import Data, HeldOut, InputForm, LossUse, Stage, TargetForm
from photic.layers import BatchNorm, Dense, Dropout, ReLU, Sigmoid, Softmax, Tanh
from photic.layers.base import Layer
from photic.optim.descent import Descent
from photic.optim.rules import SGD, Adam, AdamW, Rule
from photic.optim.schedules import CONSTANT, Cosine, Schedule


def _toy(name: str, **settings: float) -> Data:
    return Data(toy=name, settings=tuple(settings.items()))


#: Sets that rules are tuned on.
TUNE: dict[str, Data] = {
    "penguins": Data(set="penguins"),
    "breast_cancer": Data(set="breast_cancer"),
    "friedman": _toy("friedman", n=600),
    "moons": _toy("moons", n=400, noise=0.2),
    "segment": Data(set="segment", distinct=True),  # a tenth of its rows stand there twice
    "carseats": Data(set="carseats"),
    "titanic": Data(set="titanic"),
}
#: Sets that rules are judged on.
REPORT: dict[str, Data] = {
    "wine": Data(set="wine"),
    "digits": Data(set="digits"),
    "diabetes": Data(set="diabetes"),
    "blobs": _toy("blobs", n=600, share=0.35, distance=2.5, d=4),
    "spirals": _toy("spirals", n=600, turns=0.5, noise=0.03),
    "auto-mpg": Data(set="auto-mpg"),
    "college": Data(set="college"),
    "phishing": Data(set="phishing"),
}

SETS: dict[str, Data] = TUNE | REPORT


@dataclasses.dataclass(frozen=True)
class Architecture:
    """A way to write a network and its training.

    Args:
        hidden: the layers before the last.
        says: what the loss takes: "logits", or "probabilities" from a softmax or sigmoid, as Keras examples do.
    """

    hidden: tuple[Layer, ...]
    rule: Rule
    says: str
    schedule: Schedule = CONSTANT


_HE = "he_uniform"
#: The four architectures.
ARCHITECTURES: dict[str, Architecture] = {
    "one layer": Architecture((Dense(32, initializer=_HE), ReLU()), Adam(0.005), "probabilities"),
    "two layers": Architecture(
        (Dense(64, initializer=_HE), ReLU(), Dropout(0.1), Dense(64, initializer=_HE), ReLU(), Dropout(0.1)),
        AdamW(0.003), "logits", Cosine(),
    ),
    "tanh": Architecture((Dense(32), Tanh(), Dense(32), Tanh()), SGD(0.05, momentum=0.9), "logits", Cosine()),
    "normed": Architecture(
        tuple(layer for _ in range(3) for layer in (Dense(32, initializer=_HE), BatchNorm(), ReLU())),
        Adam(0.003), "probabilities",
    ),
}  # fmt: skip


def program(name: str, architecture: str, seed: int = 0) -> Described:
    """One sound training.

    >>> training = program("wine", "one layer")
    >>> training.layers[-1].layer, training.loss.takes
    (Softmax(), 'probabilities')
    """
    data, how = SETS[name], ARCHITECTURES[architecture]
    rows = Described(data, (Stage(Dense(1)),), LossUse("mse")).dataset()
    task = rows.task
    assert task is not None
    loss, target, last = _end(task, how.says)
    stages = [Stage(layer) for layer in (*how.hidden, Dense(task.outputs), *last)]
    batch_size = 16 if rows.n < 400 else 32
    epochs = int(min(80, max(25, 1500 * batch_size // rows.n)))
    method = "shuffled" if task.kind == "regression" else "stratified"
    return Described(
        data, tuple(stages), loss, target, InputForm("standard"), HeldOut(0.3, method), Descent(how.rule, how.schedule),
        batch_size, epochs, patience=max(8, epochs // 4), seed=seed, name=f"{name}, {architecture}, seed {seed}",
    )  # fmt: skip


def sound(names: Mapping[str, Data] = SETS, seeds: int = 1, architectures: tuple[str, ...] = ()) -> Iterator[Described]:
    """Sound trainings of all sets that are at hand, every architecture and seed.

    >>> next(sound({"wine": SETS["wine"]})).name
    'wine, one layer, seed 0'
    """
    for seed in range(seeds):
        for architecture in architectures or ARCHITECTURES:
            for name in names:
                if at_hand(name):
                    yield program(name, architecture, seed)


def at_hand(name: str) -> bool:
    """Whether a set can be had without the network."""
    data = SETS[name]
    return data.set is None or not sources.info(data.set).fetched or sources.cached(data.set) is not None


def _end(task: Task, says: str) -> tuple[LossUse, TargetForm, tuple[Layer, ...]]:
    if task.kind == "regression":
        return LossUse("mse"), TargetForm("values", "standard"), ()
    name = "binary_cross_entropy" if task.kind == "binary" else "cross_entropy"
    if says == "logits":
        return LossUse(name, "logits"), TargetForm("codes"), ()
    last, encoding = (Sigmoid(), "codes") if task.kind == "binary" else (Softmax(), "one_hot")
    return LossUse(name, "probabilities"), TargetForm(encoding), (last,)
