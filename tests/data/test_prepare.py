"""Preparation: numbers by hand, names, what was never met, and that only training rows teach."""

from __future__ import annotations

import datetime as dt
import json
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photic.data import toy
from photic.data.dataset import Column, Dataset
from photic.data.encoding import MOST, BooleanEncoding, CategoryEncoding, DateEncoding, NumberEncoding
from photic.data.prepare import SAMPLE, Preparation
from photic.data.task import Task
from photic.errors import DataError, RunError

DAY = 86_400.0


def table(numbers=None, codes=None, columns=(), **roles) -> Dataset:
    numbers = np.empty((len(codes), 0)) if numbers is None else np.asarray(numbers, dtype=float)
    codes = None if codes is None else np.asarray(codes, dtype=np.int32)
    return Dataset.of("a table", "a test", columns, numbers, codes, **roles)


def numbers(*columns, **roles) -> Dataset:
    names = [Column(f"x{i}", "number") for i in range(len(columns))]
    return table(np.stack([np.asarray(column, dtype=float) for column in columns], axis=1), columns=names, **roles)


def pictures(images: np.ndarray) -> Dataset:
    dataset = Dataset.of("images", "a test", (), np.empty((len(images), 0)))
    object.__setattr__(dataset, "numbers", images)  # Dataset's own annotation knows tables only
    return dataset


def prepared(dataset: Dataset, train=None) -> tuple[Preparation, np.ndarray]:
    preparation = Preparation.fit(dataset, np.arange(dataset.n) if train is None else np.asarray(train))
    return preparation, preparation.transform(dataset)


@pytest.fixture
def mixed() -> Dataset:
    """Six rows with every kind of column and every kind of hole."""
    columns = (
        Column("island", "category", ("Biscoe", "Dream", "Atlantis")),
        Column("mass", "number"),
        Column("smoker", "boolean", ("no", "yes")),
        Column("day", "date"),
    )
    mass = [1.0, 2.0, 3.0, 4.0, 5.0, np.nan]
    day = np.array([0.0, 1, 2, 3, 4, np.nan]) * DAY
    codes = [[0, 0], [0, 1], [1, 0], [1, 1], [2, -1], [-1, 1]]
    return table(np.stack([mass, day], axis=1), codes, columns, task=Task("regression", "y"), y=np.arange(6.0))


class TestNumbers:
    def test_by_hand(self):
        _, x = prepared(numbers([0.0, 1, 2, 3, 100]))  # median 2, quartiles 1 and 3
        z = (np.array([0.0, 1, 2, 3, 100]) - 2) / 2
        np.testing.assert_allclose(x[:, 0], z / np.sqrt(1 + (z / 3) ** 2), rtol=1e-6)  # float32
        assert x[4, 0] < 3

    @pytest.mark.parametrize(
        ("values", "scale"),
        [([0, 1, 2, 3, 4], 2.0), ([0, 0, 0, 0, 0, 0, 0, 10], 5.0), ([7, 7, 7], 1.0)],
        ids=["interquartile range", "half the range", "constant"],
    )
    def test_scale_and_its_fallbacks(self, values, scale):
        assert prepared(numbers(values))[0].encodings[0].scale == scale

    def test_missing_becomes_the_median_and_is_told(self):
        preparation, x = prepared(numbers([1.0, 2, 3, np.nan]))
        assert preparation.features == ("x0", "x0 missing")
        assert x[3].tolist() == [0.0, 1.0]
        assert x[1].tolist() == [0.0, 0.0]

    def test_no_column_for_missing_that_training_never_saw(self):
        preparation, x = prepared(numbers([1.0, 2, 3, np.nan]), [0, 1, 2])
        assert preparation.features == ("x0",)
        assert x[3, 0] == 0.0

    def test_infinities_count_as_missing(self):
        preparation, x = prepared(numbers([1.0, 2, 3, np.inf, -np.inf]), [0, 1, 2, 3])
        assert preparation.encodings[0].center == 2.0
        assert x[3:].tolist() == [[0.0, 1.0], [0.0, 1.0]]

    def test_a_column_without_any_number(self):
        _, x = prepared(numbers([np.nan] * 3, [1.0, 2, 3]))
        assert x[:, :2].tolist() == [[0.0, 1.0]] * 3

    def test_large_tables_learn_from_a_sample(self):
        draw = np.random.default_rng(0)
        dataset = numbers(draw.normal(50, 10, 3 * SAMPLE))
        encoding = Preparation.fit(dataset, np.arange(dataset.n)).encodings[0]
        assert encoding.center == pytest.approx(50, abs=0.2)  # sd of a median of 100,000: 0.04
        assert encoding.scale == pytest.approx(13.49, abs=0.3)


