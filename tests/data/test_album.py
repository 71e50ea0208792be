"""Many pictures: decoded side by side, kept in a cache, bad ones named."""

import errno
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photic.data import maps, picture, shelf
from photic.data.album import develop
from photic.data.frame import Frame
from photic.errors import DataError, WorkError


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
    (kept,) = shelf.place().glob("*.npz")
    kept.write_bytes(kept.read_bytes()[:100])
    assert len(develop(root, files(root)).pixels) == 6


def test_the_cache_keeps_to_its_size(photos, monkeypatch):
    monkeypatch.setattr(shelf, "KEPT", 1)
    root = photos()
    develop(root, files(root))
    (first,) = shelf.place().glob("*")
    develop(root, files(root)[1:])
    (second,) = shelf.place().glob("*")  # the newest alone stays, however large it is
    assert first != second


def test_pictures_that_memory_does_not_hold_lie_in_a_file_and_are_the_same(photos, monkeypatch):
    root = photos()
    (root / "cat" / "empty.png").write_bytes(b"")
    half = (root / "dog" / "0.png").read_bytes()
    (root / "dog" / "half.png").write_bytes(half[: len(half) // 2])
    monkeypatch.setattr(maps, "PIECE", 1000)  # two pictures a piece
    held, mapped = develop(root, files(root)), develop(root, files(root), memory=1000)
    assert maps.is_mapped(mapped.pixels)
    assert not maps.is_mapped(held.pixels)
    monkeypatch.setattr(picture, "decode", lambda raw, frame: pytest.fail("decoded again"))
    again = develop(root, files(root), memory=1000)
    for other in (mapped, again):
        np.testing.assert_array_equal(other.pixels, held.pixels)
        assert (other.said, other.places.tolist(), other.frame) == (held.said, held.places.tolist(), held.frame)


@pytest.mark.parametrize("end", [".pixels", ".json"])
def test_a_map_that_was_cut_short_is_made_again(photos, end):
    root = photos()
    whole = np.array(develop(root, files(root), memory=1000).pixels)
    (kept,) = shelf.place().glob(f"*{end}")
    kept.write_bytes(kept.read_bytes()[:-1])
    np.testing.assert_array_equal(develop(root, files(root), memory=1000).pixels, whole)


def test_a_full_disk_is_said_and_leaves_nothing_half(photos, monkeypatch):
    root = photos()

    def full(self, pixels):
        maps.guarded(self.folder, lambda: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left on device")))

    monkeypatch.setattr(shelf.Writer, "put", full)
    with pytest.raises(WorkError, match=r"needs room on the disk for rows that memory does not hold, got no space"):
        develop(root, files(root), memory=1000)
    assert list(shelf.place().iterdir()) == []


def test_grey_pictures_in_colour_files_are_grey_in_a_file_too(photos):
    root = photos()
    for path in files(root):
        Image.open(root / path).convert("L").convert("RGB").save(root / path)
    held, mapped = develop(root, files(root)), develop(root, files(root), memory=1000)
    assert maps.is_mapped(mapped.pixels)
    np.testing.assert_array_equal(mapped.pixels, held.pixels)
    assert mapped.frame.channels == 1


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
