"""Networks for pictures and series as plain lists, which every peer builds with layers of its own.

("conv", units, kernel, stride)    convolution that keeps the size, or divides it by the stride; without bias
("norm",) ("relu",) ("pool",)      batch norm, ReLU, the largest of two places on every axis
("residual", (...))                the layers inside, plus what came in
("flatten",) ("mean",)             all numbers of a row side by side; the mean over all places
("dense", units)
"""

from __future__ import annotations

from typing import Any

Plan = tuple[tuple[Any, ...], ...]


def _conv(units: int, kernel: int = 3, stride: int = 1) -> Plan:
    return ("conv", units, kernel, stride), ("norm",)


def _block(units: int, kernel: int = 3) -> Plan:
    return (*_conv(units, kernel), ("relu",), ("pool",))


def _residual(units: int) -> Plan:
    return ("residual", (*_conv(units), ("relu",), *_conv(units))), ("relu",)


#: `resnet` is that of `photic.zoo`: nine convolutions of 16 to 64 units.
NETWORKS: dict[str, Plan] = {
    "cnn": (*_block(32), *_block(64), ("flatten",), ("dense", 128), ("relu",), ("dense", 10)),
    "resnet": (
        *_conv(16), ("relu",), *_residual(16), *_conv(32, stride=2), ("relu",), *_residual(32),
        *_conv(64, stride=2), ("relu",), *_residual(64), ("mean",), ("dense", 10),
    ),
    "series": (*_block(32, 7), *_block(64, 5), *_conv(64, 3), ("relu",), ("mean",), ("dense", 10)),
}  # fmt: skip


def operations(plan: Plan, shape: tuple[int, ...]) -> int:
    """Floating-point operations of one row's training step in convolutions and products, as `data.multiplications`.

    >>> operations((("flatten",), ("dense", 3)), (2, 2, 1))
    48
    """
    forward, first, _ = _count(plan, shape)
    return 3 * forward - first


def _count(plan: Plan, shape: tuple[int, ...]) -> tuple[int, int, tuple[int, ...]]:
    """Operations of the forward pass, those of the first layer with weights, and the shape that comes out."""
    total = first = 0
    for kind, *settings in plan:
        own = 0
        *space, c = shape
        if kind == "conv":
            units, kernel, stride = settings
            space = [-(-n // stride) for n in space]
            own, shape = 2 * _product(space) * kernel ** len(space) * c * units, (*space, units)
        elif kind == "dense":
            own, shape = 2 * c * settings[0], (settings[0],)
        elif kind == "residual":
            own, _, shape = _count(settings[0], shape)
        elif kind == "pool":
            shape = (*(n // 2 for n in space), c)
        elif kind == "flatten":
            shape = (_product(shape),)
        elif kind == "mean":
            shape = (c,)
        total, first = total + own, first or own
    return total, first, shape


def _product(sizes: Any) -> int:
    result = 1
    for size in sizes:
        result *= size
    return result
