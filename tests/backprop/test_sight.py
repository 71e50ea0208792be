"""One picture through a network: maps and filters are the network's own, the rest is saliency and occlusion."""

import jax
import numpy as np
import pytest

from photic.backprop.saliency import occlusion, saliency
from photic.backprop.sight import sight
from photic.errors import RequestError
from photic.layers import PREDICT, BatchNorm, Conv, Dense, Flatten, MaxPool, ReLU, Rescale
from photic.model import Model

MODEL = Model(Rescale(), Conv(3, 3), BatchNorm(), ReLU(), MaxPool(2), Conv(2, 1), Flatten(), Dense(4))


@pytest.fixture(scope="module")
def seen():
    params, state = MODEL.init(jax.random.key(0), (8, 8, 1))
    x = np.random.default_rng(0).integers(0, 256, (8, 8, 1), dtype=np.uint8)
    return params, state, x, sight(MODEL, params, state, x, 2)


def test_maps_are_what_the_layers_give(seen):
    params, state, x, found = seen
    passed = MODEL.steps(params, state, jax.numpy.asarray(x[None], np.float32), PREDICT)
    assert [each.path for each in found.maps] == ["layers.3", "layers.5"]  # the first Conv has its ReLU behind the norm
    for each in found.maps:
        np.testing.assert_allclose(each.values, np.asarray(passed[each.path])[0], rtol=1e-6)
    strength = np.abs(found.maps[0].values).mean((0, 1))
    assert (np.diff(strength[found.maps[0].order]) <= 0).all()


def test_the_rest_is_saliency_and_occlusion_of_that_output(seen):
    params, state, x, found = seen
    np.testing.assert_array_equal(found.filters, np.asarray(params["layers"]["1"]["w"]))
    np.testing.assert_array_equal(found.slope, saliency(MODEL, params, state, x[None], 2)[0])
    np.testing.assert_array_equal(found.falls, occlusion(MODEL, params, state, x[None], 2)[0])


def test_a_network_that_begins_otherwise_has_no_filters():
    model = Model(Flatten(), Dense(2))
    params, state = model.init(jax.random.key(0), (4, 4, 1))
    found = sight(model, params, state, np.ones((4, 4, 1)), 0)
    assert found.filters is None and found.maps == ()


def test_a_row_of_a_table_is_no_picture():
    with pytest.raises(RequestError, match=r"sight: needs a picture \[h, w, c\], got \[3\]"):
        sight(Model(Dense(1)), {}, {}, np.zeros(3), 0)
