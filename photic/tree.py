"""Parameter trees: nested dicts of arrays, addressed by paths such as "layers.2.w".

Reference: the idea of a tree of parameters is JAX's, https://docs.jax.dev/en/latest/pytrees.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

Tree = dict[str, Any]


def flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """All leaves by path, in natural order of the keys at each level (2 before 10).

    >>> flatten({"layers": {"0": {"w": 1, "b": 2}, "1": {}}})
    {'layers.0.b': 2, 'layers.0.w': 1}
    """
    leaves: dict[str, Any] = {}
    for key in sorted(tree, key=_natural):
        path = f"{prefix}{key}"
        value = tree[key]
        leaves |= flatten(value, f"{path}.") if isinstance(value, Mapping) else {path: value}
    return leaves


def unflatten(leaves: Mapping[str, Any]) -> Tree:
    """The nested dict of `flatten`'s result; empty branches are lost.

    >>> unflatten({"layers.0.w": 1})
    {'layers': {'0': {'w': 1}}}
    """
    tree: Tree = {}
    for path, leaf in leaves.items():
        *parents, last = path.split(".")
        node = tree
        for parent in parents:
            node = node.setdefault(parent, {})
        node[last] = leaf
    return tree


def count(tree: Mapping[str, Any]) -> int:
    """How many numbers the tree holds.

    >>> count({"w": np.zeros((3, 4)), "b": np.zeros(4)})
    16
    """
    return sum(int(np.prod(np.shape(leaf))) for leaf in flatten(tree).values())


def _natural(key: str) -> tuple[bool, int, str]:
    return (key.isdigit(), int(key) if key.isdigit() else 0, key)
