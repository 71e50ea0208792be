"""Series as a Dataset: long tables, lists in cells, wide tables, .ts files and arrays."""

import numpy as np
import polars as pl
import pytest

from photic.data import converted, ts_file
from photic.data.catalogue import Known
from photic.data.form import Form
from photic.data.prepare import Preparation
from photic.data.read import read, read_for
from photic.data.scaling import ChannelScaling
from photic.errors import DataError

LONG = pl.DataFrame({
    "who": ["b", "b", "a", "a", "a", "c", "d", "d"],
    "day": [1, 2, 1, 3, 2, 5, 1, 2],
    "v": [1.0, 2.0, 3.0, 5.0, 4.0, 6.0, None, 8.0],
    "w": [0.5, 0.25, 9.0, 7.0, 8.0, 6.0, 1.0, 2.0],
    "word": list("pqrstuvw"),
    "label": ["x", "x", "y", "y", "y", "x", "y", "y"],
})  # fmt: skip


def long(**changes):
    return LONG.with_columns(**{name: pl.Series(values) for name, values in changes.items()})


class TestLong:
    def test_steps_are_gathered_and_put_in_order(self):
        data = read(LONG, "label", sequence="who,day")
        assert (data.kind, data.names.tolist(), data.lengths.tolist()) == ("series", ["b", "a", "c", "d"], [2, 3, 1, 2])
        assert data.numbers[1].tolist() == [[3.0, 9.0], [4.0, 8.0], [5.0, 7.0]]
        assert data.numbers[2].tolist() == [[6.0, 6.0], [0.0, 0.0], [0.0, 0.0]]
        assert (data.y.tolist(), data.task.classes) == ([0, 1, 0, 1], ("x", "y"))
        assert [column.name for column in data.columns] == ["v", "w"]
        assert [left.name for left in data.left_out] == ["word"]
        assert data.said == (
            "4 series of 1 to 3 steps and 2 channels.",
            "Missing values inside the series, filled with the last value before them: 1.",
            "Rows were not in the order of 'day'; they are put in order.",
        )

    def test_without_a_time_rows_are_in_order(self):
        assert read(LONG, "label", sequence="who").numbers[1, :, 1].tolist() == [3.0, 5.0, 4.0]

    def test_a_file_gives_the_same(self, tmp_path):
        LONG.write_csv(tmp_path / "a.csv")
        LONG.write_parquet(tmp_path / "a.parquet")
        expected = read(LONG, "label", sequence="who,day")
        for name in ("a.csv", "a.parquet"):
            data = read(tmp_path / name, "label", sequence="who,day")
            np.testing.assert_array_equal(data.numbers, expected.numbers)
            assert data.y.tolist() == expected.y.tolist()

    def test_a_number_to_predict_and_groups(self):
        table = long(age=[1.5, 1.5, 2.5, 2.5, 2.5, 3.5, 4.25, 4.25], clinic=[7, 7, 8, 8, 8, 7, 9, 9]).drop("label")
        data = read(table, "age", sequence="who,day", groups="clinic")
        assert (data.task.kind, data.y.tolist(), data.groups.tolist()) == (
            "regression",
            [1.5, 2.5, 3.5, 4.25],
            [0, 1, 0, 2],
        )

    def test_two_steps_at_one_time_are_refused(self):
        with pytest.raises(
            DataError, match=r"series 'b': needs a different 'day' at every step, got 1 twice\n.*--sequence ID,TIME"
        ):
            read(long(day=[1, 1, 1, 3, 2, 5, 1, 2]), "label", sequence="who,day")

    def test_a_label_that_changes_within_a_series_is_refused(self):
        with pytest.raises(
            DataError, match=r"target 'label': needs one value for each series, got 'y' and 'x' in series 'a'"
        ):
            read(long(label=list("xxyyxxyy")), "label", sequence="who,day")

    @pytest.mark.parametrize(
        ("sequence", "words"),
        [
            ("whom,day", "series 'whom': needs the name of a column"),
            ("who,dai", "time 'dai': needs the name of a column"),
            ("who,day,v", r"sequence: needs the names of two columns, got 'who,day,v'\n.*; write --sequence ID,TIME"),
            (",", "needs the names of two columns"),
        ],
    )
    def test_a_sequence_that_is_not_there_is_refused(self, sequence, words):
        with pytest.raises(DataError, match=words):
            read(LONG, "label", sequence=sequence)

    def test_series_without_a_number_are_refused(self):
        with pytest.raises(DataError, match="series 'c': needs at least one number, got missing values only"):
            read(long(v=[1.0, 2, 3, 4, 5, None, 7, 8]).drop("w"), "label", sequence="who,day")
        with pytest.raises(DataError, match="channels: needs a column of numbers, got 'word' holds words"):
            read(LONG.drop("v", "w"), "label", sequence="who,day")


