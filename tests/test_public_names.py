"""The public names: the lazy table, what type checkers see, and what is really there are one list."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import photic


def _seen_by_type_checkers() -> dict[str, str]:
    tree = ast.parse(Path(photic.__file__).read_text(encoding="utf-8"))
    guard = next(node for node in tree.body if isinstance(node, ast.If))
    imports = [node for node in guard.body if isinstance(node, ast.ImportFrom)]
    assert all(alias.asname == alias.name for node in imports for alias in node.names), "only `x as x` is an export"
    return {alias.name: str(node.module) for node in imports for alias in node.names}


def test_type_checkers_see_the_same_names_in_the_same_files() -> None:
    assert _seen_by_type_checkers() == photic._HOME


@pytest.mark.parametrize("name", photic.__all__)
def test_every_name_is_there_and_is_documented(name: str) -> None:
    value = getattr(photic, name)
    assert value is getattr(importlib.import_module(photic._HOME[name]), name)
    first = (value.__doc__ or "").strip().split("\n\n")[0]
    assert first.endswith((".", ":")), f"photic.{name} needs a docstring that opens with a sentence"
    assert not first.startswith(f"{name}("), f"photic.{name} has only the docstring that dataclasses make"


def test_the_names_are_listed_and_nothing_else_is_found() -> None:
    assert set(photic.__all__) <= set(dir(photic))
    with pytest.raises(AttributeError, match="module 'photic' has no attribute 'fitt'"):
        photic.fitt  # noqa: B018 - looking is the test


def test_importing_photic_imports_nothing_heavy() -> None:
    heavy = ("jax", "numpy", "polars", "sklearn", "rich")
    code = f"import sys, photic; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
