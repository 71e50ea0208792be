"""Devices and the compile cache: set up once, before the first array is made.

On a CPU every core becomes a device of its own, so that lanes can be spread over them. Compiled programs are kept in
the user's cache, so that the second run of a structure starts at once. What the user has set already is left alone.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import jax

_MOST_CORES = 8  # each core holds a copy of the table


def set_up() -> None:
    """Make the cores devices and switch the compile cache on; does nothing the second time.

    >>> set_up(); jax.local_device_count() >= 1
    True
    """
    if _setting("jax_compilation_cache_dir") is None:
        jax.config.update("jax_compilation_cache_dir", str(cache() / "compiled"))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.1)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    if _setting("jax_num_cpu_devices") < 0:  # its default: nobody has chosen
        try:
            jax.config.update("jax_num_cpu_devices", min(_cores(), _MOST_CORES))
        except RuntimeError:  # arrays exist already, made by the user: their devices stay
            return


def cache() -> Path:
    """Photic's folder in the user's cache: `$XDG_CACHE_HOME/photic`, or `~/.cache/photic`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "photic"


def _setting(name: str) -> Any:
    return getattr(jax.config, name)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