class TestOtherForms:
    def test_lists_in_cells(self):
        table = pl.DataFrame({"x": [[1.0, 2.0], [3.0]], "y": [[5, 6], [7]], "label": ["p", "q"]})
        data = read(pl.concat([table, table]), "label")
        assert data.numbers[:2].tolist() == [[[1.0, 5.0], [2.0, 6.0]], [[3.0, 7.0], [0.0, 0.0]]]
        assert data.lengths.tolist() == [2, 1, 2, 1]

    @pytest.mark.parametrize(
        ("x", "y", "words"),
        [
            ([[1.0], []], [[1.0], []], "sequence '2': needs at least one step, got none"),
            (
                [[1.0], [2.0]],
                [[1.0], [2.0, 3.0]],
                "row 2: needs as many steps in each channel, got 1 in 'x' and 2 in 'y'",
            ),
        ],
    )
    def test_lists_that_cannot_be_series_are_refused(self, x, y, words):
        table = pl.DataFrame({"x": x * 2, "y": y * 2, "label": ["p", "q"] * 2})
        with pytest.raises(DataError, match=words):
            read(table, "label")

    def test_wide(self):
        table = pl.DataFrame(
            {"t1": [1.0, 2, 3, 4], "t2": [1.0, None, 5, 6], "t3": [None, 7.0, 1, 1], "label": list("abab")}
        )
        data = read(table, "label", sequence="wide")
        assert data.numbers.shape == (4, 3, 1)
        assert data.lengths.tolist() == [2, 3, 3, 3]
        assert data.said[-1] == "A row is a series: 3 columns from 't1' to 't3' are its steps."

    def test_arrays_of_equal_and_unequal_lengths(self):
        x = np.arange(12.0).reshape(3, 4, 1)
        assert read(x, [0, 1, 0]).lengths is None
        x[1, 2:] = np.nan
        assert read(x, [0, 1, 0]).lengths.tolist() == [4, 2, 4]
        ragged = read([np.ones((2, 3)), np.ones((5, 3)), np.ones((1, 3))], [1.5, 2.5, 0.5])
        assert (ragged.numbers.shape, ragged.task.kind) == ((3, 5, 3), "regression")

    @pytest.mark.parametrize(
        ("x", "words"),
        [
            ([np.ones((2, 3)), np.ones((2, 2))], "needs as many channels in every series, got 2 and 3"),
            ([np.ones((2, 3)), np.ones((0, 3))], "sequence '2': needs at least one step, got none"),
            (np.ones((2, 0, 3)), r"needs series with steps, got shape \[2, 0, 3\]"),
            (np.full((2, 4, 1), np.nan), "sequence '1': needs at least one step"),
        ],
    )
    def test_arrays_that_are_no_series_are_refused(self, x, words):
        with pytest.raises(DataError, match=words):
            read(x, [0, 1])

    def test_arrays_need_a_target(self):
        with pytest.raises(DataError, match="target: needs a value for each series, got none"):
            read(np.ones((2, 3, 1)))


