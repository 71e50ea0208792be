"""Pictures as a Dataset, from everything that people keep them in."""

import numpy as np
import polars as pl
import pytest
from PIL import Image

from photic.data import catalogue, images, sources
from photic.data.frame import Frame
from photic.data.read import read, read_for
from photic.data.split import split
from photic.errors import DataError

X = np.random.default_rng(0).integers(0, 255, (12, 6, 5), dtype=np.uint8)
Y = np.arange(12) % 3


def test_a_folder(photos):
    root = photos()
    data = read(root)
    assert (data.kind, data.numbers.shape, data.numbers.dtype) == ("images", (6, 10, 12, 3), np.uint8)
    assert (data.task.kind, data.task.target, data.task.classes) == ("binary", "class", ("cat", "dog"))
    assert data.y.tolist() == [0, 0, 0, 1, 1, 1]
    assert data.names[3] == "dog/0.png"
    assert [column.name for column in data.columns] == ["red", "green", "blue"]
    assert data.form == Frame(10, 12, 3)
    assert data.take(np.array([4])).names.tolist() == ["dog/1.png"]
    assert read(str(root)).fingerprint == data.fingerprint != read(root, size=8).fingerprint


def test_a_class_without_a_readable_picture_is_refused(photos):
    root = photos()
    (root / "fish").mkdir()
    (root / "fish" / "x.png").write_bytes(b"")
    with pytest.raises(
        DataError, match=r"class 'fish': needs a picture that can be read, got none\n.*; repair its files"
    ):
        read(root)


def test_a_folder_is_no_regression(photos):
    with pytest.raises(DataError, match="needs numbers for a regression, got a folder for each class"):
        read(photos(), task="regression")


def test_a_table_of_paths(photos):
    root = photos()
    paths = sorted(str(path.relative_to(root)) for path in root.rglob("*.png"))
    table = pl.DataFrame(
        {"file": [*paths, "gone.png"], "age": [1.5, 2.5, 3.25, 4.5, 5.5, 6.75, 7.5], "note": list("abcdefg")}
    )
    table.write_csv(root / "ages.csv")
    data = read(root / "ages.csv", "age")
    assert (data.kind, data.task.kind) == ("images", "regression")
    assert data.y.tolist() == [1.5, 2.5, 3.25, 4.5, 5.5, 6.75]
    assert [left.name for left in data.left_out] == ["note"]
    assert "Left out, 1 of 7 files: gone.png cannot be opened (no such file or directory)." in data.said


def test_arrays_keep_their_bytes():
    data = read(X, Y)
    assert data.numbers.shape == (12, 6, 5, 1)
    assert np.shares_memory(data.numbers, X)
    assert data.task.classes == ("0", "1", "2")
    assert read(X, Y * 1.5, task="regression").task.kind == "regression"
    assert read(X, Y, groups=Y).groups.tolist() == Y.tolist()
    assert read(X, Y, size=8).numbers.shape == (12, 8, 8, 1)


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (X[..., None].astype(float), r"needs bytes \(uint8\) from 0 to 255, got values of type float64"),
        (X.reshape(12, 3, 5, 2), r"of 1 or 3 channels, got shape \[12, 3, 5, 2\]"),
        (X[:, :0], "of 1 or 3 channels"),
    ],
)
def test_arrays_that_are_no_pictures_are_refused(x, words):
    with pytest.raises(DataError, match=words):
        read(x, Y)


def test_arrays_need_labels():
    with pytest.raises(DataError, match="needs labels of the pictures, got none"):
        read(X)


def test_a_packed_file_with_a_test_part_of_its_own(tmp_path):
    np.savez(tmp_path / "a.npz", x_train=X, y_train=Y, x_test=X[:3], y_test=Y[:3])
    data = read(tmp_path / "a.npz")
    parts = split(data, folds=0)
    assert parts.final.score.tolist() == [12, 13, 14]
    assert "the 3 rows that the set was published with" in parts.why
    assert len(split(data, folds=0, test=0).final.score) == 0


def test_a_set_by_name(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    data = read("digits-images")
    assert (data.numbers.shape, data.numbers.max(), data.task.target) == ((1797, 8, 8, 1), 255, "digit")
    as_table = read("digits")
    assert data.y.tolist() == as_table.y.tolist()
    pixel = [column.name for column in as_table.number_columns].index("pixel_3_4")
    np.testing.assert_array_equal(data.numbers[:, 3, 4, 0], np.rint(as_table.numbers[:, pixel] * 255 / 16))


def test_a_set_of_the_system_says_how_to_get_it(monkeypatch):
    known = catalogue.Known(
        "clothes", "", 1, "kind", "MIT", "debian:dataset-clothes", "/nowhere/train-images-idx3-ubyte.gz", kind="images"
    )
    monkeypatch.setitem(catalogue.KNOWN, "clothes", known)
    with pytest.raises(
        sources.WorkError, match=r"needs the package dataset-clothes, got a system without it\n.*; type: apt-get"
    ):
        read("clothes")


class TestForPrediction:
    def test_pictures_are_brought_to_the_frame(self, photos):
        root = photos()
        data = read_for(root, (), Frame(8, 8, 1))
        assert (data.numbers.shape, data.task) == ((6, 8, 8, 1), None)
        assert data.names[0] == "cat/0.png"
        assert read_for(root / "cat" / "0.png", (), Frame(8, 8, 1)).n == 1

    def test_arrays_files_and_tables(self, photos, tmp_path):
        assert read_for(X, (), Frame(6, 5, 1)).numbers.shape == (12, 6, 5, 1)
        assert read_for(X, (), Frame(4, 4, 1)).numbers.shape == (12, 4, 4, 1)
        np.savez(tmp_path / "a.npz", x=X)
        assert read_for(tmp_path / "a.npz", (), Frame(6, 5, 1)).n == 12
        root = photos()
        pl.DataFrame({"p": ["cat/0.png"]}).write_csv(root / "new.csv")
        assert read_for(root / "new.csv", (), Frame(6, 5, 1)).names.tolist() == ["cat/0.png"]

    def test_a_table_without_paths_is_refused(self):
        with pytest.raises(DataError, match="needs a column of paths of pictures, got none"):
            read_for({"a": [1, 2]}, (), Frame(6, 5, 1))


def test_paths_are_found_by_their_endings():
    assert images.path_column(images.Table.of("t", "t", {"a": np.array(["x.txt"]), "b": np.array(["x.jpg"])})) == "b"
    assert images.path_column(images.Table.of("t", "t", {"a": np.array([1.0])})) is None


def test_a_tall_colour_picture_goes_in_whole(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    Image.new("RGB", (30, 60), (9, 90, 200)).save(tmp_path / "a.webp", lossless=True)
    data = read_for(tmp_path / "a.webp", (), Frame(16, 8, 3))
    assert data.numbers[0, 8, 4].tolist() == [9, 90, 200]
