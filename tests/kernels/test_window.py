"""The window of a kernel: where it stands, and what every tap of it sees."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from photic.kernels.window import Axis, Window, seen


@pytest.mark.parametrize("axis", [Axis(3), Axis(2, stride=3), Axis(3, 2, 2, 1, 4), Axis(1, stride=2, after=1)], ids=str)
@pytest.mark.parametrize("n", [5, 6, 11])
def test_places_are_counted_as_one_walks_them(axis, n):
    start, places = -axis.before, 0
    while start + axis.span <= n + axis.after:
        start, places = start + axis.stride, places + 1
    assert axis.places(n) == places


def test_what_is_seen_stands_where_the_taps_are():
    window = Window((Axis(2, stride=2, before=1), Axis(2, dilation=2, after=1)))
    x = np.arange(2 * 5 * 6 * 1, dtype=np.float32).reshape(2, 5, 6, 1)
    taps = seen(jnp.asarray(x), window, fill=-1.0)
    assert len(taps) == window.taps == 4
    for (a, b), tap in zip(window.offsets(), taps, strict=True):
        for p, q in np.ndindex(window.places((5, 6))):
            i, j = p * 2 - 1 + a, q + b
            inside = 0 <= i < 5 and 0 <= j < 6
            np.testing.assert_array_equal(tap[:, p, q, 0], x[:, i, j, 0] if inside else [-1.0, -1.0])


def test_only_windows_side_by_side_are_a_reshape():
    assert Window((Axis(2, stride=2), Axis(3, stride=3))).tiles
    for other in (Axis(2), Axis(2, stride=3), Axis(2, 2, 2), Axis(2, 2, before=1)):
        assert not Window((Axis(2, stride=2), other)).tiles
