"""The usual network and effort for each kind of rows: the one place where a plan asks what a row is.

Those for tables were chosen by measuring, one ingredient at a time; the others are usual values, not tuned.
docs/decisions/defaults.md says what they reach.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from photic import zoo
from photic.data.dataset import Dataset
from photic.layers import (
    Conv,
    Dense,
    Embedding,
    Flatten,
    GlobalAveragePool,
    Layer,
    Rescale,
    Shift,
)
from photic.model import Model
from photic.optim.rules import AdamW
from photic.spec import Number

#: The optimizer of any network but the default one for tables.
PLAIN = AdamW(learning_rate=0.003, weight_decay=0.01)


@dataclasses.dataclass(frozen=True)
class Usual:
    """What is usual for a kind of rows.

    Args:
        models: by name, the first one being the default; each takes the dataset and the number of outputs, and gives
            the model and a sentence about it, empty where nothing was chosen.
        batch: rows up to a number, and the batch size for them.
        steps: about how many steps a training has.
        epochs: the fewest and the most.
        patience: the share of the epochs that may pass without gain before training ends.
        folds_up_to: rows; beyond that the locked test part alone is sure enough, or folds would take too long.
        no_folds: why there are none beyond it.
        rule: the optimizer of the default model.
        label_smoothing: of the default model's loss, for classes.
    """

    models: dict[str, Callable[[Dataset, int], tuple[Model, str]]]
    batch: tuple[tuple[float, int], ...]
    steps: int
    epochs: tuple[int, int]
    patience: float
    folds_up_to: int
    no_folds: str
    rule: AdamW = PLAIN
    label_smoothing: float = 0.0

    def batch_size(self, rows: int) -> int:
        """The batch size for so many rows.

        >>> USUAL["table"].batch_size(100)
        64
        """
        return next(size for most, size in self.batch if rows < most)

    def epochs_for(self, rows: int, batch_size: int) -> int:
        """Enough epochs for about `steps` steps.

        >>> USUAL["table"].epochs_for(1000, 64)
        50
        """
        return int(np.clip(self.steps * batch_size // max(rows, 1), *self.epochs))


def mlp(dataset: Dataset, outputs: int) -> tuple[Model, str]:
    """Two hidden layers whose width suits the number of rows; pictures are first laid out pixel by pixel."""
    rows, settings = dataset.n, mlp_settings(dataset)
    width, dropout = settings["width"], settings["dropout"]
    words = f"Model: two hidden layers of {width} ReLU neurons with dropout {dropout}, a size that suits {rows:,} rows."
    return Model(*flat_layers(dataset), *zoo.mlp(outputs, **settings).layers), words


def mlp_settings(dataset: Dataset) -> dict[str, Any]:
    """The settings of `mlp`, as `zoo.mlp` takes them."""
    return {"width": _width(dataset.n), "depth": 2, "dropout": 0.1}


def waved(dataset: Dataset, outputs: int) -> tuple[Model, str]:
    """Every column as it is and as waves, then two hidden layers whose width suits the number of rows."""
    rows, settings = dataset.n, waved_settings(dataset)
    width, waves, dropout = settings["width"], settings["waves"], settings["dropout"]
    words = (
        f"Model: every column and {waves} waves of it, then two hidden layers of {width} SiLU neurons with dropout "
        f"{dropout}, a size that suits {rows:,} rows."
    )
    return zoo.mlp(outputs, **settings), words


def waved_settings(dataset: Dataset) -> dict[str, Any]:
    """The settings of `waved`, as `zoo.mlp` takes them."""
    return {"width": _width(dataset.n), "depth": 2, "activation": "silu", "dropout": 0.1, "waves": 4}


def linear(dataset: Dataset, outputs: int) -> tuple[Model, str]:
    """One layer without anything before it."""
    return Model(*flat_layers(dataset), *zoo.mlp(outputs, depth=0).layers), ""


def cnn(dataset: Dataset, outputs: int) -> tuple[Model, str]:
    """Blocks of convolution, batch norm, ReLU and pooling until a picture is below 8 pixels, then a dense layer."""
    settings = cnn_settings(dataset)
    depth = settings["depth"]
    words = f"{depth} {'blocks' if depth != 1 else 'block'} of convolution, batch norm, ReLU and pooling"
    after = "then 128 neurons with dropout 0.3: a small network for pictures"
    moved = moving(dataset)
    after += "; each is moved by up to a pixel while training." if moved else "."
    return zoo.cnn(outputs, **settings, augment=moved), f"Model: {words}, {after}"


def moving(dataset: Dataset) -> tuple[Layer, ...]:
    """Pictures with a class are moved a little while training: where a thing stands rarely says what it is."""
    return (Shift(1),) if dataset.task is not None and dataset.task.classes else ()


def cnn_settings(dataset: Dataset) -> dict[str, Any]:
    """The settings of `cnn`, as `zoo.cnn` takes them."""
    side, depth = min(dataset.numbers.shape[1:3]), 0
    width = 32 if side <= 40 else 16
    while side >= 8 or (side >= 4 and depth < 2):
        side, depth = side // 2, depth + 1
    return {"width": width, "depth": depth, "dense": 128, "dropout": 0.3}


def convolutional(_dataset: Dataset, outputs: int) -> tuple[Model, str]:
    """Three convolutions along the steps, each with batch norm and ReLU, then their mean over all steps."""
    words = "three convolutions along the steps (64, 128 and 64 filters), each with batch norm and ReLU"
    return zoo.fcn(outputs), f"Model: {words}, then their mean over all steps."


def recurrent(cell: str) -> Callable[[Dataset, int], tuple[Model, str]]:
    """A recurrent layer of 64 units read to the last step."""

    def made(_dataset: Dataset, outputs: int) -> tuple[Model, str]:
        model = zoo.recurrent(outputs, cell=cell)
        return model, f"Model: {model.layers[0].words()}, its state after the last step, and a dense layer."

    return made


def at_steps(cell: str) -> Callable[[Dataset, int], tuple[Model, str]]:
    """A recurrent layer of 64 units that reads in both directions and answers at every step."""

    def made(_dataset: Dataset, outputs: int) -> tuple[Model, str]:
        model = zoo.recurrent(outputs, cell=cell, direction="both", returns="all")
        return model, f"Model: {model.layers[0].words()}: it reads in both directions, and answers at every step."

    return made


def convolutions_at_steps(_dataset: Dataset, outputs: int) -> tuple[Model, str]:
    """Three convolutions along the steps, and an answer at each of them."""
    words = "three convolutions along the steps (64, 128 and 64 filters), each with batch norm and ReLU"
    return zoo.fcn(outputs, returns="all"), f"Model: {words}, and an answer at every step."


def each_alone(depth: int) -> Callable[[Dataset, int], tuple[Model, str]]:
    """The same few neurons at every step or pixel, which see nothing but it."""

    def made(dataset: Dataset, outputs: int) -> tuple[Model, str]:
        layers = zoo.mlp(outputs, depth=depth).layers
        if dataset.kind != "images":
            return Model(*layers), ""
        return Model(Rescale(), *(Conv(each.units, 1) if isinstance(each, Dense) else each for each in layers)), ""

    return made


def unet(dataset: Dataset, outputs: int) -> tuple[Model, str]:
    """Encoder and decoder with skips, as deep as the sides of the pictures can be halved, at most three times."""
    settings = unet_settings(dataset)
    times = {0: "convolutions at full size", 1: "halved once", 2: "halved twice", 3: "halved three times"}
    times = times[settings["depth"]]
    words = f"Model: encoder and decoder with skips ({times}), 16 filters at full size, an answer for every pixel."
    return zoo.unet(outputs, **settings), words


def unet_settings(dataset: Dataset) -> dict[str, Any]:
    """The settings of `unet`, as `zoo.unet` takes them."""
    sides, depth = dataset.numbers.shape[1:3], 0
    while depth < 3 and all(side % 2 ** (depth + 1) == 0 and side >= 2 ** (depth + 3) for side in sides):
        depth += 1
    return {"width": 16, "depth": depth}


def language(cell: str) -> Callable[[Dataset, int], tuple[Model, str]]:
    """Every symbol as 32 numbers, a recurrent layer of 256 units that reads forward, the next symbol at each step."""

    def made(_dataset: Dataset, outputs: int) -> tuple[Model, str]:
        model = speller(outputs, cell)
        words = f"every symbol as 32 numbers, {model.layers[1].words()}, and at every step a guess at the next symbol"
        return model, f"Model: {words}."

    return made


def speller(outputs: int, cell: str, units: int = 256, depth: int = 1, dropout: Number = 0.0) -> Model:
    """A network for text: every symbol as 32 numbers, `depth` recurrent layers, the next symbol at each step."""
    layers = zoo.recurrent(outputs, units=units, depth=depth, cell=cell, dropout=dropout, returns="all").layers
    return Model(Embedding(outputs, 32, sequence=True), *layers)


def _width(rows: int) -> int:
    return 64 if rows < 5_000 else 128 if rows < 50_000 else 256


def flat_layers(dataset: Dataset) -> tuple[Layer, ...]:
    """What stands before a dense layer, so that it is given one row of numbers."""
    if dataset.kind == "images":
        return Rescale(), Flatten()
    if dataset.kind == "series":
        return (Flatten(),) if dataset.lengths is None else (GlobalAveragePool(),)
    return ()


_SURE = "a test part of {test:,} rows is sure enough alone"
_LONG = "five more networks take long; photic validate trains them"

_RECURRENT = {"lstm": recurrent("lstm"), "gru": recurrent("gru"), "simple_rnn": recurrent("simple_rnn")}

_AT_STEPS = {"lstm": at_steps("lstm"), "gru": at_steps("gru"), "simple_rnn": at_steps("simple_rnn")}

#: What is usual for each kind of rows; "windows" are the rows of a forecast; "at every place" are answers at every step
#: or pixel.
USUAL: dict[str, Usual] = {
    "table": Usual(
        {"mlp": waved, "linear": linear},
        ((5_000, 64), (50_000, 128), (np.inf, 256)),
        4_000,
        (20, 50),
        1.0,
        20_000,
        _SURE,
        AdamW(learning_rate=0.01, weight_decay=0.01),
        0.1,
    ),
    "images": Usual(
        {"cnn": cnn, "mlp": mlp, "linear": linear}, ((20_000, 64), (np.inf, 128)), 1_600, (12, 20), 1.0, 1_000, _LONG
    ),
    "series": Usual(
        {"cnn": convolutional, **_RECURRENT, "mlp": mlp, "linear": linear},
        ((1_000, 16), (20_000, 32), (np.inf, 64)),
        3_000,
        (20, 100),
        0.5,
        1_000,
        _LONG,
    ),
    "series at every place": Usual(
        {**_AT_STEPS, "cnn": convolutions_at_steps, "mlp": each_alone(2), "linear": each_alone(0)},
        ((1_000, 16), (20_000, 32), (np.inf, 64)),
        1_500,
        (20, 100),
        0.5,
        1_000,
        _LONG,
    ),
    "images at every place": Usual(
        {"unet": unet, "mlp": each_alone(2), "linear": each_alone(0)},
        ((2_000, 16), (np.inf, 32)),
        1_200,
        (12, 60),
        0.5,
        400,
        _LONG,
    ),
    "text at every place": Usual(
        {"lstm": language("lstm"), "gru": language("gru"), "simple_rnn": language("simple_rnn")},
        ((np.inf, 32),),
        2_500,
        (3, 40),
        0.3,
        0,
        _LONG,
    ),
    "windows": Usual(
        {"mlp": mlp, "linear": linear, **_RECURRENT, "cnn": convolutional},
        ((5_000, 32), (np.inf, 128)),
        5_000,
        (20, 200),
        0.3,
        1_000,
        _LONG,
    ),
}
