from __future__ import annotations

import dataclasses

import jax.numpy as jnp
import pytest

from photic.errors import PlanError
from photic.layers import Context, Dense, Embedding, Flatten, Identity, Parallel, ReLU, Reshape, Residual, Tanh
from photic.model import Model

LENGTHS = jnp.array([6, 3, 3, 1, 6])


def test_the_lengths_of_a_model_are_those_after_its_last_layer():
    model = Model(Embedding(4, 3, sequence=True), Residual((Dense(3), Tanh())), Parallel(((ReLU(),), (Dense(2),))))
    assert model.lengths(LENGTHS).tolist() == LENGTHS.tolist()
    assert model.lengths(None) is None


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ((Dense(2), Flatten()), "layers.1 Flatten(): needs rows that are all equally long, got sequences of unequal"),
        ((Reshape((-1,)),), "layers.0 Reshape((-1,)): needs rows that are all equally long, got sequences"),
        ((Residual((Dense(3), Flatten())),), "layers.0.layers.1 Flatten(): needs rows that are all equally long"),
        ((Parallel(((), (Flatten(),))),), "layers.0.branches.1.0 Flatten(): needs rows that are all equally long"),
        (
            (Embedding(4, 2),),
            "layers.0 Embedding(4, units=2): columns need rows that are all equally long, got sequences",
        ),
    ],
)
def test_layers_that_would_count_the_padding_are_refused_in_words(layers, message):
    model = Model(*layers)
    with pytest.raises(PlanError) as caught:
        model.lengths(LENGTHS)
    assert str(caught.value).startswith(message)
    with pytest.raises(PlanError, match="unequal lengths"):
        model.apply({}, {}, jnp.zeros((5, 6, 3)), Context(lengths=LENGTHS))


def test_a_refusal_says_what_to_do_and_where_the_steps_come_from():
    with pytest.raises(PlanError) as caught:
        Model(Dense(2), Flatten()).lengths(LENGTHS)
    assert str(caught.value).endswith(
        'from layers.0 Dense(2); put GlobalAveragePool() or a recurrent layer with states="last" before it.'
    )


def test_every_layer_is_given_the_lengths_of_its_own_input():
    given = {}

    @dataclasses.dataclass(frozen=True)
    class Halved(Identity):
        """Remembers the lengths it was given, and says half as many come out."""

        def lengths(self, lengths):
            return None if lengths is None else lengths // 2

        def apply(self, params, state, x, at):
            given[".".join(at.path)] = at.lengths.tolist()
            return x, state

    model = Model(Halved(), Residual((Halved(),)), Parallel(((Halved(), Halved()), (Halved(), Halved()))))
    model.apply({}, {}, jnp.zeros((2, 8, 1)), Context(lengths=jnp.array([8, 4])))
    assert given == {
        "layers.0": [8, 4],
        "layers.1.layers.0": [4, 2],
        "layers.2.branches.0.0": [2, 1],
        "layers.2.branches.0.1": [1, 0],
        "layers.2.branches.1.0": [2, 1],
        "layers.2.branches.1.1": [1, 0],
    }
