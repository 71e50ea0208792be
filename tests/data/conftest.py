"""Folders of small pictures, drawn when a test asks for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def drawn(value: int, size: tuple[int, int] = (12, 10), colour: bool = True) -> Image.Image:
    """A picture `size` (width, height), one plain value with a brighter corner."""
    pixels = np.full((size[1], size[0], 3), value, np.uint8)
    pixels[:2, :2] = 255
    pixels[..., 1] //= 2
    return Image.fromarray(pixels if colour else pixels[..., 0])


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Makes a folder `photos` with a folder of `n` pictures for each class; the cache is the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def make(n: int = 3, classes: tuple[str, ...] = ("cat", "dog"), suffix: str = ".png", **how: object) -> Path:
        root = tmp_path / "photos"
        for code, name in enumerate(classes):
            (root / name).mkdir(parents=True, exist_ok=True)
            for i in range(n):
                drawn(40 + 100 * code + i, **how).save(root / name / f"{i}{suffix}")
        return root

    return make
