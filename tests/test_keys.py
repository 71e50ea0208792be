from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic import keys


def bits(key):
    return jax.random.key_data(key).tolist()


def test_the_same_path_gives_the_same_key():
    assert bits(keys.fold(keys.root(3), "layers", 2, "w")) == bits(keys.fold(keys.root(3), "layers", 2, "w"))


def test_a_path_can_be_walked_in_parts():
    key = keys.root(0)
    assert bits(keys.fold(key, "layers", 2)) == bits(keys.fold(keys.fold(key, "layers"), 2))


def test_all_places_of_a_model_have_keys_of_their_own():
    names = ["w", "b", "scale", "table", "dropout", "shuffle"]
    made = [
        tuple(bits(keys.fold(keys.root(seed), "layers", i, name)))
        for seed in (0, 1)
        for i in range(9)
        for name in names
    ]
    assert len(set(made)) == len(made)


def test_a_key_does_not_depend_on_what_was_drawn_before():
    key = keys.root(0)
    first = bits(keys.fold(key, "b"))
    keys.fold(key, "a")
    jax.random.normal(key)
    assert bits(keys.fold(key, "b")) == first


def test_a_traced_number_gives_the_key_of_the_plain_one():
    key = keys.root(0)
    traced = jax.jit(lambda epoch: jax.random.key_data(keys.fold(key, "epoch", epoch)))(jnp.uint32(7))
    assert traced.tolist() == bits(keys.fold(key, "epoch", 7))


def test_names_are_hashed_the_same_in_every_process():
    # crc32, unlike Python's hash(): the value is written here and must never change, or old runs do not replay
    assert bits(keys.fold(keys.root(0), "dropout")) == bits(jax.random.fold_in(jax.random.key(0), 0x9289EFC9))


def test_generators_follow_the_same_paths():
    def draw(*names):
        return keys.generator(0, *names).integers(2**60)

    assert draw("split", 1) == draw("split", 1)
    assert (
        len({draw("split", 1), draw("split", 2), draw("shuffle", 1), keys.generator(1, "split", 1).integers(2**60)})
        == 4
    )


def test_a_generator_is_numpys():
    assert isinstance(keys.generator(0), np.random.Generator)


@pytest.mark.parametrize("seed", [0, 1, 2**31 - 1])
def test_seeds_give_different_roots(seed):
    assert bits(keys.root(seed)) != bits(keys.root(seed + 1))


@pytest.mark.parametrize(
    "draw",
    [
        lambda key: jax.random.bits(key, (7,), jnp.uint8),
        lambda key: jax.random.bits(key, (3, 5), jnp.uint16),
        lambda key: jax.random.bits(key, (), jnp.uint32),
        lambda key: jax.random.bits(key, (0, 4), jnp.uint32),
        lambda key: jax.random.normal(key, (3, 4, 5)),
        lambda key: jax.random.beta(key, 0.3, 0.3, (4,)),
        lambda key: jax.random.permutation(key, 9),
        lambda key: jax.random.key_data(jax.random.split(key, (2, 3))),
        lambda key: jax.random.key_data(keys.fold(key, "layers", 2**31 - 1)),
        lambda key: jax.vmap(lambda own: jax.random.uniform(own, (3,)))(jax.random.split(key, 5)),
    ],
)
@pytest.mark.parametrize("seed", [0, 7, 2**31 - 1])
def test_draws_that_are_made_often_are_the_same_bits(draw, seed):
    np.testing.assert_array_equal(draw(keys.often(keys.root(seed))), draw(keys.root(seed)))


def test_draws_of_64_bits_are_the_same_bits():
    with jax.enable_x64(True):
        draw = lambda key: jax.random.bits(key, (5,), jnp.uint64)
        np.testing.assert_array_equal(draw(keys.often(keys.root(7))), draw(keys.root(7)))
