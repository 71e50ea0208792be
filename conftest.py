"""What tests and docstring examples run under: strict promotion, checked shapes, shared compilation, no network."""

from __future__ import annotations

import os
import socket
import sys
import types
from typing import Any

import beartype
import pytest
from jaxtyping import install_import_hook

os.environ.setdefault("JAX_NUMPY_DTYPE_PROMOTION", "strict")
os.environ.setdefault("JAX_NUMPY_RANK_PROMOTION", "raise")


def pytest_configure(config: pytest.Config) -> None:
    """Share compiled programs between the workers and with the next run, and check every annotated shape."""
    cache = config.rootpath / ".pytest_cache" / "compiled"
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(cache))
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.1")
    # cli has no arrays, and typer hands its commands another Context than it says; estimators take any hyperparameter
    # and look at it in fit, as scikit-learn wants it
    left_out = {"cli", "estimators"}
    rooms = sorted({path.stem for path in (config.rootpath / "photic").glob("[a-z]*")} - left_out)
    install_import_hook([f"photic.{room}" for room in rooms], f"{_checker()}.check")


def _checker() -> str:
    """A module whose `check` is beartype as every type checker sees numbers: an int will do for a float."""
    module = types.ModuleType("photic_shape_checker")
    vars(module)["check"] = beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))
    sys.modules[module.__name__] = module
    return module.__name__


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def refuse(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            raise AssertionError(f"a test must not use the network, got {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", refuse)