class TestDates:
    def test_circles_only_for_what_varies(self):
        monday = np.datetime64("2024-01-01").astype("datetime64[s]").astype(float)
        encoding = DateEncoding.fit("day", monday + np.arange(7) * DAY)
        assert encoding.features == ("day elapsed", "day weekday sin", "day weekday cos")
        out = np.zeros((7, 3), np.float32)
        encoding.writer(Column("day", "date"))(monday + np.arange(7) * DAY, out)
        np.testing.assert_allclose(out[:, 1], np.sin(2 * np.pi * np.arange(7) / 7), atol=1e-6)

    def test_month_and_hour_against_python_dates(self):
        moments = [
            dt.datetime(y, m, 5, h, tzinfo=dt.UTC)
            for y, m, h in [(1955, 12, 3), (1999, 1, 0), (2024, 7, 12), (2024, 7, 18)]
        ]
        values = np.array([moment.timestamp() for moment in moments])
        encoding = DateEncoding.fit("at", values)
        out = np.zeros((4, len(encoding.features)), np.float32)
        encoding.writer(Column("at", "date"))(values, out)
        for part, turn in {
            "month": [(moment.month - 1) / 12 for moment in moments],
            "weekday": [moment.weekday() / 7 for moment in moments],
            "hour": [moment.hour / 24 for moment in moments],
        }.items():
            place = encoding.features.index(f"at {part} cos")
            np.testing.assert_allclose(out[:, place], np.cos(2 * np.pi * np.array(turn)), atol=1e-6, err_msg=part)

    def test_missing_dates_are_zero_and_told(self):
        encoding = DateEncoding.fit("day", np.array([0.0, DAY, np.nan]))
        out = np.ones((1, len(encoding.features)), np.float32)
        encoding.writer(Column("day", "date"))(np.array([np.nan]), out)
        assert out[0].tolist() == [0.0, 0.0, 0.0, 1.0]


class TestCategories:
    def test_booleans(self):
        out = np.ones((4, 1), np.float32)
        encoding = BooleanEncoding("smoker", ("no", "yes"))
        encoding.writer(Column("smoker", "boolean", ("no", "yes")))(np.array([0, 1, -1, 2]), out)
        assert out[:, 0].tolist() == [-1.0, 1.0, 0.0, 0.0]

    def test_rare_unknown_and_missing(self, mixed):
        preparation, x = prepared(mixed)
        assert preparation.features[:4] == ("island=Biscoe", "island=Dream", "island=rare or unknown", "island missing")
        assert x[:, :4].tolist() == [[1, 0, 0, 0]] * 2 + [[0, 1, 0, 0]] * 2 + [[0, 0, 1, 0], [0, 0, 0, 1]]

    def test_levels_are_found_by_name_whatever_their_codes(self):
        encoding = CategoryEncoding("island", ("Biscoe", "Dream"), rare=True, missing=False)
        out = np.zeros((4, 3), np.float32)
        encoding.writer(Column("island", "category", ("Dream", "Mars", "Biscoe")))(np.array([0, 1, 2, 3]), out)
        assert out.argmax(1).tolist() == [1, 2, 0, 2]

    def test_what_training_never_taught_is_none_of_the_known(self):
        encoding = CategoryEncoding("island", ("Biscoe", "Dream"), rare=False, missing=False)
        out = np.ones((2, 2), np.float32)
        encoding.writer(Column("island", "category", ("Biscoe", "Dream")))(np.array([-1, 2]), out)
        assert not out.any()

    @pytest.mark.parametrize(("rows", "least"), [(100, 2), (1000, 5), (100_000, 20)])
    def test_how_many_rows_keep_a_level(self, rows, least):
        column = Column("c", "category", ("most", "enough", "too few"))
        codes = np.zeros(rows, np.int32)
        codes[:least], codes[least : 2 * least - 1] = 1, 2
        assert CategoryEncoding.fit(column, codes).levels == ("most", "enough")

    def test_the_most_frequent_levels_are_kept(self):
        column = Column("c", "category", tuple(f"level {i}" for i in range(100)))
        codes = np.repeat(np.arange(100), np.arange(100) + 10)
        encoding = CategoryEncoding.fit(column, codes)
        assert len(encoding.features) == MOST
        assert encoding.levels == tuple(f"level {i}" for i in range(37, 100))


