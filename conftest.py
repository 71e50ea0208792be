"""What tests and docstring examples run under: strict promotion, checked shapes, shared compilation, no network."""

from __future__ import annotations

import os
import socket
from typing import Any

import pytest

os.environ.setdefault("JAX_NUMPY_DTYPE_PROMOTION", "strict")
os.environ.setdefault("JAX_NUMPY_RANK_PROMOTION", "raise")


def pytest_configure(config: pytest.Config) -> None:
    """Share compiled programs between the workers and with the next run, and check every annotated shape."""
    cache = config.rootpath / ".pytest_cache" / "compiled"
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(cache))
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.2")
    if "UNCHECKED_SHAPES" in os.environ:
        return
    from jaxtyping import install_import_hook

    # cli has no arrays, and typer hands its commands another Context than it says
    rooms = sorted({path.stem for path in (config.rootpath / "photic").glob("[a-z]*")} - {"cli"})
    install_import_hook([f"photic.{room}" for room in rooms], "beartype.beartype")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def refuse(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            raise AssertionError(f"a test must not use the network, got {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", refuse)
