"""What a figure belongs to: the processor, its cores, how busy it was, and the versions."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

from bench.peers import PEERS

_BUSY = 0.5  # load before a run


def describe() -> dict[str, Any]:
    """The machine in words and numbers; `load` is the system's own average over the last minute."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
        "versions": {
            name: _version(name) for name in dict.fromkeys(name for peer in PEERS.values() for name in peer.packages)
        },
    }


def lines(machine: dict[str, Any]) -> str:
    """The same for people."""
    versions = ", ".join(f"{name} {version or 'not installed'}" for name, version in machine["versions"].items())
    busy = " (others are at work: do not quote these figures)" if machine["load"] > _BUSY else ""
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}\n"
        f"load {machine['load']} before the run{busy}\n"
        f"Python {machine['python']}, {versions}"
    )


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown processor"


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
