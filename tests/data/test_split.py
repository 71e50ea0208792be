"""Splits: disjoint, complete, whole groups, time in order, classes in proportion, and refusals in words."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photic.data.dataset import Column, Dataset
from photic.data.holdout import Ties, cut, hold_out
from photic.data.split import Fold, Split, split
from photic.data.task import Task
from photic.errors import DataError, PlanError


def rows(n=0, y=None, groups=None, time=None) -> Dataset:
    """A dataset in which only roles matter; integer `y` are classes, `y` None is a regression."""
    n = n or next(len(role) for role in (y, groups, time) if role is not None)
    names = tuple("abcdefghijklmnopqrstuvwxyz")
    if y is None:
        task, y = Task("regression", "price"), np.linspace(0, 1, n)
    else:
        y = np.asarray(y, np.int32)
        count = max(int(y.max()) + 1, 2)
        task = Task("binary" if count == 2 else "multiclass", "colour", names[:count])
    groups = None if groups is None else np.asarray(groups, np.int64)
    time = None if time is None else np.asarray(time, float)
    return Dataset.of(
        "paint", "paint.csv", [Column("x", "number")], np.zeros((n, 1)), task=task, y=y, groups=groups, time=time
    )


def lanes(made: Split) -> tuple[Fold, ...]:
    return (*made.folds, made.final)


def check_disjoint_and_complete(made: Split, n: int, repeats: int = 1, *, ordered: bool = False) -> None:
    for fold in lanes(made):
        together = np.concatenate([fold.fit, fold.stop, fold.score])
        assert len(np.unique(together)) == len(together)
        for part in (fold.fit, fold.stop, fold.score):
            assert (np.diff(part) > 0).all()
        assert len(fold.fit)
    everything = np.sort(np.concatenate([made.final.fit, made.final.stop, made.final.score]))
    np.testing.assert_array_equal(everything, np.arange(n))
    scored = np.concatenate([fold.score for fold in made.folds] or [np.array([], int)])
    if made.folds and not ordered:
        np.testing.assert_array_equal(np.sort(scored), np.repeat(made.final.train, repeats))
    assert not np.intersect1d(scored, made.final.score).size


class TestPlain:
    @given(
        n=st.integers(9, 60),
        folds=st.sampled_from([0, 2, 3, 5]),
        test=st.sampled_from([0.0, 0.2, 0.4]),
        stop=st.sampled_from([0.0, 0.15, 0.5]),
        repeats=st.integers(1, 3),
        seed=st.integers(0, 2**40),
    )
    @settings(max_examples=40, deadline=None)
    def test_law(self, n, folds, test, stop, repeats, seed):
        made = split(rows(n), test=test, folds=folds, repeats=repeats, stop=stop, seed=seed)
        check_disjoint_and_complete(made, n, repeats)
        assert len(made.folds) == folds * repeats
        assert abs(len(made.final.score) - test * n) <= 1
        for fold in lanes(made):
            assert abs(len(fold.stop) - stop * len(fold.train)) <= 1
            assert bool(len(fold.stop)) == (stop > 0)

    def test_why(self):
        made = split(rows(50))
        assert made.method == "plain"
        assert made.why == "plain, because the target is a number and neither groups nor a time were given"

    def test_names(self):
        assert [fold.name for fold in lanes(split(rows(50), folds=2))] == ["fold 1", "fold 2", "final"]
        names = [fold.name for fold in split(rows(50), folds=2, repeats=2).folds]
        assert names == ["repeat 1 fold 1", "repeat 1 fold 2", "repeat 2 fold 1", "repeat 2 fold 2"]

    def test_repeats_are_drawn_anew(self):
        one, _, three, four = split(rows(50), folds=2, repeats=2).folds
        assert one.score.tolist() not in (three.score.tolist(), four.score.tolist())

    def test_the_seed_decides(self):
        def parts(seed):
            return [
                part.tolist()
                for fold in lanes(split(rows(50), seed=seed))
                for part in (fold.fit, fold.stop, fold.score)
            ]

        assert parts(3) == parts(3)
        assert parts(3) != parts(4)

    def test_a_single_split_needs_no_scikit_learn(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "sklearn", None)  # importing it would fail now
        assert len(split(rows(y=[0, 1] * 20), folds=0).final.score) == 8


class TestStratified:
    @given(
        counts=st.lists(st.integers(7, 30), min_size=2, max_size=5),
        folds=st.sampled_from([0, 2, 5]),
        seed=st.integers(0, 1000),
    )
    @settings(max_examples=40, deadline=None)
    def test_class_shares_within_one_row(self, counts, folds, seed):
        y = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
        made = split(rows(y=y), folds=folds, seed=seed)
        check_disjoint_and_complete(made, len(y))
        for fold in lanes(made):
            train = np.bincount(y[fold.train], minlength=len(counts))
            assert (
                abs(np.bincount(y[fold.stop], minlength=len(counts)) - 0.15 * train) < 1.01
            ).all()  # 0.15 n is rounded
            assert np.bincount(y[fold.fit], minlength=len(counts)).min() >= 1
        assert (abs(np.bincount(y[made.final.score], minlength=len(counts)) - 0.2 * np.array(counts)) < 1.01).all()
        for fold in made.folds:
            exact = np.bincount(y[made.final.train]) / folds
            assert (abs(np.bincount(y[fold.score], minlength=len(counts)) - exact) < 1).all()

    def test_a_tiny_class_is_not_lost(self):
        y = np.r_[np.zeros(98, int), 1, 1]
        made = split(rows(y=y), folds=0)
        assert y[made.final.score].sum() == 1
        assert y[made.final.fit].sum() == 1

    def test_classes_of_one_row_each_are_cut_all_the_same(self):
        made = split(rows(y=np.arange(8)), folds=0)
        check_disjoint_and_complete(made, 8)
        assert len(made.final.score) == 2

    def test_why(self):
        assert split(rows(y=[0, 1, 2] * 20)).why == "stratified, because 'colour' has 3 classes"


class TestGrouped:
    @given(
        groups=st.lists(st.integers(0, 15), min_size=30, max_size=80).filter(lambda g: len(set(g)) >= 6),
        folds=st.sampled_from([0, 2, 5]),
        seed=st.integers(0, 1000),
        classes=st.booleans(),
    )
    @settings(max_examples=40, deadline=None)
    def test_groups_never_straddle(self, groups, folds, seed, classes):
        groups = np.array(groups)
        method = "grouped" if classes else None
        dataset = rows(groups=groups, y=np.arange(len(groups)) % 2 if classes else None)
        made = split(dataset, folds=folds, seed=seed, method=method)
        check_disjoint_and_complete(made, len(groups))
        for fold in lanes(made):
            parts = [set(groups[part]) for part in (fold.fit, fold.stop, fold.score)]
            assert sum(map(len, parts)) == len(set.union(*parts))
            assert all(parts)

    def test_the_part_is_about_as_large_as_asked_in_rows(self):
        groups = np.repeat(np.arange(40), np.random.default_rng(0).integers(1, 20, 40))
        share = len(split(rows(groups=groups), folds=0).final.score) / len(groups)
        assert share == pytest.approx(0.2, abs=0.03)

    def test_classes_stay_in_proportion_too(self):
        draw = np.random.default_rng(1)
        groups = np.repeat(np.arange(60), 5)
        y = (draw.random(300) < np.repeat(draw.choice([0.1, 0.6], 60), 5)).astype(int)
        made = split(rows(y=y, groups=groups))
        assert made.method == "stratified grouped"
        assert made.why == "stratified and grouped, because 'colour' has 2 classes and groups were given"
        for fold in lanes(made):
            assert y[fold.score].mean() == pytest.approx(y.mean(), abs=0.08)
            assert not set(groups[fold.train]) & set(groups[fold.score])
            assert not set(groups[fold.fit]) & set(groups[fold.stop])

    @pytest.mark.parametrize("classes", [False, True])
    def test_the_order_of_the_rows_does_not_matter(self, classes):
        draw = np.random.default_rng(2)
        groups, y = draw.integers(0, 20, 200), draw.integers(0, 2, 200)
        turn = draw.permutation(200)

        def chosen(order):
            made = split(rows(y=y[order] if classes else None, groups=groups[order]), seed=5)
            return [
                sorted(set(groups[order][part])) for fold in lanes(made) for part in (fold.fit, fold.stop, fold.score)
            ]

        assert chosen(np.arange(200)) == chosen(turn)


class TestOrdered:
    @given(
        time=st.lists(st.integers(0, 40), min_size=20, max_size=80).filter(lambda t: len(set(t)) >= 9),
        folds=st.sampled_from([0, 2, 5]),
        stop=st.sampled_from([0.0, 0.3]),
        test=st.sampled_from([0.0, 0.2]),
    )
    @settings(max_examples=60, deadline=None)
    def test_the_past_comes_first_and_ties_stay_together(self, time, folds, stop, test):
        time = np.array(time)
        made = split(rows(time=time), folds=folds, stop=stop, test=test)
        check_disjoint_and_complete(made, len(time), ordered=True)
        for fold in lanes(made):
            last = time[fold.fit].max()
            for part in (fold.stop, fold.score):
                if len(part):
                    assert last < time[part].min()
                    last = time[part].max()
        for earlier, later in zip(made.folds, made.folds[1:], strict=False):
            assert time[earlier.score].max() < time[later.score].min()
            assert set(earlier.train) < set(later.train)

    def test_blocks_like_scikit_learns(self):
        from sklearn.model_selection import TimeSeriesSplit

        made = split(rows(time=np.arange(60.0)), test=0, folds=5)
        for fold, (train, score) in zip(made.folds, TimeSeriesSplit(5).split(np.zeros((60, 1))), strict=True):
            np.testing.assert_array_equal(fold.train, train)
            np.testing.assert_array_equal(fold.score, score)

    def test_the_order_of_the_rows_does_not_matter(self):
        draw = np.random.default_rng(3)
        time, turn = draw.integers(0, 30, 100), draw.permutation(100)

        def chosen(order):
            return [
                sorted(time[order][part])
                for fold in lanes(split(rows(time=time[order])))
                for part in (fold.fit, fold.score)
            ]

        assert chosen(np.arange(100)) == chosen(turn)

    def test_as_few_moments_as_can_be(self):
        made = split(rows(time=np.repeat([1.0, 2, 3, 4, 5], [9, 1, 1, 1, 1])), folds=2)
        assert [len(fold.score) for fold in lanes(made)] == [1, 1, 1]
        assert len(split(rows(time=np.repeat([1.0, 2, 3], 5)), folds=2, stop=0, test=0).folds) == 2

    def test_pieces_by_hand(self):
        pieces = cut(np.array([3.0, 1, 1, 2, 2, 2]), (0.5, 0.5), (1, 1))
        assert [sorted(piece.tolist()) for piece in pieces] == [[1, 2], [0, 3, 4, 5]]


class TestMethod:
    def test_classes_and_time_and_groups_choose(self):
        assert split(rows(y=[0, 1] * 20, time=np.arange(40))).method == "ordered"
        assert split(rows(groups=np.arange(40))).method == "grouped"

    def test_as_asked(self):
        made = split(rows(y=[0, 1] * 20, groups=np.arange(40)), method="Stratified")
        assert made.method == "stratified"
        assert made.why == "stratified, as asked; the groups given is not looked at"
        assert (
            split(rows(y=[0, 1] * 20, groups=np.arange(40)), method="stratified-grouped").method == "stratified grouped"
        )

    @pytest.mark.parametrize(
        ("method", "words"),
        [
            ("stratified", r"method 'stratified': needs one target with classes, got numbers, or several targets"),
            ("grouped", r"method 'grouped': needs groups, got none\nfrom paint.csv; name their column \(--groups\)."),
            ("ordered", r"method 'ordered': needs a time, got none\nfrom paint.csv; name its column \(--time\)."),
            ("groupd", r"method: needs a known way to split, got 'groupd'\nfrom method=; did you mean 'grouped'"),
        ],
    )
    def test_methods_that_do_not_fit(self, method, words):
        with pytest.raises(PlanError, match=words):
            split(rows(20), method=method)

    def test_groups_and_time_at_once(self):
        dataset = rows(groups=np.arange(40), time=np.arange(40))
        with pytest.raises(PlanError, match=r"split: needs groups or a time to cut by, got both"):
            split(dataset)
        assert split(dataset, method="grouped").why == "grouped, as asked; the time given is not looked at"


class TestRefusals:
    @pytest.mark.parametrize(
        ("choice", "words"),
        [
            ({"test": 1.0}, r"test share: needs a number from 0 to below 1, got 1.0"),
            ({"test": -0.1}, r"test share: needs a number from 0 to below 1, got -0.1"),
            ({"stop": float("nan")}, r"stop share: needs a number from 0 to below 1, got nan"),
            ({"folds": 1}, r"folds: need to be 0 or at least 2, got 1\nfrom folds=; use folds=5, or folds=0 for none."),
            ({"folds": -2}, r"folds: need to be 0 or at least 2, got -2"),
            ({"repeats": 0}, r"repeats: need to be at least 1, got 0"),
            ({"seed": -1}, r"seed: needs to be 0 or more, got -1"),
        ],
    )
    def test_choices_that_cannot_be(self, choice, words):
        with pytest.raises(PlanError, match=words):
            split(rows(20), **choice)

    def test_repeats_of_an_order(self):
        with pytest.raises(
            PlanError, match=r"repeats: need a method that draws at random, got 3 repeats of an ordered"
        ):
            split(rows(time=np.arange(40)), repeats=3)

    def test_one_row(self):
        words = r"paint: needs at least 6 rows for 5 folds and their parts, got 1 row\nfrom paint.csv; use fewer folds"
        with pytest.raises(DataError, match=words):
            split(rows(1))
        with pytest.raises(DataError, match=r"needs at least 3 rows for a split and their parts, got 1 row"):
            split(rows(1), folds=0)

    def test_a_class_with_fewer_rows_than_folds(self):
        words = (
            r"class 'b' of 'colour': needs at least 5 rows outside the test part for 5 folds, got 3 of its 4"
            r"\nfrom paint.csv; use folds=3, give more rows of it, or join it with another class."
        )
        with pytest.raises(DataError, match=words):
            split(rows(y=np.r_[np.zeros(50, int), [1] * 4]))
        assert split(rows(y=np.r_[np.zeros(50, int), [1] * 4]), folds=3).folds

    def test_fewer_groups_than_folds(self):
        with pytest.raises(DataError, match=r"needs at least 6 groups for 5 folds and their parts, got 4 groups"):
            split(rows(groups=[0, 1, 2, 3] * 10))
        with pytest.raises(DataError, match=r"got 1 group\n"):
            split(rows(groups=[0] * 10))

    def test_groups_too_unequal_to_stratify(self):
        table = [(0, 2), (2, 0), (1, 0), (0, 1), (23, 7), (1, 0), (0, 1), (1, 0)]  # rows of both classes in each group
        groups = np.repeat(np.arange(8), [sum(counts) for counts in table])
        y = np.concatenate([np.repeat([0, 1], counts) for counts in table])
        words = r"paint groups: need to be of similar size, or more, for 2 stratified grouped folds, got a fold without"
        with pytest.raises(DataError, match=words):
            split(rows(y=y, groups=groups), folds=2)
        assert len(split(rows(y=y, groups=groups), folds=2, method="grouped").folds) == 2

    def test_fewer_moments_than_folds(self):
        with pytest.raises(
            DataError, match=r"needs at least 8 different times for 5 folds and their parts, got 4 diff"
        ):
            split(rows(time=[1, 2, 3, 4] * 10))


def test_a_part_never_takes_what_must_stay():
    ties = Ties.of(rows(groups=np.arange(10)), "grouped")
    rest, part = hold_out(np.arange(10), 0.9, ties, 7, np.random.default_rng(0))
    assert len(rest) >= 7
    assert len(part) >= 1
