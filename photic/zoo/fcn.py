"""The fully convolutional network for series: three convolutions along time, and the mean over all steps.

It sees patterns wherever they stand but not the order of what is far apart; where that is enough, it trains faster than
a recurrent network.

Reference: Wang, Yan and Oates, "Time series classification from scratch with deep neural networks", 2017,
https://arxiv.org/abs/1611.06455 (section II.B). Lesson 14.
"""

from __future__ import annotations

from photic.errors import SpecError
from photic.layers import BatchNorm, Conv, Dense, GlobalAveragePool, ReLU
from photic.model import Model


def fcn(outputs: int, width: int = 64, returns: str = "last") -> Model:
    """Three blocks of Conv, BatchNorm and ReLU, the mean over time, and `outputs` without activation.

    The blocks have `width`, twice `width` and `width` filters of 8, 5 and 3 steps; in the paper `width` is 128.

    Args:
        outputs: how many numbers come out: 1 for a value or for two classes, else one a class.
        width: filters of the first and the last block.
        returns: "last" answers once a series, from the mean over its steps; "all" at every step, without that mean.

    Raises:
        SpecError: for another `returns`, or what a layer refuses.

    >>> fcn(3).shape((50, 6))
    (3,)
    """
    blocks = [
        (
            Conv(width * times, kernel, bias=False, initializer="he_uniform"),
            BatchNorm(),
            ReLU(),
        )  # a norm brings a shift
        for times, kernel in ((1, 8), (2, 5), (1, 3))
    ]
    if returns not in ("last", "all"):
        fix = 'write returns="last" or returns="all"'
        raise SpecError("fcn", "returns must be a known word", repr(returns), source="the arguments of fcn", fix=fix)
    mean = (GlobalAveragePool(),) if returns == "last" else ()
    return Model(*(layer for block in blocks for layer in block), *mean, Dense(outputs))
