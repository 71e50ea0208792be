"""Disks and folders that refuse, as the kernel itself refuses."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest


@contextmanager
def _full_disk(size: int) -> Iterator[None]:
    """Within this block the kernel itself refuses files beyond `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def _no_rights(folder: Path) -> Iterator[None]:
    """Within this block the process may not write to `folder`, even when the tests run as root."""
    folder.chmod(0o500)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)
        folder.chmod(0o700)


@pytest.fixture
def full_disk() -> Callable[[int], AbstractContextManager[None]]:
    return _full_disk


@pytest.fixture
def no_rights() -> Callable[[Path], AbstractContextManager[None]]:
    return _no_rights
