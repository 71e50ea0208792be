"""Pictures packed in one file: NumPy's archives and IDX."""

import gzip
import struct

import numpy as np
import pytest

from photic.data.packed import open_packed, read_idx
from photic.errors import DataError

X = np.arange(2 * 5 * 4, dtype=np.uint8).reshape(2, 5, 4)


def idx(array):
    kind = {"uint8": 8, "int32": 0x0C, "float32": 0x0D}[array.dtype.name]
    return (
        struct.pack(f">BBBB{array.ndim}I", 0, 0, kind, array.ndim, *array.shape)
        + array.astype(array.dtype.newbyteorder(">")).tobytes()
    )


@pytest.mark.parametrize("dtype", ["uint8", "int32", "float32"])
def test_idx_is_read_in_every_type(dtype):
    np.testing.assert_array_equal(read_idx(idx(X.astype(dtype)), "a test"), X)


def test_idx_finds_its_labels_and_its_test_part(tmp_path):
    for part, n in (("train", 2), ("t10k", 1)):
        (tmp_path / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(X[:n])))
        (tmp_path / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.array([3, 7], np.uint8)[:n])))
    found = open_packed(tmp_path / "train-images-idx3-ubyte.gz")
    assert (found.labels.tolist(), found.test.tolist()) == ([3, 7, 3], [False, False, True])
    assert found.pictures.shape == (3, 5, 4)
    alone = open_packed(tmp_path / "t10k-images-idx3-ubyte.gz")
    assert (len(alone.pictures), alone.test) == (1, None)


def test_archives_by_usual_names(tmp_path):
    np.savez(tmp_path / "a.npz", images=X, labels=np.array([0, 1]))
    found = open_packed(tmp_path / "a.npz")
    assert (found.labels.tolist(), found.test) == ([0, 1], None)
    np.savez(tmp_path / "b.npz", x_train=X, y_train=np.array([0, 1]), x_test=X[:1], y_test=np.array([5]))
    found = open_packed(tmp_path / "b.npz")
    assert (found.labels.tolist(), found.test.tolist()) == ([0, 1, 5], [False, False, True])


@pytest.mark.parametrize(
    ("name", "write", "words"),
    [
        ("a.npz", lambda path: path.write_text("words"), "needs an .npz archive of plain arrays"),
        ("a.npz", lambda path: np.savez(path, x=np.array([{}])), "got something else, or arrays of Python objects"),
        ("a.npz", lambda path: np.savez(path, q=X), r"needs arrays called x and y .*, got q \[2, 5, 4\]"),
        (
            "a.npz",
            lambda path: np.savez(path, x=X, y=np.zeros(5)),
            "needs a label for each picture, got 5 labels for 2 pictures",
        ),
        ("t-images-idx3-ubyte", lambda path: path.write_bytes(idx(X)[:-3]), "needs an IDX file, whole"),
        ("t-images-idx3-ubyte", lambda path: path.write_bytes(b""), "needs an IDX file, whole"),
        (
            "t-images-idx3-ubyte.gz",
            lambda path: path.write_bytes(gzip.compress(idx(X))[:20]),
            "needs an IDX file, whole",
        ),
        ("t-labels-idx1-ubyte", lambda path: path.write_bytes(idx(X)), "needs the file of pictures, got labels"),
        ("gone.npz", lambda _: None, "needs an .npz archive"),
        ("gone-images-idx3-ubyte", lambda _: None, "needs a file that can be read, got no such file"),
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path, name, write, words):
    write(tmp_path / name)
    with pytest.raises(DataError, match=words):
        open_packed(tmp_path / name)
