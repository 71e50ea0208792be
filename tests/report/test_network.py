"""The network as it is drawn: every line a weight, the strongest neurons, and words for what is left out."""

import dataclasses
import re

import numpy as np
import pytest

from photic.data.task import Task
from photic.layers import Conv, Dense, Flatten, GlobalAveragePool, ReLU
from photic.model import Model
from photic.report import network
from photic.report.record import Record
from photic.report.tag import html

SPECIES = Task("multiclass", "species", ("Adelie", "Gentoo", "Chinstrap"))


def record(model, shape, weights, features=("bill", "mass"), task=SPECIES):
    described = {"input": list(shape), **model.to_json()}
    return Record("runs/p-1", task, {}, described, {}, None, {}, {}, [], weights=weights, features=features)


def small(units=4, seed=0):
    rng = np.random.default_rng(seed)
    weights = {"params.layers.0.w": rng.normal(size=(2, units)), "params.layers.2.w": rng.normal(size=(units, 3))}
    return record(Model(Dense(units), ReLU(), Dense(3)), (2,), weights)


def test_every_weight_of_a_small_network_is_a_line_with_its_value():
    made = small()
    text = html(network.section(made))
    told = dict(re.findall(r"<title>([^<:]+ → [^<:]+): ([^<]+)</title>", text))
    first, last = (made.weights[f"params.layers.{i}.w"] for i in (0, 2))
    assert len(told) == first.size + last.size
    assert told["mass → neuron 3"] == f"{first[1, 3]:.3g}"
    assert told["neuron 2 → Gentoo"] == f"{last[2, 1]:.3g}"
    assert text.count('class="weight plus"') == int((first > 0).sum() + (last > 0).sum())


def test_the_strength_of_a_neuron_is_what_comes_in_times_what_goes_out():
    rng = np.random.default_rng(1)
    first, last = rng.normal(size=(5, 4)), rng.normal(size=(4, 3))
    inputs, hidden, outputs = network.strengths([first, last])
    assert inputs == pytest.approx([np.sqrt((row**2).sum()) for row in first])
    assert hidden == pytest.approx([np.sqrt((first[:, j] ** 2).sum() * (last[j] ** 2).sum()) for j in range(4)])
    assert outputs == pytest.approx(np.sqrt((last**2).sum(0)))


def test_of_many_neurons_the_strongest_are_drawn_and_it_is_said_how_many():
    made = small(units=100)
    made.weights["params.layers.0.w"][:, 77] *= 50
    text = html(network.section(made))
    assert "12 of 100 neurons, ReLU" in text and "neuron 77: strength" in text
    assert "Drawn are the 12 of each layer that carry most" in text
    assert text.count("<line") <= 2 * 48


def test_the_column_with_the_largest_weights_is_named_in_the_title():
    made = small()
    made.weights["params.layers.0.w"][:] = [[0.1, 0.1, 0.1, 0.1], [5.0, 5.0, -5.0, 5.0]]
    assert "Of what it reads, mass has the largest weights" in html(network.section(made))


def test_of_a_network_that_ends_in_dense_layers_only_these_are_drawn():
    model = Model(Conv(4, 3), ReLU(), GlobalAveragePool(), Dense(3))
    made = record(model, (8, 8, 1), {"params.layers.3.w": np.ones((4, 3))}, None)
    text = html(network.section(made))
    assert "What comes before these layers is not drawn." in text and "4 numbers" in text


@pytest.mark.parametrize(
    "change",
    [
        {"weights": {}},
        {"model": {}},
        {"weights": {"params.layers.0.w": np.full((2, 4), np.nan), "params.layers.2.w": np.ones((4, 3))}},
        {"model": {"input": [8, 8, 1], **Model(Conv(4, 3), ReLU(), Flatten()).to_json()}},
    ],
)
def test_without_weights_that_are_numbers_or_without_dense_layers_nothing_is_drawn(change):
    assert network.section(dataclasses.replace(small(), **change)) is None
