"""The encoder-decoder with skips: an answer for every pixel, from far around it and from close by. For segmentation.

On the way down a picture is halved again and again, so that a filter sees more of it; on the way up it is doubled back,
and at each size what was seen on the way down is laid beside it. So an answer knows both what and exactly where.

Reference: Ronneberger, Fischer and Brox, "U-Net: convolutional networks for biomedical image segmentation", 2015,
https://arxiv.org/abs/1505.04597; batch norm in each block: Ioffe and Szegedy, "Batch normalization", 2015,
https://arxiv.org/abs/1502.03167. Lesson 23.
"""

from __future__ import annotations

from collections.abc import Sequence

from photic.errors import SpecError
from photic.layers import BatchNorm, Conv, ConvTranspose, Layer, MaxPool, Parallel, ReLU, Rescale
from photic.model import Model


def unet(outputs: int, width: int = 16, depth: int = 2, augment: Sequence[Layer] = ()) -> Model:
    """`depth` halvings and as many doublings, with a skip at each size, and `outputs` numbers for every pixel.

    Takes bytes of pictures, `[n, h, w, c]`, gives `[n, h, w, outputs]`; h and w must be multiples of 2 to the `depth`.

    Args:
        outputs: how many numbers come out for a pixel: 1 for a value or for two classes, else one a class.
        width: filters at the full size; at every half of it twice as many.
        depth: how many times a picture is halved; 0 gives convolutions at the full size alone.
        augment: layers that change the pixels while training; none that moves them, for the mask would stay behind.

    Raises:
        SpecError: for a depth below 0, or what a layer refuses.

    >>> unet(3, depth=2).shape((32, 48, 1))
    (32, 48, 3)
    """
    if type(depth) is not int or depth < 0:
        required, fix = "depth must be a whole number of at least 0", "set depth to 0 or more"
        raise SpecError("unet", required, repr(depth), source="the arguments of unet", fix=fix)
    return Model(Rescale(), *augment, *_level(width, depth), Conv(outputs, 1))


def _level(width: int, depth: int) -> tuple[Layer, ...]:
    """One size of the picture, with all smaller ones inside its skip."""
    if depth == 0:
        return _block(width)
    below = (MaxPool(), *_level(2 * width, depth - 1), ConvTranspose(width, 2, stride=2))
    return (*_block(width), Parallel(((), below)), *_block(width))


def _block(width: int) -> tuple[Layer, ...]:
    one = (Conv(width, 3, bias=False, initializer="he_uniform"), BatchNorm(), ReLU())
    return one * 2
