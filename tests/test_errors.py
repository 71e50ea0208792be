from __future__ import annotations

import pytest

from photic import errors
from photic.errors import (
    DataError,
    PhoticError,
    PlanError,
    RequestError,
    RunError,
    ShapeError,
    SpecError,
    WorkError,
    nearest,
)


def test_a_message_has_its_five_parts_in_order():
    error = DataError("houses.csv", "needs a header", "an empty file", source="the path", fix="choose another file")
    assert str(error) == "houses.csv: needs a header, got an empty file\nfrom the path; choose another file."


def test_the_parts_can_be_read_one_by_one():
    error = PlanError("loss", "fits the task", "MSE()", source="--loss", fix="leave it out")
    assert (error.where, error.required, error.got, error.source, error.fix) == (
        "loss",
        "fits the task",
        "MSE()",
        "--loss",
        "leave it out",
    )


def test_a_placed_error_keeps_its_class_and_says_where_it_stands():
    error = ShapeError("Dense(3)", "needs rank 2", "rank 3", source="the input", fix="put Flatten() before it")
    outer = error.placed("layers.1", "layers.0 Conv(8)")
    assert type(outer) is ShapeError
    assert str(outer) == "layers.1 Dense(3): needs rank 2, got rank 3\nfrom layers.0 Conv(8); put Flatten() before it."
    assert error.placed("layers.1").source == "the input"


def test_a_wrong_request_ends_with_2_and_failed_work_with_1():
    requests = (RequestError, SpecError, ShapeError, DataError, PlanError, RunError)
    assert {kind.exit_code for kind in requests} == {2}
    assert WorkError.exit_code == 1
    assert not issubclass(WorkError, RequestError)


def test_every_error_is_in_the_tree_of_the_docstring():
    kinds = [thing for thing in vars(errors).values() if isinstance(thing, type) and issubclass(thing, PhoticError)]
    assert len(kinds) >= 8
    for kind in kinds:
        assert kind.__name__ in errors.__doc__


def test_one_except_catches_everything():
    with pytest.raises(PhoticError, match="disk"):
        raise WorkError("runs/1", "needs room", "a full disk", source="the system", fix="free some")


@pytest.mark.parametrize(
    ("word", "known", "advice"),
    [
        ("prize", ["rooms", "price"], "did you mean 'price'? known: 'price', 'rooms'"),
        ("PRICE", ["rooms", "price"], "did you mean 'price'? known: 'price', 'rooms'"),
        ("xyz", ["rooms", "price"], "choose one of 'price', 'rooms'"),
        (
            "xyz",
            [f"c{i:02}" for i in range(13)],
            "choose one of " + ", ".join(f"'c{i:02}'" for i in range(12)) + ", ...",
        ),
    ],
)
def test_an_unknown_name_gets_the_nearest_or_all(word, known, advice):
    assert nearest(word, known) == advice