class TestPreparation:
    def test_names_are_as_many_as_columns(self, mixed):
        preparation, x = prepared(mixed)
        assert preparation.features[4:] == (
            "mass",
            "mass missing",
            "smoker",
            "day elapsed",
            "day weekday sin",
            "day weekday cos",
            "day missing",
        )
        assert x.shape == (6, preparation.width) == (6, len(preparation.features))
        assert x.dtype == np.float32

    def test_other_rows_teach_nothing(self, mixed):
        changed = np.array(mixed.numbers)
        changed[4:] = [[1e9, np.inf], [-1e9, 0.0]]
        other = table(changed, mixed.codes, mixed.columns, task=mixed.task, y=np.array([0.0, 1, 2, 3, 1e6, -1e6]))
        assert Preparation.fit(mixed, np.arange(4)) == Preparation.fit(other, np.arange(4))

    def test_rows_are_the_rows_of_the_whole(self, mixed):
        preparation, x = prepared(mixed)
        rows = np.array([5, 0, 0, 3])
        np.testing.assert_array_equal(preparation.transform(mixed, rows), x[rows])

    def test_no_rows(self, mixed):
        assert prepared(mixed)[0].transform(mixed, np.array([], dtype=int)).shape == (0, 11)

    def test_blocks_do_not_show(self):
        dataset = numbers(np.arange(20_000.0))
        preparation, x = prepared(dataset)
        np.testing.assert_array_equal(x[17_000:17_003], preparation.transform(dataset, np.arange(17_000, 17_003)))
        assert (np.diff(x[:, 0]) > 0).all()

    def test_padding_to_a_common_width(self, mixed):
        preparation, x = prepared(mixed)
        wide = preparation.transform(mixed, width=20)
        np.testing.assert_array_equal(wide[:, :11], x)
        assert wide.shape == (6, 20)
        assert not wide[:, 11:].any()

    def test_reordered_columns_are_found_by_name(self, mixed):
        preparation, x = prepared(mixed)
        turned = table(mixed.numbers[:, ::-1], mixed.codes[:, ::-1], mixed.columns[::-1])
        np.testing.assert_array_equal(preparation.transform(turned), x)

    def test_float32_tables_and_either_memory_order(self):
        values = np.random.default_rng(0).normal(size=(50, 3))
        names = [Column(c, "number") for c in "abc"]
        for made in (np.asfortranarray(values), values.astype(np.float32)):
            dataset = Dataset.of("t", "a test", names, made)
            np.testing.assert_allclose(prepared(dataset)[1], prepared(table(values, columns=names))[1], atol=1e-5)

    def test_json_comes_back_to_the_last_bit(self, mixed):
        preparation, x = prepared(mixed)
        again = Preparation.from_json(json.loads(json.dumps(preparation.to_json())))
        assert again == preparation
        np.testing.assert_array_equal(again.transform(mixed), x)

    @given(st.lists(st.floats(allow_nan=True, allow_infinity=True, width=64), min_size=1, max_size=20))
    @settings(max_examples=100, deadline=None)
    def test_whatever_the_numbers_what_comes_out_is_finite_and_small(self, values):
        dataset = numbers(values)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            preparation, x = prepared(dataset)
        assert np.isfinite(x).all()
        assert (np.abs(x) <= 3).all()
        assert Preparation.from_json(json.loads(json.dumps(preparation.to_json()))) == preparation

    @given(st.lists(st.floats(-1e15, 1e15), max_size=20))
    @settings(max_examples=50, deadline=None)
    def test_any_date_is_finite(self, seconds):
        dataset = table(np.reshape([0.0, DAY * 40, *seconds], (-1, 1)), columns=[Column("day", "date")])
        assert np.isfinite(prepared(dataset, [0, 1])[1]).all()


