"""The convolutional network: blocks that look and halve, then neurons that answer. The default for pictures.

Reference: LeCun et al., "Gradient-based learning applied to document recognition", 1998,
https://doi.org/10.1109/5.726791 (section II.B); the block: Ioffe and Szegedy, "Batch normalization", 2015,
https://arxiv.org/abs/1502.03167; small filters, twice as many at half the size: Simonyan and Zisserman, "Very deep
convolutional networks for large-scale image recognition", 2015, https://arxiv.org/abs/1409.1556. Lesson 14.
"""

from __future__ import annotations

from collections.abc import Sequence

from photic.errors import SpecError
from photic.layers import BatchNorm, Conv, Dense, Dropout, Flatten, Layer, MaxPool, ReLU, Rescale
from photic.model import Model
from photic.spec import Number

_MOST = 128  # filters of a block: more of them are a larger network, not a deeper one
#: Smaller first weights than He's law gives, which learn new pictures better: the dense layer has thousands of inputs
#: (docs/decisions/defaults.md, "Pictures").
_START = "uniform"


def cnn(
    outputs: int,
    width: int = 32,
    depth: int = 2,
    dense: int = 128,
    dropout: Number = 0.3,
    augment: Sequence[Layer] = (),
) -> Model:
    """`depth` blocks of convolution, batch norm, ReLU and pooling, a dense layer, and `outputs` without activation.

    Takes bytes of pictures, `[n, h, w, c]`; each block halves h and w, so both must be at least 2 to the `depth`.

    Args:
        outputs: how many numbers come out: 1 for a value or for two classes, else one a class.
        width: filters of 3 x 3 in the first block; every further block has twice as many, up to 128 or `width`.
        depth: how many blocks.
        dense: neurons of the dense layer.
        dropout: the share of them dropped; a Knob is kept even at 0.
        augment: layers that change the pictures while training, such as Flip().

    Raises:
        SpecError: for a depth below 1, or what a layer refuses.

    >>> [type(layer).__name__ for layer in cnn(10, depth=1, dropout=0).layers]
    ['Rescale', 'Conv', 'BatchNorm', 'ReLU', 'MaxPool', 'Flatten', 'Dense', 'ReLU', 'Dense']
    """
    if type(depth) is not int or depth < 1:
        required, fix = "depth must be a whole number of at least 1", "set depth to 1 or more"
        raise SpecError("cnn", required, repr(depth), source="the arguments of cnn", fix=fix)
    blocks: list[Layer] = []
    for index in range(depth):
        units = min(width * 2**index, max(width, _MOST))
        blocks += [Conv(units, 3, bias=False, initializer=_START), BatchNorm(), ReLU(), MaxPool()]
    head: list[Layer] = [Flatten(), Dense(dense, initializer=_START), ReLU()]
    head += [Dropout(dropout)] if dropout != 0 else []
    return Model(Rescale(), *augment, *blocks, *head, Dense(outputs, initializer=_START))
