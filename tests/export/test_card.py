"""The card says what is known and nothing else, whatever a run has or lacks."""

from __future__ import annotations

import dataclasses
import re

import jax
import numpy as np
import pytest

from photic import keys
from photic.data.dataset import Column, Dataset
from photic.data.prepare import Preparation
from photic.data.task import Task
from photic.export.bundle import Bundle
from photic.export.card import card
from photic.layers import Dense, ReLU
from photic.model import Model

PLAN = {
    "name": "penguins",
    "made_with": {"photic": "0.1.0", "jax": "0.10.2", "python": "3.11.7"},
    "loss": {"type": "binary_cross_entropy"},
    "descent": {
        "rule": {"type": "adam_w", "learning_rate": {"type": "knob", "name": "rate", "value": 0.003}},
        "schedule": {"type": "cosine"},
        "clip": None,
    },
    "batch_size": 32,
    "epochs": 200,
    "seed": 7,
    "said": ["Batch size: 32, for 344 rows."],
}
SCORES = {
    "main": "accuracy",
    "contenders": [
        {
            "name": "network",
            "words": "the network",
            "test": {"accuracy": {"value": 0.97101, "low": 0.9, "high": 0.99}},
            "validation": {"accuracy": {"value": 0.96, "low": None, "high": None}},
        },
        {"name": "majority", "words": "always the same", "test": {"accuracy": {"value": 0.5, "low": 0.4, "high": 0.6}}},
    ],
    "verdict": "The network beats the best simple model.",
    "rows": {"all": 344, "test": 69, "fit": 233, "stop": 42},
    "split": {"method": "stratified", "why": "stratified, because 'sex' has 2 classes"},
}
AUDIT = {
    "findings": [
        {"kind": "copies", "level": "problem", "words": "3 rows are in both parts.", "columns": []},
        {"kind": "missing", "level": "note", "words": "mass is missing in 2 rows.", "columns": ["mass"]},
    ]
}


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    columns = (Column("island", "category", ("Biscoe", "Dream")), Column("mass", "number"))
    task = Task("binary", "sex", ("female", "male"))
    codes = np.tile(np.array([[0], [1]], np.int32), (6, 1))
    data = Dataset.of("penguins", "a test", columns, np.arange(12.0)[:, None], codes, task=task)
    model = Model(Dense(4), ReLU(), Dense(1))
    params, state = jax.tree.map(
        lambda leaf: np.zeros(leaf.shape, np.float32), jax.eval_shape(lambda: model.init(keys.root(0), (3,)))
    )
    history = [{"lane": "final", "epoch": epoch, "best": epoch == 2} for epoch in (1, 2, 3)]
    preparation = Preparation.fit(data, np.arange(12))
    return Bundle(model, params, state, (3,), preparation, task, columns, PLAN, history, SCORES, AUDIT)


def test_the_card_of_a_whole_run(bundle: Bundle) -> None:
    text = card(bundle)
    until = text.index("## How to use it")
    assert (
        text[:until]
        == """\
# sex, predicted from penguins

## What it predicts

It predicts two classes of 'sex': female, male.

| from the column | kind | values |
|---|---|---|
| island | category | Biscoe, Dream |
| mass | number |  |

## How good it is

The network beats the best simple model.

| | accuracy on the 69 rows of the test part | accuracy over the folds |
|---|---|---|
| **this network** | 0.971 (0.9 to 0.99) | 0.96 |
| majority | 0.5 (0.4 to 0.6) | not known |

In brackets: the interval that holds the true score in 95 of 100 cases.

## How it was trained

- Network: Dense(4), ReLU(), Dense(1); 21 numbers learned.
- Rows: 233 trained on, 42 to choose the epoch, 69 locked away.
- Split: stratified, because 'sex' has 2 classes.
- Loss: binary_cross_entropy.
- Optimizer: adam_w (learning_rate 0.003), schedule cosine.
- Batches of up to 32 rows, at most 200 epochs, seed 7.
- Made with photic 0.1.0, jax 0.10.2, python 3.11.7.
- The weights are those of epoch 2.
- Batch size: 32, for 344 rows.

## What is known to be weak

- **Problem.** 3 rows are in both parts.
- mass is missing in 2 rows.
- The test part has only 69 rows, so its interval is wide.
- Rows unlike those it was trained on get an answer too; nothing marks it as a guess.
- A category never met in training counts as unknown, a number far outside the range met as its edge.

"""
    )
    assert "photic predict THIS_FOLDER new.csv -o predictions.csv" in text
    assert 'run = ph.load("THIS_FOLDER")' in text


def test_the_python_of_the_card_is_python(bundle: Bundle) -> None:
    block = re.search(r"```python\n(.*?)```", card(bundle), re.DOTALL)
    assert block is not None
    compile(block[1], "card.md", "exec")


def test_what_was_never_measured_is_said_to_be_so(bundle: Bundle) -> None:
    bare = dataclasses.replace(bundle, plan={}, history=[], scores=None, audit=None, columns=())
    text = card(bare)
    assert "It was never scored." in text
    assert "Its input are arrays of shape (3,)." in text
    assert "No rows were locked away" in text
    assert "None" not in text


def test_without_a_test_part_only_the_folds_are_shown(bundle: Bundle) -> None:
    contenders = [{**each, "test": None} for each in SCORES["contenders"]]
    scores = {**SCORES, "contenders": contenders, "rows": {**SCORES["rows"], "test": 0}}
    text = card(dataclasses.replace(bundle, scores=scores))
    assert "| | accuracy over the folds |\n|---|---|\n| **this network** | 0.96 |" in text
    assert "No rows were locked away" in text


def test_names_cannot_break_the_page(bundle: Bundle) -> None:
    names = tuple(Column(f"a|b\n{i}", "category", tuple("pqrstuvwxyz")) for i in range(60))
    text = card(dataclasses.replace(bundle, columns=names))
    assert "| a\\|b 0 | category | p, q, r, s, t, u, v, w and 3 more |" in text
    assert "and 20 more, in `preparation.json`." in text
