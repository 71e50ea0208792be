"""A picture: one image file decoded into bytes, by Pillow. What is odd about it is turned into words, never a crash."""

from __future__ import annotations

import dataclasses
import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageOps

from photic.data.frame import Frame

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"})
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
#: A file of some kilobytes can promise billions of pixels; no photograph has more than this.
MOST_PIXELS = 100_000_000
_TROUBLE = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error, MemoryError)

#: What is done to a picture besides its size, by the mark that `decode` gives.
NOTES = {
    "animated": "of moving pictures the first one is taken",
    "turned": "turned as the camera says (EXIF)",
    "16 bits": "16 bits a number become 8",
    "CMYK": "printing colours (CMYK) become red, green and blue",
    "transparent": "what is transparent becomes white",
    "greyed": "colour becomes grey, as in the fit",
}


class UnreadableError(Exception):
    """A picture that cannot be used; its text says why, in words that follow the file's name."""


@dataclasses.dataclass(frozen=True)
class Header:
    """What the beginning of a file says: its upright size, and whether it may hold colour."""

    height: int
    width: int
    colour: bool


@contextmanager
def guarded() -> Iterator[None]:
    """While this lasts a decompression bomb is an error for every thread, not a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def look(raw: bytes) -> Header:
    """The header of a file, without decoding the rest.

    Raises:
        UnreadableError: when there is no picture in it, or one that must not be opened.

    >>> look(encode(np.zeros((5, 7, 1), np.uint8)))
    Header(height=5, width=7, colour=False)
    """
    with _opened(raw) as image:
        try:
            turned = image.getexif().get(0x0112, 1) in (5, 6, 7, 8)
        except _TROUBLE:
            raise UnreadableError("is cut short or damaged") from None
        width, height = image.size[::-1] if turned else image.size
        return Header(height, width, image.mode not in ("1", "L", "LA", "I", "I;16", "I;16L", "I;16B", "F"))


def decode(raw: bytes, frame: Frame) -> tuple[UInt8[np.ndarray, "h w c"], tuple[str, ...]]:
    """The picture in a frame, and marks of what was done to it (keys of `NOTES`).

    Raises:
        UnreadableError: when it is cut short or damaged.

    >>> picture, notes = decode(encode(np.full((4, 4, 3), 200, np.uint8)), Frame(8, 8, 1))
    >>> picture.shape, int(picture[0, 0, 0]), notes
    ((8, 8, 1), 200, ('greyed',))
    """
    notes: list[str] = []
    with _opened(raw) as image:
        try:
            if getattr(image, "n_frames", 1) > 1:
                notes.append("animated")
                image.seek(0)
            image.load()
            upright = ImageOps.exif_transpose(image)
            if image.getexif().get(0x0112, 1) not in (0, 1):
                notes.append("turned")
            plain = _plain(upright, notes)
        except _TROUBLE:
            raise UnreadableError("is cut short or damaged") from None
    if frame.channels == 1 and plain.mode == "RGB":
        plain = plain.convert("L")
        notes.append("greyed")
    elif frame.channels == 3:
        plain = plain.convert("RGB")
    if plain.size != (frame.width, frame.height):
        plain = ImageOps.fit(plain, (frame.width, frame.height), Image.Resampling.BILINEAR)
    return np.asarray(plain, np.uint8).reshape(frame.shape), tuple(notes)


def encode(pixels: UInt8[np.ndarray, "h w c"]) -> bytes:
    r"""The picture as a PNG file.

    >>> encode(np.zeros((2, 2, 3), np.uint8))[:4]
    b'\x89PNG'
    """
    out = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(out, "PNG")
    return out.getvalue()


@contextmanager
def _opened(raw: bytes) -> Iterator[Image.Image]:
    if not raw:
        raise UnreadableError("is empty (0 bytes)")
    try:
        image = Image.open(io.BytesIO(raw), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnreadableError(f"promises more than {MOST_PIXELS:,} pixels") from None
    except _TROUBLE:
        raise UnreadableError("holds no picture") from None
    with image:
        width, height = image.size
        if width * height > MOST_PIXELS:
            raise UnreadableError(f"promises more than {MOST_PIXELS:,} pixels")
        if width * height <= 1:
            raise UnreadableError("is a single pixel")
        yield image


def _plain(image: Image.Image, notes: list[str]) -> Image.Image:
    """The picture as grey ("L") or colour ("RGB") bytes."""
    if image.mode.startswith("I") or image.mode == "F":
        notes.append("16 bits")
        values = np.asarray(image, np.float64)
        return Image.fromarray(np.clip(values / 256 if image.mode != "F" else values, 0, 255).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        return _on_white(image, notes)
    if image.mode == "CMYK":
        notes.append("CMYK")
    return image.convert("L") if image.mode in ("1", "L") else image.convert("RGB")


def _on_white(image: Image.Image, notes: list[str]) -> Image.Image:
    layers = image.convert("RGBA")
    if np.asarray(layers.getchannel("A")).min() < 255:
        notes.append("transparent")
    white = Image.new("RGBA", layers.size, "white")
    flat = Image.alpha_composite(white, layers).convert("RGB")
    return flat.convert("L") if image.mode in ("LA", "La") else flat
