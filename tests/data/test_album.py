"""Many pictures: decoded side by side, kept in a cache, bad ones named."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photic.data import album, picture
from photic.data.album import develop
from photic.data.frame import Frame
from photic.errors import DataError


def files(root):
    return sorted(path.relative_to(root) for path in root.rglob("*.*"))


def test_pictures_are_decoded_in_their_order(photos):
    root = photos()
    found = develop(root, files(root))
    assert found.pixels.shape == (6, 10, 12, 3)
    assert found.pixels[:, 9, 9, 0].tolist() == [40, 41, 42, 140, 141, 142]
    assert found.said == ("All pictures are 12 x 10 pixels, colour.",)


def test_bad_files_are_named_and_left_out(photos):
    root = photos()
    (root / "cat" / "empty.png").write_bytes(b"")
    (root / "cat" / "text.png").write_text("not a picture")
    half = (root / "dog" / "0.png").read_bytes()
    (root / "dog" / "half.png").write_bytes(half[:60])
    paths = [*files(root), Path("gone.png")]
    found = develop(root, paths)
    assert len(found.pixels) == 6
    assert found.said[1] == (
        "Left out, 4 of 10 files: cat/empty.png is empty (0 bytes), cat/text.png holds no picture, "
        "dog/half.png is cut short or damaged, gone.png cannot be opened (no such file or directory)."
    )
    assert [str(paths[place]) for place in found.places] == [
        "cat/0.png", "cat/1.png", "cat/2.png", "dog/0.png", "dog/1.png", "dog/2.png",
    ]  # fmt: skip


def test_nothing_readable_is_refused(photos):
    root = photos(n=0)
    (root / "cat" / "a.png").write_bytes(b"")
    (root / "dog" / "b.png").write_text("words")
    with pytest.raises(
        DataError, match=r"needs at least one picture that can be read, got 2 files: cat/a.png is empty"
    ):
        develop(root, files(root))


def test_a_second_time_nothing_is_decoded_and_a_change_is_seen(photos, monkeypatch):
    root = photos()
    (root / "cat" / "empty.png").write_bytes(b"")
    first = develop(root, files(root))
    decoded = []
    plain = picture.decode
    monkeypatch.setattr(picture, "decode", lambda raw, frame: decoded.append(1) or plain(raw, frame))
    again = develop(root, files(root))
    assert decoded == []
    np.testing.assert_array_equal(again.pixels, first.pixels)
    assert (again.said, again.places.tolist()) == (first.said, first.places.tolist())
    Image.new("RGB", (12, 10), (1, 2, 3)).save(root / "cat" / "0.png")
    assert develop(root, files(root)).pixels[0, 0, 0].tolist() == [1, 2, 3]
    assert len(decoded) == 6


def test_a_damaged_cache_is_decoded_again(photos):
    root = photos()
    develop(root, files(root))
    (kept,) = album.place().glob("*.npz")
    kept.write_bytes(kept.read_bytes()[:100])
    assert len(develop(root, files(root)).pixels) == 6


def test_the_cache_keeps_to_its_size(photos, monkeypatch):
    monkeypatch.setattr(album, "KEPT", 1)
    root = photos()
    develop(root, files(root))
    assert list(album.place().glob("*")) == []


def test_grey_pictures_in_colour_files_are_grey(photos):
    root = photos()
    for path in files(root):
        Image.open(root / path).convert("L").convert("RGB").save(root / path)
    found = develop(root, files(root))
    assert (found.pixels.shape[-1], found.frame.channels) == (1, 1)
    assert found.said == ("All pictures are 12 x 10 pixels, grey.",)


def test_a_frame_that_is_given_is_kept(photos):
    root = photos()
    found = develop(root, files(root), frame=Frame(5, 5, 1))
    assert found.pixels.shape == (6, 5, 5, 1)
    assert found.said == ("In 6 pictures: colour becomes grey, as in the fit.",)
