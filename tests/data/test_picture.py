"""One picture: every odd file becomes bytes or a reason in words."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from photic.data import picture
from photic.data.frame import Frame
from photic.data.picture import UnreadableError, decode, guarded, look
from tests.data.conftest import drawn


def saved(image, form="PNG", **options):
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def bomb(side=60_000):
    """A PNG of a few bytes that promises billions of pixels."""
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunk = lambda name, data: struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
def test_every_form_is_read(form):
    pixels, _ = decode(saved(drawn(100), form), Frame(10, 12, 3))
    assert pixels.shape == (10, 12, 3)
    assert abs(int(pixels[7, 7, 0]) - 100) < 6
    assert abs(int(pixels[7, 7, 1]) - 50) < 6


def test_grey_and_colour_are_told_apart():
    assert look(saved(drawn(9, colour=False))) == picture.Header(10, 12, False)
    assert look(saved(drawn(9))).colour


def test_colour_becomes_grey_in_a_grey_frame_and_grey_becomes_colour_in_a_colour_frame():
    pixels, notes = decode(saved(drawn(100)), Frame(10, 12, 1))
    assert (pixels.shape, notes) == ((10, 12, 1), ("greyed",))
    pixels, notes = decode(saved(drawn(100, colour=False)), Frame(10, 12, 3))
    assert (pixels[9, 9].tolist(), notes) == ([100, 100, 100], ())


def test_the_camera_s_turn_is_undone():
    exif = Image.Exif()
    exif[0x0112] = 6  # the top is on the right
    raw = saved(drawn(10), "JPEG", exif=exif, quality=95)
    assert look(raw)[:2] if isinstance(look(raw), tuple) else (look(raw).height, look(raw).width) == (12, 10)
    pixels, notes = decode(raw, Frame(12, 10, 3))
    assert notes == ("turned",)
    assert pixels[0, -1, 0] > 200  # the bright corner went from upper left to upper right
    assert pixels[0, 0, 0] < 60


def test_sixteen_bits_become_eight():
    values = np.full((10, 12), 0x4000, np.uint16)
    pixels, notes = decode(saved(Image.fromarray(values)), Frame(10, 12, 1))
    assert (int(pixels[0, 0, 0]), notes) == (0x40, ("16 bits",))


def test_printing_colours_become_red_green_and_blue():
    pixels, notes = decode(saved(Image.new("CMYK", (12, 10), (0, 255, 255, 0)), "JPEG", quality=95), Frame(10, 12, 3))
    assert notes == ("CMYK",)
    assert pixels[5, 5, 0] > 200
    assert pixels[5, 5, 1] < 60


def test_of_moving_pictures_the_first_is_taken():
    raw = saved(drawn(200), "GIF", save_all=True, append_images=[drawn(20), drawn(30)])
    pixels, notes = decode(raw, Frame(10, 12, 3))
    assert notes == ("animated",)
    assert pixels[5, 5, 0] > 150


def test_what_is_transparent_becomes_white():
    image = drawn(0).convert("RGBA")
    image.putalpha(0)
    pixels, notes = decode(saved(image), Frame(10, 12, 3))
    assert notes == ("transparent",)
    assert pixels.min() == 255


def test_another_size_is_covered_and_cut():
    left_half_white = np.zeros((20, 40), np.uint8)
    left_half_white[:, :20] = 255
    pixels, _ = decode(saved(Image.fromarray(left_half_white)), Frame(10, 10, 1))
    assert pixels[5, 1, 0] > 250  # the middle square of the picture, scaled by a half
    assert pixels[5, 8, 0] < 5


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "is empty"),
        (b"I am a text, not a picture.", "holds no picture"),
        (saved(Image.new("L", (1, 1))), "is a single pixel"),
        (bomb(), "promises more than 100,000,000 pixels"),
        (bomb(11_000), "promises more than 100,000,000 pixels"),
    ],
)
def test_what_cannot_be_read_is_said(raw, words):
    with guarded(), pytest.raises(UnreadableError, match=words):
        look(raw)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_picture_that_is_cut_short_is_said(form):
    noisy = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8))
    raw = saved(noisy, form)
    with pytest.raises(UnreadableError, match=r"is cut short or damaged|holds no picture"):
        decode(raw[: len(raw) // 2], Frame(64, 64, 3))
