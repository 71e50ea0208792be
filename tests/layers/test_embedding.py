from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic import keys
from photic.errors import ShapeError, SpecError
from photic.layers import Context, Embedding

TABLE = jnp.array([[0.5, 0.0], [1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])


def look_up(codes, table=TABLE):
    return Embedding(3, 2).apply({"table": table}, {}, jnp.asarray(codes, jnp.float32), Context())[0]


def test_a_code_is_a_row_of_the_table():
    assert look_up([[0], [2], [1]]).tolist() == [[1, 2], [5, 6], [3, 4]]


@pytest.mark.parametrize("code", [-1, -7, 3, 1e9, np.nan, np.inf, -np.inf])
def test_what_it_does_not_know_is_row_0(code):
    assert look_up([[code]]).tolist() == [[0.5, 0.0]]


def test_columns_stand_side_by_side():
    assert look_up([[0, 2], [1, -1]]).tolist() == [[1, 2, 5, 6], [3, 4, 0.5, 0]]


def test_one_code_a_row_needs_no_axis():
    assert look_up([0, 2]).tolist() == [[1, 2], [5, 6]]
    assert Embedding(3, 2).shape(()) == (2,)


def test_it_is_a_dense_layer_on_one_hot_codes():
    codes = np.array([0, 2, 2, -1])
    one_hot = np.eye(4)[codes + 1]
    pull = np.random.default_rng(0).normal(size=(4, 2))
    gradient = jax.grad(lambda table: (look_up(codes[:, None], table) * jnp.asarray(pull, jnp.float32)).sum())(TABLE)
    np.testing.assert_allclose(look_up(codes[:, None]), one_hot @ np.asarray(TABLE), rtol=1e-6)
    np.testing.assert_allclose(gradient, one_hot.T @ pull, rtol=1e-5)  # float32 sums of two


def test_the_unknown_starts_at_0_and_the_known_do_not():
    params, state = Embedding(5, 3).init(keys.root(0), (2,))
    table = np.asarray(params["table"])
    assert table.shape == (6, 3)
    assert (table[0] == 0).all()
    assert (np.abs(table[1:]).sum(1) > 0).all()
    assert state == {}


def test_the_known_start_about_one_unit_long():
    table = np.asarray(Embedding(2000, 16).init(keys.root(0), (1,))[0]["table"])
    np.testing.assert_allclose((table[1:] ** 2).sum(1).mean(), 1, atol=0.04)  # five deviations of 2000 means of 16


def test_an_image_is_sent_to_flatten():
    with pytest.raises(ShapeError) as caught:
        Embedding(3, 2).shape((4, 4))
    assert str(caught.value) == (
        "Embedding(3, units=2): input needs codes, [n] or [n, d], got rank 3 [n, t=4, d=4]\n"
        "from the input; put Flatten() before it."
    )


@pytest.mark.parametrize("settings", [(0, 2), (3, 0), (3, 2, "nonsense")])
def test_settings_that_cannot_be_are_refused(settings):
    with pytest.raises(SpecError, match=r"^Embedding: (levels|units|initializer) must be a"):
        Embedding(*settings)
