"""From the settings of a convolution or a pool to its window over an input, or a refusal in words.

A kernel, stride or padding is one whole number for every space axis, or one for each. With "same" there are as many
places as ceil(n / stride), "valid" keeps the window inside the input, "causal" lets a step see itself and those before
it. The window's first place does not hang on how long the input is: so padded sequences equal unpadded ones.
"""

from __future__ import annotations

import dataclasses

from photic.errors import ShapeError
from photic.kernels.window import Axis, Window
from photic.layers.base import Layer, Lengths
from photic.layers.limits import refuse
from photic.tensor import Shape, words

Sizes = int | tuple[int, ...]
WAYS = ("same", "valid", "causal")


@dataclasses.dataclass(frozen=True)
class Settings:
    """What a layer says about its window; `name` is its own word for the size, for errors."""

    layer: Layer
    name: str
    size: Sizes
    stride: Sizes
    padding: str | Sizes
    dilation: Sizes = 1


def need_sizes(layer: Layer, *names: str, least: int = 1) -> None:
    """Refuse settings that are neither a whole number of at least `least` nor a tuple of them.

    Raises:
        SpecError: otherwise.
    """
    for name in names:
        value = getattr(layer, name)
        if isinstance(value, list):
            value = tuple(value)
            object.__setattr__(layer, name, value)
        many = value if isinstance(value, tuple) and value else (value,)
        if not all(type(size) is int and size >= least for size in many):
            required = f"{name} must be a whole number of at least {least}, or one for every space axis"
            refuse(layer, required, value, f"set {name} to {least} or more")


def need_padding(layer: Layer, name: str, ways: tuple[str, ...] = WAYS) -> None:
    """Refuse a padding that is neither a known way nor sizes.

    Raises:
        SpecError: otherwise.
    """
    value = getattr(layer, name)
    if isinstance(value, str) and value not in ways:
        known = ", ".join(map(repr, ways))
        refuse(layer, f"{name} must be one of {known}, or a whole number", value, f"choose one of {known}")
    if not isinstance(value, str):
        need_sizes(layer, name, least=0)


def over(settings: Settings, input: Shape) -> Window:
    """The window over a per-row input `(*space, c)`.

    Raises:
        ShapeError: for an input without space axes or with more than three, sizes for another number of axes, or a
            window larger than the input.
    """
    layer, space = settings.layer, input[:-1]
    if not 1 <= len(space) <= 3:
        raise ShapeError(
            layer.words(),
            "input needs one to three space axes and channels, as [n, t, c] or [n, h, w, c]",
            words(input),
            source="the input",
            fix="leave it out, or put Reshape(...) before it",
        )
    if settings.padding == "causal" and len(space) > 1:
        raise ShapeError(
            layer.words(),
            "padding 'causal' needs an input of one space axis, [n, t, c]",
            words(input),
            source="the input",
            fix="set padding to 'same'",
        )
    each = {
        name: _each(settings, name, value, input)
        for name, value in (
            (settings.name, settings.size),
            ("stride", settings.stride),
            ("dilation", settings.dilation),
        )
    }
    axes = [Axis(*sizes) for sizes in zip(*each.values(), strict=True)]
    padding = settings.padding
    pads = ((padding,) * len(space)) if isinstance(padding, str) else _each(settings, "padding", padding, input)
    window = Window(tuple(_padded(axis, n, pad) for axis, n, pad in zip(axes, space, pads, strict=True)))
    for axis, n, count in zip(window.axes, space, window.places(space), strict=True):
        if count < 1:
            around = f" with its padding of {axis.before + axis.after}" if axis.before + axis.after else ""
            raise ShapeError(
                layer.words(),
                f"{settings.name} must not be larger than its input: it spans {axis.span} places",
                f"{n}{around} in {words(input)}",
                source="the input",
                fix=f"make {settings.name} smaller, or set padding to 'same'",
            )
    return window


def lengths_after(settings: Settings, lengths: Lengths) -> Lengths:
    """How many places see real steps, for the lengths of the input; None stays None."""
    if lengths is None:
        return None
    size, stride, dilation = (along(sizes, 0) for sizes in (settings.size, settings.stride, settings.dilation))
    if settings.padding in {"same", "causal"}:
        return -(-lengths // stride)
    around = 0 if isinstance(settings.padding, str) else along(settings.padding, 0)
    return Axis(size, stride, dilation, around, around).places(lengths).clip(0)


def along(sizes: Sizes, axis: int) -> int:
    """The size on one axis.

    >>> along(3, 1), along((3, 5), 1)
    (3, 5)
    """
    return sizes if isinstance(sizes, int) else sizes[axis]


def _padded(axis: Axis, n: int, padding: str | int) -> Axis:
    if padding == "valid":
        return axis
    if isinstance(padding, int):
        return dataclasses.replace(axis, before=padding, after=padding)
    before = axis.span - 1 if padding == "causal" else (axis.span - 1) // 2
    places = -(-n // axis.stride)
    after = max((places - 1) * axis.stride + axis.span - n - before, 0)
    return dataclasses.replace(axis, before=before, after=after)


def _each(settings: Settings, name: str, value: Sizes, input: Shape) -> tuple[int, ...]:
    space = len(input) - 1
    if isinstance(value, int):
        return (value,) * space
    if len(value) != space:
        raise ShapeError(
            settings.layer.words(),
            f"{name} needs one size for each of {space} space axes",
            f"{len(value)}, {value!r}",
            source=f"the input {words(input)}",
            fix=f"set {name} to one whole number, or to {space} of them",
        )
    return value