class TestTarget:
    def test_numbers_are_standardised_by_the_training_rows(self):
        dataset = numbers([1.0, 2, 3, 4], task=Task("regression", "y"), y=np.array([10.0, 20, 30, 1e6]))
        preparation = Preparation.fit(dataset, np.arange(3))
        y = preparation.target(dataset.y)
        assert y.dtype == np.float32
        assert y.shape == (4, 1)
        np.testing.assert_allclose(y[:3, 0], [-1.2247449, 0, 1.2247449], atol=1e-6)
        np.testing.assert_allclose(preparation.untarget(y)[:, 0], dataset.y, rtol=1e-6)  # float32 between

    def test_a_target_that_does_not_vary_stays_finite(self):
        dataset = numbers([1.0, 2, 3], task=Task("regression", "y"), y=np.full(3, 0.1))
        np.testing.assert_array_equal(prepared(dataset)[0].target(dataset.y), np.zeros((3, 1), np.float32))

    def test_huge_targets(self):
        dataset = numbers([1.0, 2], task=Task("regression", "y"), y=np.array([-1e200, 1e200]))
        assert prepared(dataset)[0].target(dataset.y)[:, 0].tolist() == [-1.0, 1.0]

    @pytest.mark.parametrize(("classes", "shape", "dtype"), [(2, (4, 1), np.float32), (3, (4,), np.int32)])
    def test_classes_pass_through(self, classes, shape, dtype):
        task = Task("binary" if classes == 2 else "multiclass", "y", ("a", "b", "c")[:classes])
        dataset = numbers([1.0, 2, 3, 4], task=task, y=np.array([0, 1, 1, 0], np.int32))
        preparation = Preparation.fit(dataset, np.arange(4))
        y = preparation.target(dataset.y)
        assert (y.shape, y.dtype) == (shape, dtype)
        assert y.ravel().tolist() == [0, 1, 1, 0]
        p = np.full((4, classes), 0.5, np.float32)
        assert preparation.untarget(p) is p


class TestArrays:
    def test_images_are_scaled_as_a_whole(self):
        images = np.random.default_rng(0).uniform(0, 255, (3000, 4, 3, 1))
        images[2, 1, 1, 0] = np.nan
        dataset = pictures(images)
        preparation = Preparation.fit(dataset, np.arange(2500))
        x = preparation.transform(dataset)
        assert preparation.shape == (4, 3, 1)
        assert (preparation.width, len(preparation.features)) == (12, 12)
        assert x.shape == images.shape
        assert x[2, 1, 1, 0] == 0
        train = images[:2500]
        np.testing.assert_allclose(x[5], (images[5] - np.nanmean(train)) / np.nanstd(train), rtol=1e-5)
        assert Preparation.from_json(json.loads(json.dumps(preparation.to_json()))) == preparation

    def test_other_shapes_are_refused(self):
        preparation = Preparation.fit(pictures(np.ones((3, 4, 4))), np.arange(3))
        with pytest.raises(DataError, match=r"needs rows of shape \(4, 4\), got \(5, 5\)"):
            preparation.transform(pictures(np.ones((3, 5, 5))))


class TestRefusals:
    def test_no_rows_to_learn_from(self):
        with pytest.raises(
            DataError, match=r"xor: needs at least one training row and one column, got 0 rows of 2 columns"
        ):
            Preparation.fit(toy.xor(n=4), np.array([], dtype=int))

    def test_no_columns(self):
        with pytest.raises(DataError, match="keep a column besides the target"):
            Preparation.fit(table(np.empty((4, 0))), np.arange(4))

    def test_a_missing_column(self, mixed):
        preparation, _ = prepared(mixed)
        other = table(mixed.numbers, columns=(Column("masse", "number"), Column("day", "date")))
        with pytest.raises(DataError, match="needs column 'island', got 2 others"):
            preparation.transform(other)

    @pytest.mark.parametrize("data", [{}, {"columns": [{"type": "colour"}], "array": None, "target": {"kind": None}}])
    def test_a_form_that_was_not_saved_by_us(self, data):
        with pytest.raises(RunError, match=r"preparation: needs the form that was saved"):
            Preparation.from_json(data, source="run/preparation.json")


def test_encodings_are_plain_and_hashable(mixed):
    preparation, _ = prepared(mixed)
    assert {type(encoding) for encoding in preparation.encodings} == {
        NumberEncoding,
        DateEncoding,
        BooleanEncoding,
        CategoryEncoding,
    }
    assert hash(preparation) == hash(prepared(mixed)[0])
