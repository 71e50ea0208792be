"""The law of this room: every form of a kernel has the values and gradients of plain automatic differentiation."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic.kernels import conv
from photic.kernels.window import Axis, Window

SAME, HALF = Axis(3, before=1, after=1), Axis(3, stride=2, before=1, after=0)

#: Rows and space, channels, units, window, groups: each reaches another form or another part of one.
CASES = {
    "image": ((3, 6, 5), 4, 6, Window((SAME, SAME)), 1),
    "image, grey": ((3, 6, 5), 1, 4, Window((SAME, SAME)), 1),
    "image, coloured": ((2, 7, 6), 3, 4, Window((HALF, SAME)), 1),
    "image in groups": ((2, 6, 7), 6, 4, Window((Axis(2, stride=2), Axis(3, dilation=2, before=2))), 2),
    "image, each channel alone": ((2, 5, 5), 8, 8, Window((SAME, SAME)), 8),
    "sequence, causal": ((4, 9), 40, 3, Window((Axis(3, dilation=2, before=4),)), 1),
    "sequence, strided": ((5, 11), 36, 2, Window((Axis(4, stride=3, before=1, after=2),)), 1),
    "volume": ((2, 3, 4, 5), 5, 2, Window((Axis(2), Axis(2, stride=2), SAME)), 1),
    "kernel of one": ((3, 4, 4), 40, 3, Window((Axis(1, stride=2), Axis(1))), 1),
    "many places a row": ((2, 20, 17), 8, 3, Window((SAME, SAME)), 1),
    "many rows together": ((12, 4, 4), 40, 3, Window((SAME, SAME)), 1),
    "rows left over": ((11, 12, 12), 2, 3, Window((SAME, SAME)), 1),
    "stride leaves places out": ((2, 8, 8), 9, 3, Window((Axis(2, stride=3), Axis(2, stride=3))), 1),
}


def drawn(name):
    space, c, u, window, groups = CASES[name]
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(*space, c)), rng.normal(size=(*window.sizes, c // groups, u))
    g = rng.normal(size=(space[0], *window.places(space[1:]), u))
    return *(jnp.asarray(array) for array in (x, w, g)), window, groups


def pulled(function, *points):
    """What a function of two arrays gives, and its gradients for both along given numbers."""

    def both(a, b, g):
        y, pull = jax.vjp(function, a, b)
        return y, *pull(g)

    return jax.jit(both)(*points)


def agree(ours, theirs):
    for one, other in zip(ours, theirs, strict=True):
        # 1e-10 in float64: sums of some hundreds of numbers in another order
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", CASES)
def test_convolution_agrees_with_plain_automatic_differentiation(name):
    with jax.enable_x64(True):
        x, w, g, window, groups = drawn(name)
        plain = lambda x, w: conv._library(x, w, window, groups)
        agree(pulled(lambda x, w: conv.convolve(x, w, window, groups), x, w, g), pulled(plain, x, w, g))


@pytest.mark.parametrize("name", CASES)
def test_spreading_is_the_gradient_of_convolution_and_has_its_gradients(name):
    with jax.enable_x64(True):
        x, w, g, window, groups = drawn(name)
        space = x.shape[1:-1]

        def plain(y, w):
            return jax.vjp(lambda x: conv._library(x, w, window, groups), jnp.zeros_like(x))[1](y)[0]

        agree(pulled(lambda y, w: conv.spread(y, w, window, space, groups), g, w, x), pulled(plain, g, w, x))


@pytest.mark.parametrize("name", ["image", "image, grey", "image in groups", "sequence, strided", "volume"])
def test_second_gradients_agree_too(name):
    """What a gradient penalty needs: each of the three forms is differentiated by the two others."""
    with jax.enable_x64(True):
        x, w, g, window, groups = drawn(name)

        def slopes(convolve):
            z = lambda x, w: jnp.sin(convolve(x, w, window, groups))
            steep = lambda x, w: sum(jnp.sum(part**2) for part in jax.vjp(z, x, w)[1](g))
            return jax.jit(jax.grad(steep, argnums=(0, 1)))(x, w)

        agree(slopes(conv.convolve), slopes(conv._library))


def test_accelerators_take_the_form_of_the_library(monkeypatch):
    x, w, _, window, groups = drawn("image")
    calls = lambda: str(jax.make_jaxpr(lambda x, w: conv.convolve(x, w, window, groups))(x, w)).count("custom_vjp")
    assert calls() == 1
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    assert calls() == 0


def test_spread_on_accelerators_agrees(monkeypatch):
    with jax.enable_x64(True):
        x, w, g, window, groups = drawn("image in groups")
        run = lambda y, w: conv.spread(y, w, window, x.shape[1:-1], groups)
        here = pulled(run, g, w, x)
        monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
        agree(here, pulled(run, g, w, x))
