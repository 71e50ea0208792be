"""Studies: what is asked, told, kept in the journal, and taken up again."""

from __future__ import annotations

import math

import optuna
import pytest

from photic.errors import PlanError
from photic.experiment import asking
from photic.experiment.asking import Study, Told
from photic.experiment.space import choice, integer, log_uniform, uniform

SPACE = {"rate": log_uniform(1e-3, 1.0), "depth": integer(1, 3), "kind": choice("a", "b")}
DEFAULT = {"rate": 0.01, "depth": 2, "kind": "a"}


def study(folder, **more):
    given = {"default": DEFAULT} | more
    return Study(asking.storage(folder / "study.journal"), "final", SPACE, **given)


def score(values):
    """Best at a rate of 0.1."""
    return -abs(math.log10(values["rate"]) + 1)


def test_the_default_comes_first_and_every_setting_lies_in_the_space(tmp_path):
    asked = study(tmp_path).ask(9)
    assert [each.number for each in asked] == list(range(9))
    assert asked[0].default
    assert asked[0].values == DEFAULT
    assert not any(each.default for each in asked[1:])
    for each in asked:
        assert 1e-3 <= each.values["rate"] <= 1.0
        assert each.values["depth"] in (1, 2, 3)
        assert each.values["kind"] in "ab"


def test_what_was_told_is_there_for_the_next_process(tmp_path):
    first = study(tmp_path)
    one, two, three = first.ask(3)
    told = Told("complete", 0.5, (0.4, 0.6), 8, 5.5, ((1, 0.3), (2, 0.5)))
    first.tell(one, told)
    first.tell(two, Told("diverged", None))
    again = study(tmp_path)
    assert again.known() == [(one, told), (two, Told("diverged", None)), (three, None)]
    assert again.done == 2
    # this very process lives and asked for it, so it is its own to try
    assert again.left() == ([three], False)


def test_optuna_itself_can_read_the_journal(tmp_path):
    made = study(tmp_path)
    one, two, three = made.ask(3)
    made.tell(one, Told("complete", 0.5, (0.5,), 8))
    made.tell(two, Told("halved", 0.25, (0.25,), 2))
    made.tell(three, Told("diverged", None))
    storage = asking.storage(tmp_path / "study.journal")
    read = optuna.load_study(study_name="final", storage=storage)
    states = [trial.state.name for trial in read.trials]
    assert states == ["COMPLETE", "PRUNED", "FAIL"]
    assert read.best_trial.params == DEFAULT
    assert read.trials[1].intermediate_values == {2: 0.25}


def test_the_same_seed_asks_for_the_same_settings_when_taken_up(tmp_path):
    def settings(folder, cuts):
        found = []
        folder.mkdir()
        for count in cuts:
            made = study(folder, seed=3)
            for each in made.ask(count):
                found.append(each.values)
                made.tell(each, Told("complete", score(each.values), (), 8))
        return found

    made = study(tmp_path, seed=3)
    whole = []
    for count in (4, 4, 4):
        asked = made.ask(count)
        whole += [each.values for each in asked]
        for each in asked:
            made.tell(each, Told("complete", score(each.values), (), 8))
    assert settings(tmp_path / "cut", (4, 4, 4)) == whole


def test_the_usual_sampler_learns(tmp_path):
    made = study(tmp_path, default=None)
    distance = []
    for _ in range(10):
        for each in made.ask(5):
            distance.append(-score(each.values))
            made.tell(each, Told("complete", score(each.values), (), 8))
    assert sum(distance[-15:]) < 0.75 * sum(distance[:15])


def test_a_grid_is_asked_once_and_ends(tmp_path):
    made = study(tmp_path, sampler="grid")
    first, second = made.ask(10), made.ask(100)
    assert [each.default for each in first[:2]] == [True, False]
    assert len(first) + len(second) == 1 + 3 * 3 * 2
    assert made.ask(5) == []
    shown = {tuple(each.values.items()) for each in [*first[1:], *second]}
    assert len(shown) == 3 * 3 * 2


def test_two_who_share_a_grid_never_ask_for_one_setting_twice(tmp_path):
    mine, yours = study(tmp_path, sampler="grid"), study(tmp_path, sampler="grid")
    known = lambda each: tuple(sorted(each.values.items()))
    asked = []
    for _ in range(20):
        got = mine.ask(1), yours.ask(1)
        asked += [each for pair in got for each in pair]
    assert len({known(each) for each in asked if not each.default}) == len(mine.grid)
    assert len(asked) == len(mine.grid) + 1
    assert sum(each.default for each in asked) == 1


def test_importance_is_of_what_matters(tmp_path):
    made = study(tmp_path, sampler="random")
    for each in made.ask(40):
        made.tell(each, Told("complete", score(each.values), (), 8))
    found = made.importance()
    assert max(found, key=found.__getitem__) == "rate"
    assert sum(found.values()) == pytest.approx(1.0)


def test_a_default_outside_of_the_space_is_tried_all_the_same(tmp_path):
    made = study(tmp_path, default={"rate": 5.0, "depth": 2, "kind": "a"})
    asked = made.ask(3)
    assert asked[0].values["rate"] == 5.0
    made.tell(asked[0], Told("complete", 0.5, (), 8))
    assert made.ask(2)[0].number == 3


@pytest.mark.parametrize(
    ("sampler", "space", "words"),
    [
        ("tpee", SPACE, "did you mean 'tpe'"),
        ("cmaes", SPACE, "needs a space of numbers, got a choice, kind"),
    ],
)
def test_a_sampler_that_cannot_be_is_refused(sampler, space, words):
    with pytest.raises(PlanError) as error:
        asking.check_sampler(sampler, space)
    assert words in str(error.value)


def test_numbers_can_be_searched_by_cmaes(tmp_path):
    space = {"rate": log_uniform(1e-3, 1.0), "drop": uniform(0, 0.5)}
    pytest.importorskip("cmaes")
    asking.check_sampler("cmaes", space)
    made = Study(asking.storage(tmp_path / "j"), "final", space, sampler="cmaes")
    for each in made.ask(4):
        made.tell(each, Told("complete", score(each.values), (), 8))
    assert len(made.ask(4)) == 4
