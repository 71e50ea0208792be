"""Who is measured: one file a peer, run in a process of its own that stays alive and is told what to do by a pipe.

Every peer file ends with the table of works it can do. A work is prepared once (data, network, everything that a user
would do before the loop) and then run as often as it is told to.
"""

from __future__ import annotations

import dataclasses
import importlib.util


@dataclasses.dataclass(frozen=True)
class Peer:
    """A library that can be measured.

    Args:
        title: as it is printed.
        module: the file of its works, run with `python -m`.
        packages: the names pip knows; the first one's version is printed.
        modules: what must be importable.
    """

    title: str
    module: str
    packages: tuple[str, ...]
    modules: tuple[str, ...]

    @property
    def here(self) -> bool:
        """Whether it is installed; nothing of it is imported to find out."""
        return all(importlib.util.find_spec(name) is not None for name in self.modules)


PEERS = {
    "photic": Peer("Photic", "bench.peers.photic_peer", ("photic", "jax"), ("photic", "jax")),
    "torch": Peer("PyTorch", "bench.peers.torch_peer", ("torch",), ("torch",)),
    "skorch": Peer("skorch", "bench.peers.skorch_peer", ("skorch", "torch"), ("skorch", "torch")),
    "keras": Peer("Keras on JAX", "bench.peers.keras_peer", ("keras", "jax"), ("keras", "jax")),
    "sklearn": Peer("scikit-learn", "bench.peers.sklearn_peer", ("scikit-learn",), ("sklearn",)),
    "numpy": Peer("matrix product", "bench.peers.numpy_peer", ("numpy",), ("numpy",)),
}
