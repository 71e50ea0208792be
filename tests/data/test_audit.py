"""The audit: it names what was planted, with the right numbers, and keeps quiet about honest data."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photic.data import findings
from photic.data.audit import CHECKS, Audit, audit
from photic.data.copies import chance, row_marks, twins
from photic.data.dataset import Column, Dataset
from photic.data.facts import Facts
from photic.data.findings import Finding
from photic.data.split import Fold, Split, split
from photic.data.task import Task
from photic.errors import RunError

CLASSES = ("no", "yes", "maybe", "never")


def table(x, y=None, *, codes=None, names=None, kinds=None, levels=("a", "b"), **roles) -> Dataset:
    """Number columns `x` and category columns `codes`; integer `y` are classes, floats a regression."""
    x = np.asarray(x, float)
    columns = [
        Column((names or [f"x{i}" for i in range(x.shape[1])])[i], (kinds or {}).get(i, "number"))
        for i in range(x.shape[1])
    ]
    if codes is not None:
        codes = np.asarray(codes, np.int32)
        columns += [Column(f"c{i}", "category", levels) for i in range(codes.shape[1])]
    task = None
    if y is not None:
        y = np.asarray(y)
        count = 0 if y.dtype.kind == "f" else max(int(y.max()) + 1, 2)
        task = Task("regression" if not count else "binary" if count == 2 else "multiclass", "answer", CLASSES[:count])
        y = y.astype(float if not count else np.int32)
    return Dataset.of("a table", "a test", columns, x, codes, task=task, y=y, **roles)


def noise(n=200, d=3, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d))


def labels(n=200, share=0.5, seed=1):
    return (np.random.default_rng(seed).random(n) < share).astype(int)


def found(dataset: Dataset, kind: str, made: Split | None = None) -> list[Finding]:
    return [each for each in audit(dataset, made or split(dataset, folds=0)).findings if each.kind == kind]


def by_hand(fit, stop, score) -> Split:
    return Split("plain", "by hand", (), Fold("final", *(np.asarray(part, int) for part in (fit, stop, score))))


class TestHonestData:
    @pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "digits", "diabetes"])
    def test_real_sets_have_no_problem(self, name):
        from sklearn import datasets

        real = getattr(datasets, f"load_{name}")()
        classes = () if name == "diabetes" else tuple(map(str, real.target_names))
        kind = "regression" if not classes else "binary" if len(classes) == 2 else "multiclass"
        columns = [Column(str(column), "number") for column in real.feature_names]
        y = real.target.astype(np.int32 if classes else float)
        dataset = Dataset.of(name, name, columns, real.data.astype(float), task=Task(kind, "y", classes), y=y)
        for seed in range(5):
            checked = audit(dataset, split(dataset, folds=0, seed=seed))
            assert not [each for each in checked.findings if each.level == "problem"], name
            assert not [each for each in checked.findings if each.kind == "giveaway"], name

    @pytest.mark.parametrize("target", ["species", "sex", "body_mass_g"])
    def test_penguins_have_none_either(self, target):
        from photic.data.read import read

        dataset = read("penguins", target)
        assert not [each for each in audit(dataset, split(dataset, folds=0)).findings if each.level == "problem"]

    @pytest.mark.parametrize("y", [labels(), noise()[:, 0] + 0.3 * noise(seed=2)[:, 0]], ids=["classes", "numbers"])
    def test_noise_and_a_strong_column_are_fine(self, y):
        dataset = table(noise(), y)
        assert audit(dataset, split(dataset, folds=0)).findings == ()


class TestCopies:
    def test_across_the_split(self):
        x = noise(100)
        x[95:] = x[:5]  # rows 1 to 5 again
        dataset = table(x, labels(100))
        (one,) = found(dataset, "copies", by_hand(range(60), range(60, 80), range(80, 100)))
        assert one.level == "problem"
        assert one.words.startswith(
            "Exact copies of training rows among the 20 test rows: 5 (25.0%), for example rows 1 and 96."
        )
        assert "remove the copies" in one.words

    def test_a_single_one_is_a_note(self):
        x = noise(100)
        x[99] = x[0]
        (one,) = found(table(x, labels(100)), "copies", by_hand(range(60), range(60, 80), range(80, 100)))
        assert one.level == "note"
        assert "Too few to move the score much." in one.words

    def test_within_the_training_rows_and_their_answers(self):
        x = noise(100)
        x[1], x[2], x[4] = x[0], x[0], x[3]
        y = np.zeros(100, int)
        y[50:], y[4] = 1, 1
        (one,) = found(table(x, y), "copies", by_hand(range(60), range(60, 80), range(80, 100)))
        assert one.level == "note"
        words = (
            r"Exact copies among the 80 training rows, the target aside: 3, for example rows \d and \d\. "
            r"With another target: 1; nobody can get all of those right\."
        )
        assert re.fullmatch(words, one.words)

    def test_few_different_values_explain_copies(self):
        codes = np.random.default_rng(0).integers(0, 2, (300, 3))
        crossing = found(table(np.empty((300, 0)), labels(300), codes=codes), "copies")[0]
        assert crossing.level == "note"
        assert crossing.words.endswith("With so few different values, that is to be expected.")

    def test_a_table_put_together_twice_is_a_problem_all_the_same(self):
        x, y = noise(150), labels(150)
        assert found(table(np.r_[x, x], np.r_[y, y]), "copies")[0].level == "problem"

    @given(st.lists(st.tuples(st.sampled_from([0.0, -0.0, 1.0, np.nan]), st.integers(-1, 2)), min_size=1, max_size=20))
    @settings(max_examples=50, deadline=None)
    def test_equal_rows_and_only_those_have_equal_marks(self, rows):
        dataset = table([[number] for number, _ in rows], codes=[[code] for _, code in rows])
        marks = row_marks(dataset)
        told = [(None if np.isnan(number) else number + 0.0, code) for number, code in rows]
        for i in range(len(rows)):
            for j in range(len(rows)):
                assert (marks[i] == marks[j]) == (told[i] == told[j])

    def test_marks_of_many_rows_differ(self):
        grid = np.stack(np.meshgrid(np.arange(300.0), np.arange(300.0)), axis=-1).reshape(-1, 2)
        assert len(np.unique(row_marks(table(grid)))) == 90_000

    def test_twins_of_nobody(self):
        assert twins(np.array([1], np.uint64), np.array([0]), np.array([], int)).tolist() == [-1]

    def test_chance_by_hand(self):
        assert chance([np.array([0.0, 0, 1, 1]), np.array([np.nan, np.nan, np.nan, 1.0])]) == 0.5 * (9 + 1) / 16


class TestGiveaways:
    @pytest.mark.parametrize(
        "make",
        [
            lambda y, draw: 10.0 * y + 3,
            lambda y, draw: np.where(y == 1, draw.normal(size=len(y)), np.nan),
            lambda y, draw: np.where(y == 1, draw.uniform(1, 50, len(y)), 0.0),
            lambda y, draw: np.where(y == 1, 5.0, 1.0) + draw.uniform(0, 0.5, len(y)),
        ],
        ids=["the answer itself", "missing or not", "zero or not", "far apart"],
    )
    def test_classes(self, make):
        y, draw = labels(), np.random.default_rng(3)
        x = noise()
        x[:, 1] = make(y, draw)
        (one,) = found(table(x, y), "giveaway")
        assert (one.level, one.columns) == ("problem", ("x1",))
        assert one.words.startswith("Column 'x1' alone answers ")
        assert "held-back training rows right, where guessing gets " in one.words
        right, rows = one.words.split()[4], one.words.split()[6]
        assert right == rows

    def test_a_category_that_is_the_class_by_another_name(self):
        y = np.random.default_rng(0).integers(0, 3, 200)
        codes = np.stack([(y + 1) % 3, labels(200)], axis=1)
        (one,) = found(table(noise(), y, codes=codes, levels=("p", "q", "r")), "giveaway")
        assert one.columns == ("c0",)

    @pytest.mark.parametrize(
        ("make", "words"),
        [
            (lambda y: 1.8 * y + 32, "Column 'x1' is the target in other units."),
            (lambda y: -0.01 * y, "Column 'x1' is the target in other units."),
            (np.exp, "Column 'x1' sorts the rows exactly as the target does."),
            (lambda y: -(y**3), "Column 'x1' sorts the rows exactly as the target does."),
        ],
        ids=["Fahrenheit", "turned", "exponential", "turned cube"],
    )
    def test_numbers(self, make, words):
        y = noise(60)[:, 0]
        x = noise(60, seed=5)
        x[:, 1] = make(y)
        (one,) = found(table(x, y), "giveaway")
        assert (one.level, one.columns) == ("problem", ("x1",))
        assert one.words.startswith(words)

    def test_nearly_the_target(self):
        y = noise(2000)[:, 0]
        x = noise(2000, seed=5)
        x[:, 1] = y + 0.01 * x[:, 1]
        x[:, 2] = y + 0.12 * x[:, 2]
        problem, note = found(table(x, y), "giveaway")
        assert (problem.level, problem.columns) == ("problem", ("x1",))
        assert (note.level, note.columns) == ("note", ("x2",))
        assert problem.words.startswith("Column 'x1' alone explains 99.")

    def test_the_only_column_may_say_everything(self):
        y = labels()
        assert not found(table(y[:, None], y), "giveaway")

    def test_dates_near_each_other_give_nothing_away(self):
        y = np.repeat([0, 1], 100)
        x = noise()
        x[:, 0] = np.arange(200) * 86_400.0
        assert not found(table(x, y, kinds={0: "date"}), "giveaway")
        x[:, 0] = np.where(y == 1, x[:, 0], np.nan)
        assert found(table(x, y, kinds={0: "date"}), "giveaway")

    def test_few_rows_prove_nothing(self):
        y = labels(30)
        assert not found(table(np.stack([y, noise(30)[:, 0]], axis=1), y), "giveaway")

    def test_the_locked_test_part_stays_locked(self):
        y, x = labels(), noise()
        x[:, 0] = y
        made = split(table(x, y), folds=0)
        other = y.copy()
        other[made.final.score] = 1 - other[made.final.score]
        assert audit(table(x, y), made).findings == audit(table(x, other), made).findings


class TestClasses:
    def test_tiny(self):
        y = np.r_[np.zeros(60, int), np.ones(40, int), [2] * 5]
        made = split(table(noise(105), y), folds=0)
        (one,) = found(table(noise(105), y), "tiny class", made)
        assert one.words.startswith(f"There are few training rows of 'maybe' ({(y[made.final.train] == 2).sum()}).")

    def test_a_class_the_network_never_sees(self):
        y = np.r_[np.zeros(60, int), np.ones(40, int), [2]]
        (one,) = found(table(noise(101), y), "tiny class", by_hand(range(80), range(80, 90), range(90, 101)))
        assert one.level == "problem"
        assert one.words.startswith("The final network is shown no row of 'maybe', so it can never give that answer.")

    @pytest.mark.parametrize(("ones", "expected"), [(100, 0), (45, 0), (40, 1), (10, 1)])
    def test_imbalance(self, ones, expected):
        y = np.zeros(200, int)
        y[:ones] = 1
        assert len(found(table(noise(), y), "imbalance")) == expected

    def test_imbalance_in_words(self):
        y = np.zeros(100, int)
        y[:10] = 1
        (one,) = found(table(noise(100), y), "imbalance", by_hand(range(80), range(80, 100), []))
        assert one.words.startswith(
            "90% of the training rows are 'no', so always answering that is right 90% of the time."
        )

    def test_uneven_among_many(self):
        y = np.repeat([0, 1, 2], [110, 80, 10])
        assert len(found(table(noise(), y), "imbalance")) == 1


class TestColumns:
    def test_constant_in_the_training_rows_only_counts_those(self):
        x = noise(100)
        x[:80, 1], x[:, 2] = 7.0, np.nan
        (one,) = found(table(x, labels(100)), "constant", by_hand(range(60), range(60, 80), range(80, 100)))
        assert one.words == "'x1' and 'x2' have the same value in every training row, so nothing can be learned there."
        assert not found(table(x[:, :2], labels(100)), "constant", by_hand(range(60), range(80, 100), range(60, 80)))

    def test_mostly_missing(self):
        x = noise(100)
        x[:60, 0], x[:50, 1] = np.nan, np.nan
        (one,) = found(table(x, labels(100)), "missing")
        assert one.columns == ("x0",)
        assert one.words.startswith("More than half of the values are missing in 'x0' (60%).")

    def test_identical(self):
        x = noise()
        x[3, 0] = np.nan
        dataset = table(np.c_[x, x[:, 0], x[:, 1] + 1], labels())
        (one,) = found(dataset, "identical")
        assert one.words == "'x0' and 'x3' hold the same value in every row; one of them is enough."

    def test_a_date_without_the_role_of_time(self):
        dataset = table(noise(), labels(), names=["sold", "a", "b"], kinds={0: "date"}, time=np.arange(200.0))
        assert not found(dataset, "time")
        (one,) = found(dataset, "time", split(dataset, method="stratified", folds=0))
        assert "name the time, 'sold' (--time)" in one.words

    def test_many_names_are_cut_short(self):
        assert findings.listed([f"c{i}" for i in range(9)]) == "'c0', 'c1', 'c2', 'c3' and 5 more"
        assert findings.listed(["c0"]) == "'c0'"


class TestWeights:
    def test_few_rows_decide(self):
        weight = np.ones(200)
        weight[:2] = 1000
        made = by_hand(range(150), range(150, 200), [])
        (one,) = found(table(noise(), labels(), weight=weight), "weights", made)
        equal = weight.sum() ** 2 / (weight**2).sum()
        assert one.words == (
            f"A few rows decide: 200 weighted training rows count as much as {equal:.0f} equal ones. "
            "The largest weight is 1,000 times the median."
        )

    def test_ordinary_weights(self):
        assert not found(table(noise(), labels(), weight=np.linspace(0, 2, 200)), "weights")


class TestFacts:
    def test_numbers_against_numpy(self):
        values = np.random.default_rng(0).lognormal(size=1001)
        facts = Facts.of_numbers("x", "number", np.r_[values, np.nan, np.inf])
        np.testing.assert_allclose(facts.quartiles, np.percentile(values, [0, 25, 50, 75, 100]))
        np.testing.assert_array_equal(facts.bins, np.histogram(values, 20)[0])
        assert facts.distinct == 1001
        assert facts.missing == pytest.approx(2 / 1003)

    def test_huge_numbers(self):
        facts = Facts.of_numbers("x", "number", np.array([-1.7e308, 0.0, 1.7e308]))
        assert facts.quartiles == (-1.7e308, -0.85e308, 0.0, 0.85e308, 1.7e308)
        assert sum(facts.bins) == 3

    def test_one_value_and_none(self):
        assert Facts.of_numbers("x", "number", np.full(4, 2.5)).quartiles == (2.5,) * 5
        assert Facts.of_numbers("x", "number", np.full(4, np.nan)) == Facts("x", "number", 1.0, 0)

    def test_every_column_and_the_target(self):
        codes = np.repeat([[0], [1], [-1]], [30, 60, 10], axis=0)
        dataset = table(noise(100, 1), labels(100), codes=codes)
        checked = audit(dataset, split(dataset, folds=0))
        assert [facts.name for facts in checked.columns] == ["x0", "c0"]
        assert checked.columns[1].levels == (("b", 60), ("a", 30))
        assert checked.columns[1].missing == pytest.approx(0.1)
        assert checked.target is not None
        assert dict(checked.target.levels) == {"no": 100 - labels(100).sum(), "yes": labels(100).sum()}


class TestAudit:
    def test_json_there_and_back(self):
        codes = np.random.default_rng(0).integers(-1, 2, (60, 2))
        dataset = table(np.r_[noise(30), noise(30)], noise(60, 1)[:, 0], codes=codes, kinds={1: "date"})
        checked = audit(dataset, split(dataset, folds=0))
        assert checked.findings
        assert Audit.from_json(json.loads(json.dumps(checked.to_json(), allow_nan=False))) == checked

    def test_a_form_that_was_not_saved_by_us(self):
        with pytest.raises(RunError, match=r"audit: needs the form that was saved, got KeyError at 'findings'"):
            Audit.from_json({}, source="run/audit.json")

    def test_problems_come_first(self):
        y, x = np.r_[labels(190), np.zeros(10, int)], noise()
        x[:, 0], x[:, 1] = y, 3.0
        levels = [each.level for each in audit(table(x, y), split(table(x, y), folds=0)).findings]
        assert levels == ["problem", "note"]

    def test_large_tables_are_sampled_and_that_is_said(self, monkeypatch):
        monkeypatch.setattr(findings, "CELLS", 3000)
        x = noise(5000)
        x[:, 1], x[:, 2] = x[:, 0], 1.0
        x[7, 2] = 2.0  # not constant: the sample alone would hardly tell
        dataset = table(x, labels(5000))
        checked = audit(dataset, by_hand(range(4000), range(4000, 4500), range(4500, 5000)))
        assert (checked.rows, checked.looked) == (5000, 1000)
        assert [each.kind for each in checked.findings] == ["identical", "sample"]
        assert checked.findings[1].words.startswith(
            "The table is large, so its columns were looked at in 1,000 of its 5,000"
        )

    def test_without_a_target_or_a_test_part(self):
        dataset = table(noise())
        checked = audit(dataset, split(dataset, folds=0, test=0))
        assert (checked.findings, checked.target) == ((), None)

    def test_images(self):
        dataset = table(np.empty((40, 0)), labels(40))
        object.__setattr__(dataset, "numbers", np.random.default_rng(0).normal(size=(40, 3, 3, 1)))
        checked = audit(dataset, split(dataset, folds=0))
        assert checked.columns == ()
        assert not [each for each in checked.findings if each.kind == "copies"]

    def test_kinds_are_those_of_the_table(self):
        assert list(CHECKS) == [
            "copies",
            "giveaway",
            "tiny class",
            "imbalance",
            "constant",
            "missing",
            "identical",
            "time",
            "weights",
            "sample",
        ]
