"""The fault injector: sound programs are what they promise, every fault breaks what it says and nothing else."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from photic.diagnose.described import Described
from photic.diagnose.finding import KINDS
from photic.diagnose.inject import FAULTS, Fault, kind
from photic.diagnose.knobbed import model
from photic.diagnose.laid_out import lay_out
from photic.diagnose.sound import ARCHITECTURES, REPORT, SETS, TUNE, at_hand, program, sound
from photic.layers import Dense

GROUND = [program(name, how) for name in ("moons", "friedman", "spirals") for how in ("one layer", "normed")]


def test_half_of_the_sets_are_for_tuning_and_none_is_in_both_halves() -> None:
    assert not set(TUNE) & set(REPORT)
    assert min(len(TUNE), len(REPORT)) >= 6 and len(SETS) >= 8
    for half in (TUNE, REPORT):
        here = [name for name in half if at_hand(name)]
        assert {kind(program(name, "one layer")) for name in here} == {"regression", "binary", "multiclass"}


def test_sound_programs_run_through_sets_architectures_and_seeds() -> None:
    told = list(sound({"moons": SETS["moons"], "wine": SETS["wine"]}, seeds=2))
    assert len({each.name for each in told}) == 2 * len(ARCHITECTURES) * 2
    for each in told:
        rows = lay_out(each)
        model(each).check(rows.x.shape[1:])
        assert len(rows.stop) and abs(rows.x[rows.fit].mean()) < 1e-4


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_names_its_kind_applies_somewhere_and_changes_the_training(fault: Fault) -> None:
    assert set(fault.kinds) <= set(KINDS) and fault.strengths and fault.words.endswith(".")
    ground = [each for each in GROUND if fault.applies(each)]
    assert ground
    for strength in fault.strengths:
        broken = fault.break_(ground[0], strength)
        assert isinstance(broken, Described) and broken != ground[0]
        rows = lay_out(broken)
        model(broken).check(rows.x.shape[1:])
        again = fault.break_(ground[0], strength).to_json()
        assert json.dumps(again) == json.dumps(broken.to_json())  # the same seed, the same fault; and it has a file


def _broken(name: str, strength: float, ground: int = 0) -> tuple[Described, Described]:
    return GROUND[ground], FAULTS[name].break_(GROUND[ground], strength)


def test_labels_are_wrong_in_the_share_that_was_asked_for() -> None:
    before, after = (each.dataset().y for each in _broken("label noise", 0.4))
    assert np.mean(before != after) == pytest.approx(0.4, abs=0.07)  # 400 draws


def test_a_class_becomes_as_rare_as_was_asked_for() -> None:
    _, after = _broken("class imbalance", 0.06)
    assert after.dataset().y.mean() == pytest.approx(0.06, abs=0.01)


def test_the_leaking_column_is_the_answer() -> None:
    _, after = _broken("leaking column", 0.0)
    rows = after.dataset()
    assert rows.columns[-1].name == "settled"
    np.testing.assert_array_equal(rows.numbers[:, -1], rows.y)


def test_copies_are_on_both_sides_of_the_split() -> None:
    _, after = _broken("duplicates", 1.0)
    rows = lay_out(after)
    known = {row.tobytes() for row in rows.x[rows.fit]}
    assert np.mean([row.tobytes() in known for row in rows.x[rows.stop]]) > 0.6


def test_sorted_rows_stay_sorted_and_the_tail_is_of_the_last_class() -> None:
    _, after = _broken("not shuffled", 1)
    rows = lay_out(after)
    assert not after.shuffle and (np.diff(rows.dataset.y[rows.fit]) >= 0).all()
    _, tail = _broken("tail of sorted rows", 1)
    rows = lay_out(tail)
    assert set(rows.dataset.y[rows.stop]) == {1}


def test_columns_are_far_apart_and_targets_far_away() -> None:
    _, after = _broken("unscaled input", 100.0)
    spread = lay_out(after).x.std(axis=0)
    assert spread[0] > 50 * spread[1]
    before, after = _broken("unscaled target", 100.0, ground=2)
    assert lay_out(before).y.std() == pytest.approx(1, abs=0.1) and lay_out(after).y.std() == pytest.approx(100, abs=10)


def test_activations_are_taken_away_and_the_end_stays() -> None:
    before, after = _broken("activations missing", 1)
    assert [type(stage.layer) for stage in after.layers[:-1]] == [Dense, Dense]
    assert after.layers[-1] == before.layers[-1]
    assert dataclasses.replace(after, layers=before.layers) == before