class TestTsFile:
    TEXT = "# about\n@problemName a\n@classLabel true x y\n@data\n1,2,3:4,5,6:x\n7,?:8,9:y\n1:2:x\n"

    def test_a_file_is_read(self, tmp_path):
        (tmp_path / "a.ts").write_text(self.TEXT)
        data = read(tmp_path / "a.ts")
        assert (data.lengths.tolist(), data.task.classes, data.task.target) == ([3, 2, 1], ("x", "y"), "class")
        assert np.isnan(data.numbers[1, 1, 0])

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("1,2:x", "needs a line @data with series after it, got none"),
            ("@data\n1,2:3:x", "line 2: needs channels of numbers and a class, got 2 channels that do not fit"),
            ("@data\n1,2:x\n1,2:3,4:x", "line 3: needs channels of numbers"),
            ("@data\n1,two:x", "line 2"),
            ("@data\nword", "line 2: .* got no channel"),
        ],
    )
    def test_what_is_none_is_refused(self, text, words):
        with pytest.raises(DataError, match=words):
            ts_file.parse(text, "a.ts")

    def test_a_set_of_two_parts_is_kept_as_one_file(self, tmp_path, monkeypatch):
        known = Known("fake", "", 5, "kind", "none", "fake", "a.ts", "1.0", kind="series")
        made = converted.series(known, [self.TEXT.encode(), b"@data\n1,1:2,2:y\n5:6:x"])
        monkeypatch.setitem(__import__("photic.data.catalogue").data.catalogue.KNOWN, "fake", known)
        (tmp_path / "fake.npz").write_bytes(made)
        monkeypatch.setattr("photic.data.sources.get", lambda name: tmp_path / f"{name}.npz")
        data = read("fake")
        assert (data.given_test.tolist(), data.task.target) == ([False] * 3 + [True] * 2, "kind")


class TestPreparation:
    def test_channels_are_standardised_on_training_steps_alone(self):
        x = np.random.default_rng(0).normal([1.0, 50.0], [2.0, 9.0], (6, 8, 2)).astype(np.float32)
        lengths = np.array([8, 3, 5, 8, 1, 8])
        data = read([each[:length] for each, length in zip(x, lengths, strict=True)], [0, 1, 0, 1, 0, 1])
        preparation = Preparation.fit(data, np.arange(3))
        steps = np.concatenate([x[0], x[1, :3], x[2, :5]]).astype(np.float64)
        np.testing.assert_allclose(preparation.array.mean, steps.mean(0), rtol=1e-6)
        np.testing.assert_allclose(preparation.array.std, steps.std(0), rtol=1e-6)
        out = preparation.transform(data, np.array([1, 3]))
        np.testing.assert_allclose(out[1], (x[3] - steps.mean(0)) / steps.std(0), rtol=1e-4, atol=1e-5)  # float32
        assert not out[0, 3:].any()
        assert Preparation.from_json(preparation.to_json()) == preparation

    def test_missing_values_repeat_the_one_before_and_begin_with_the_mean(self):
        nan = np.nan
        scaling = ChannelScaling((4, 1), (10.0,), (2.0,))
        out = scaling.prepared(np.array([[[nan], [12.0], [nan], [nan]]], np.float32), None)
        assert out.ravel().tolist() == [0.0, 1.0, 1.0, 1.0]

    def test_a_channel_that_never_changes_stays_finite(self):
        data = read(np.full((4, 3, 1), 7.0), [0, 1, 0, 1])
        assert not Preparation.fit(data, np.arange(4)).transform(data).any()


class TestForPrediction:
    def test_the_form_is_kept(self):
        fitted = read(LONG, "label", sequence="who,day")
        new = read_for(LONG.drop("label").reverse(), fitted.columns, fitted.form)
        by_name = dict(zip(new.names.tolist(), new.numbers, strict=True))
        np.testing.assert_array_equal(by_name["a"], fitted.numbers[1])
        assert new.task is None

    def test_a_missing_channel_is_refused(self):
        fitted = read(LONG, "label", sequence="who,day")
        with pytest.raises(DataError, match="channel 'w': needs the name of a column"):
            read_for(LONG.drop("w"), fitted.columns, fitted.form)
        with pytest.raises(DataError, match="x: needs 2 channels, as in the fit, got 1"):
            read_for(np.ones((2, 3, 1)), fitted.columns, Form("arrays"))

    def test_words_where_numbers_were_are_refused(self):
        fitted = read(LONG, "label", sequence="who,day")
        with pytest.raises(DataError, match="channel 'w': needs numbers, as in the fit, got words or dates"):
            read_for(long(w=list("abcdefgh")), fitted.columns, fitted.form)
