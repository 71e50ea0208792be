"""How fast this machine multiplies matrices: the ceiling of the shares. NumPy's BLAS; threads by environment."""

from __future__ import annotations

import numpy as np

from bench import data
from bench.peers.serve import Facts, Work, serve


def product(size: int, times: int) -> Work:
    """Products of two square float32 matrices."""
    rng = np.random.default_rng(data.SEED)
    a, b = (rng.standard_normal((size, size), dtype=np.float32) for _ in range(2))
    out = np.empty_like(a)

    def work() -> Facts:
        for _ in range(times):
            np.matmul(a, b, out=out)
        return {}

    return work


if __name__ == "__main__":
    serve({"product": product})
