"""Layers that stand one after another and are computed as one, because that is faster; what they give is the same.

There is one such run: BatchNorm, ReLU and MaxPool, while training. Only the winners of the pool have a gradient, so
the sums of the way back go over the places of the pool (docs/performance.md says what it gains). Where somebody looks
at the outputs between them, or sequences are padded, they are computed one by one.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from photic.layers.activation import ReLU
from photic.layers.base import Context, Layer
from photic.layers.norm import BatchNorm
from photic.layers.pool import MaxPool
from photic.tensor import Shape

_MOST_TAPS = 64


def found(layers: tuple[Layer, ...], input: Shape, at: Context) -> tuple[Callable, int]:
    """How the first of these layers is applied, and how many of them that computes.

    Args:
        input: the per-row shape that comes in.

    >>> normal = (BatchNorm(), ReLU(), MaxPool(2))
    >>> [found(normal, (4, 4, 1), Context(train=train))[1] for train in (True, False)]
    [3, 1]
    """
    match layers[:3]:
        case (BatchNorm() as norm, ReLU(), MaxPool() as pool) if not norm.frozen:
            window = pool.placed(input)
            if at.train and at.tap is None and at.lengths is None and window.tiles and window.taps <= _MOST_TAPS:
                return functools.partial(norm.pooled, window=window), 3
    return layers[0].apply, 1
