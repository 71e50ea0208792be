"""A folder with a folder of pictures for each class."""

import shutil

import pytest

from photic.data.gallery import gallery, pictures
from photic.errors import DataError


def test_the_class_is_the_folder_and_deeper_folders_belong_to_it(photos):
    root = photos(2)
    (root / "dog" / "summer").mkdir()
    shutil.copy(root / "dog" / "0.png", root / "dog" / "summer" / "x.PNG")
    found = gallery(root)
    assert found.labels == ("cat", "cat", "dog", "dog", "dog")
    assert str(found.paths[-1]) == "dog/summer/x.PNG"
    assert (found.test, found.said) == ((), ())


def test_parts_that_were_published_are_seen(photos):
    root = photos(2)
    for part in ("train", "test"):
        shutil.copytree(root, root.parent / "parts" / part)
    found = gallery(root.parent / "parts")
    assert set(found.labels) == {"cat", "dog"}
    assert sum(found.test) == 4


def test_one_class_is_refused(photos):
    with pytest.raises(
        DataError, match=r"needs a folder for each of at least two classes, got one, 'cat'\nfrom the folder; make a"
    ):
        gallery(photos(classes=("cat",)))


def test_pictures_without_classes_are_refused(photos):
    with pytest.raises(DataError, match="at least two classes, got 3 pictures in no class's folder"):
        gallery(photos() / "cat")


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(DataError, match="got an empty folder"):
        gallery(tmp_path)
    with pytest.raises(
        DataError, match=r"needs pictures, got an empty folder\nfrom the folder; give a folder with pictures"
    ):
        pictures(tmp_path)


def test_an_empty_class_is_refused(photos):
    root = photos()
    (root / "bird").mkdir()
    (root / "bird" / "notes.txt").write_text("none yet")
    with pytest.raises(
        DataError, match=r"bird: needs at least one picture, got none\nfrom the class 'bird'; put pictures"
    ):
        gallery(root)


def test_links_out_of_the_folder_are_not_followed(photos, tmp_path):
    root = photos()
    (tmp_path / "secret.png").write_bytes((root / "cat" / "0.png").read_bytes())
    (root / "cat" / "link.png").symlink_to(tmp_path / "secret.png")
    (root / "outside").symlink_to(tmp_path)
    (root / "dog" / "inside.png").symlink_to(root / "dog" / "0.png")
    found = gallery(root)
    assert found.said == ("Links that lead out of the folder are not followed: cat/link.png, outside.",)
    assert (found.labels.count("cat"), found.labels.count("dog")) == (3, 4)


def test_loose_pictures_and_hidden_files_are_passed_over(photos):
    root = photos()
    shutil.copy(root / "cat" / "0.png", root / "loose.png")
    shutil.copy(root / "cat" / "0.png", root / "cat" / ".hidden.png")
    (root / ".cache").mkdir()
    found = gallery(root)
    assert len(found.paths) == 6
    assert found.said == ("Pictures in no class's folder are left out: loose.png.",)


def test_for_prediction_folders_do_not_matter(photos):
    root = photos()
    assert len(pictures(root)[1]) == 6
    assert [str(path) for path in pictures(root / "cat" / "1.png")[1]] == ["1.png"]
