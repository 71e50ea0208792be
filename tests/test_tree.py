from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from photic import tree

NAMES = st.text("abw019", min_size=1, max_size=3)
TREES = st.recursive(st.integers(), lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=3), max_leaves=12)


@given(st.dictionaries(NAMES, TREES, max_size=3))
def test_a_tree_without_empty_branches_survives_a_round_trip(nested):
    assert tree.unflatten(tree.flatten(nested)) == nested


@given(st.dictionaries(NAMES, TREES, max_size=3))
def test_every_path_leads_to_its_leaf(nested):
    for path, leaf in tree.flatten(nested).items():
        node = nested
        for name in path.split("."):
            node = node[name]
        assert node == leaf


def test_layers_come_in_the_order_of_their_numbers():
    nested = {"layers": {str(i): {"w": i} for i in (10, 9, 2, 0)}}
    assert list(tree.flatten(nested)) == ["layers.0.w", "layers.2.w", "layers.9.w", "layers.10.w"]


def test_words_come_before_numbers_and_by_the_alphabet():
    assert list(tree.flatten({"1": 0, "w": 0, "b": 0})) == ["b", "w", "1"]


def test_a_prefix_stands_before_every_path():
    assert tree.flatten({"w": 1}, "params.") == {"params.w": 1}


def test_empty_branches_are_lost():
    assert tree.unflatten(tree.flatten({"layers": {"0": {}}})) == {}


def test_count_adds_up_sizes_of_any_rank():
    assert tree.count({"a": np.zeros((3, 4)), "b": {"c": np.float32(1), "d": np.zeros((2, 0))}}) == 13
