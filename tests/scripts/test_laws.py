"""Each law catches its breach, and leaves alone what looks like one."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def laws() -> ModuleType:
    place = importlib.util.spec_from_file_location("laws", ROOT / "scripts" / "laws.py")
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    return module


BREACHES = [
    ("photic/data/read.py", "x = 1\n" * 401, "at most 400 lines, got 401"),
    ("tests/test_a.py", "import pickle\n", "another format than pickle"),
    ("photic/export/bundle.py", "from joblib import load\n", "another format than joblib"),
    ("photic/cli/fit.py", "def f():\n    import jax\n", "to do without jax"),
    ("photic/__init__.py", "from jax import numpy\n", "to do without jax"),
    ("photic/data/read.py", "import jax.numpy as jnp\n", "to do without jax.numpy"),
    ("photic/export/plain.py", "import optax\n", "to do without optax"),
    ("photic/layers/dense.py", "import jax\nf = jax.jit(g)\n", "jit lives in train/ and experiment/ only"),
    ("photic/kernels/recurrent.py", "import jax\nf = jax.vmap(g)\n", "vmap lives in"),
    ("photic/maths/losses.py", "from jax import lax\nf = lax.scan(g)\n", "scan lives in"),
    ("photic/model.py", "import jax\n@jax.vmap\ndef f(x): ...\n", "vmap lives in"),
    ("photic/model.py", "class A:\n    def f(self):\n        super().f()\n", "super() is never needed"),
    ("photic/model.py", "hasattr(a, 'b')\n", "hasattr() is never needed"),
    ("photic/model.py", "from photic.spec import _check\n", "_check belongs to photic.spec alone"),
    ("photic/utils.py", "", "carries the noun of its concept"),
    ("photic/model.py", "import os  # noqa: F401\n", "needs its reason"),
    ("photic/model.py", "a = b.c  # pyrefly: ignore[missing-attribute]\n", "needs its reason"),
]


@pytest.mark.parametrize(("path", "text", "words"), BREACHES, ids=[row[2] for row in BREACHES])
def test_a_breach_is_caught(laws: ModuleType, path: str, text: str, words: str) -> None:
    found = list(laws.breaches(path, text))
    assert len(found) == 1
    assert words in found[0][1]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("photic/data/read.py", "x = 1\n" * 400),
        ("photic/train/run.py", "import jax\nf = jax.jit(g)\n"),
        ("photic/kernels/recurrent.py", "from jax import lax\nf = lax.scan(g)\n"),
        ("photic/layers/dense.py", "import jax\nscan = document.scan(x)\n"),
        ("photic/errors.py", "class A:\n    def f(self):\n        super().f()\n"),
        ("tests/test_model.py", "from photic.spec import _check\n"),
        ("photic/model.py", "import os  # noqa: F401 - a plugin is found by it\n"),
        ("photic/model.py", "from photic.spec import __doc__\n"),
    ],
)
def test_what_is_right_is_left_alone(laws: ModuleType, path: str, text: str) -> None:
    assert list(laws.breaches(path, text)) == []
