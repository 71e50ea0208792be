"""Generated sets: what they promise is true, and a seed is a seed."""

import math

import numpy as np
import pytest

from photic.data import toy

ALL = [toy.xor, toy.moons, toy.spirals, toy.linear, toy.friedman, toy.blobs]


@pytest.mark.parametrize("make", ALL)
def test_the_same_seed_gives_the_same_set_and_another_another(make):
    assert make(n=50, seed=3).fingerprint == make(n=50, seed=3).fingerprint != make(n=50, seed=4).fingerprint


@pytest.mark.parametrize("make", ALL)
def test_every_set_is_a_whole_dataset(make):
    data = make(n=60)
    assert data.n == 60
    assert data.numbers.shape == (60, len(data.columns))
    assert np.isfinite(data.numbers).all()
    assert (data.y.dtype == np.int32) == (data.task.kind != "regression")
    if data.task.classes:
        assert sorted(set(data.y.tolist())) == list(range(len(data.task.classes)))


def test_xor_is_the_exclusive_or_of_the_signs():
    data = toy.xor(n=500)
    assert np.array_equal(data.y, np.logical_xor(data.numbers[:, 0] > 0, data.numbers[:, 1] > 0))


def test_moons_lie_on_two_half_circles():
    data = toy.moons(n=300, noise=0.0)
    upper, lower = data.numbers[data.y == 0], data.numbers[data.y == 1]
    assert np.allclose(np.hypot(*upper.T), 1)
    assert np.allclose(np.hypot(lower[:, 0] - 1, lower[:, 1] - 0.5), 1)
    assert upper[:, 1].min() >= 0
    assert lower[:, 1].max() <= 0.5


def test_spirals_turn_with_the_radius():
    data = toy.spirals(n=300, arms=3, turns=0.75, noise=0.0)
    radius = np.hypot(*data.numbers.T)
    turn = np.arctan2(data.numbers[:, 1], data.numbers[:, 0]) / (2 * np.pi)
    away = (turn - 0.75 * radius - data.y / 3 + 0.5) % 1 - 0.5
    assert np.abs(away).max() < 1e-9


def test_least_squares_finds_the_plane_and_leaves_the_noise():
    data = toy.linear(n=5000, weights=(3.0, -2.0), bias=0.5, noise=0.25)
    found, (rest,), *_ = np.linalg.lstsq(np.c_[data.numbers, np.ones(data.n)], data.y)
    assert np.allclose(found, [3, -2, 0.5], atol=0.02)  # three standard errors of 0.25 / sqrt(5000)
    assert math.sqrt(rest / data.n) == pytest.approx(0.25, abs=0.01)


def test_friedman_follows_its_formula_and_five_columns_do_not_matter():
    data = toy.friedman(n=200, noise=0.0)
    a, b, c, d, e = data.numbers.T[:5]
    assert np.allclose(data.y, 10 * np.sin(np.pi * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e)
    assert len(data.columns) == 10


def test_blobs_have_the_promised_share_and_auc():
    data = toy.blobs(n=20_000, share=0.1, distance=2.0)
    assert data.y.mean() == pytest.approx(0.1)
    rare, common = data.numbers[data.y == 1, 0], np.sort(data.numbers[data.y == 0, 0])
    auc = np.searchsorted(common, rare).mean() / len(common)
    promised = 0.5 * (1 + math.erf(2.0 / math.sqrt(2) / math.sqrt(2)))
    assert auc == pytest.approx(promised, abs=0.01)  # two standard errors of 2,000 rare rows
