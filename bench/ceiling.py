"""The ceiling: how fast this machine multiplies large float32 matrices, on one core and on two."""

from __future__ import annotations

from collections.abc import Sequence

from bench.entrants import Worker
from bench.measure import Entry

_SIZE, _TIMES = 1536, 4
OPERATIONS = 2 * _SIZE**3 * _TIMES
_CORES = {"1 core": "1", "2 cores": "2"}
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def entrants() -> list[Worker]:
    """A matrix product for each number of cores, to be measured beside what is compared with it."""
    work = {"size": _SIZE, "times": _TIMES}
    return [
        Worker(f"matrix product, {cores}", "numpy", "product", work, dict.fromkeys(_THREADS, count))
        for cores, count in _CORES.items()
    ]


def rates(entries: Sequence[Entry]) -> dict[str, float]:
    """Operations a second by cores, from entries among which are those of `entrants`."""
    products = [entry for entry in entries if entry.peer == "numpy" and entry.runs]
    return {entry.title.split(", ")[1]: OPERATIONS / entry.median() for entry in products}


def shares(rate: float, ceiling: dict[str, float]) -> dict[str, str]:
    """A rate as a share of each ceiling.

    >>> shares(30e9, {"1 core": 60e9, "2 cores": 120e9})
    {'of 1 core': '50%', 'of 2 cores': '25%'}
    """
    return {f"of {cores}": f"{rate / most:.0%}" for cores, most in ceiling.items()}
