"""The residual network: every block adds to what came in, so that a deep network is no harder to train than a flat one.

Reference: He, Zhang, Ren and Sun, "Deep residual learning for image recognition", 2016,
https://arxiv.org/abs/1512.03385 (section 4.2, for small pictures). Theirs halves a picture inside a block, with a
shortcut that leaves pixels out; here a convolution of its own does it, between the blocks. Lesson 14.
"""

from __future__ import annotations

from collections.abc import Sequence

from photic.errors import SpecError
from photic.layers import BatchNorm, Conv, Dense, GlobalAveragePool, Layer, ReLU, Rescale, Residual
from photic.model import Model


def resnet(outputs: int, width: int = 16, depth: int = 1, stages: int = 3, augment: Sequence[Layer] = ()) -> Model:
    """`stages` of a convolution and `depth` residual blocks, the mean over all places, and `outputs` numbers.

    Takes bytes of pictures, `[n, h, w, c]`. A block is two convolutions of 3 x 3 with batch norm, ReLU between them and
    after them; so there are `stages * (1 + 2 * depth)` convolutions. Every stage but the first halves h and w.

    Args:
        outputs: how many numbers come out: 1 for a value or for two classes, else one a class.
        width: filters in the first stage; every further stage has twice as many.
        depth: residual blocks in each stage.
        stages: how many sizes the picture has on its way.
        augment: layers that change the pictures while training, such as Flip() and Crop(4).

    Raises:
        SpecError: for a depth or stages below 1, or what a layer refuses.

    >>> [type(layer).__name__ for layer in resnet(10, stages=1).layers]
    ['Rescale', 'Conv', 'BatchNorm', 'ReLU', 'Residual', 'ReLU', 'GlobalAveragePool', 'Dense']
    """
    for name, value in (("depth", depth), ("stages", stages)):
        if type(value) is not int or value < 1:
            required, fix = f"{name} must be a whole number of at least 1", f"set {name} to 1 or more"
            raise SpecError("resnet", required, repr(value), source="the arguments of resnet", fix=fix)
    layers: list[Layer] = []
    for stage in range(stages):
        units = width * 2**stage
        layers += [*_convolution(units, stride=1 if stage == 0 else 2), ReLU()]
        block = (*_convolution(units), ReLU(), *_convolution(units))
        layers += [Residual(block), ReLU()] * depth
    return Model(Rescale(), *augment, *layers, GlobalAveragePool(), Dense(outputs))


def _convolution(units: int, stride: int = 1) -> tuple[Layer, Layer]:
    return Conv(units, 3, stride=stride, bias=False, initializer="he_uniform"), BatchNorm()
