"""How much arithmetic a step is, counted by hand, and which steps are split over devices."""

from __future__ import annotations

import numpy as np
import pytest

from photic.experiment import work
from photic.layers import LSTM, Conv, Dense, Dropout, Flatten, ReLU, Residual
from photic.maths.losses import MSE
from photic.model import Model
from photic.optim.descent import Descent
from photic.optim.rules import Adam
from photic.train.objective import Objective
from photic.train.run import Table, Training


def made(model, shape, batch_size):
    table = Table(np.zeros((3, *shape), np.float32), np.zeros((3, 1), np.float32), np.ones(3, np.float32))
    return Training(Objective(model, MSE()), Descent(Adam(0.001)), batch_size, 1, 1, "rmse"), table


@pytest.mark.parametrize(
    ("model", "shape", "forward"),
    [
        (Model(Dense(8), ReLU(), Dropout(0.5), Dense(1)), (5,), 2 * 10 * (5 * 8 + 8)),
        (Model(Residual((Dense(5),)), Dense(1)), (5,), 2 * 10 * (5 * 5 + 5)),
        (Model(LSTM(6), Dense(1)), (7, 3), 2 * 10 * (7 * (3 + 6 + 1) * 4 * 6 + 6)),  # the bias is a product with 1
        (Model(Conv(4, 3, groups=2), Flatten(), Dense(1)), (7, 2), 2 * 10 * (7 * 3 * 1 * 4 + 28)),
    ],
    ids=str,
)
def test_products_and_convolutions_are_counted_every_time_they_run(model, shape, forward):
    assert work.step(*made(model, shape, 10)) == 3 * forward


@pytest.mark.parametrize(
    ("model", "shape", "batch_size", "split"),
    [
        (Model(LSTM(64), Dense(1)), (50, 16), 64, True),
        (Model(LSTM(64), Dense(1)), (50, 16), 1, False),
        (Model(Dense(64), ReLU(), Dense(1)), (20,), 128, False),
        (Model(Dense(4096), ReLU(), Dense(4096), ReLU(), Dense(1)), (784,), 128, False),
    ],
    ids=["sequences", "a row", "a small step", "many weights"],
)
def test_a_step_is_split_when_it_is_much_arithmetic_for_few_weights(model, shape, batch_size, split):
    assert work.pays(*made(model, shape, batch_size), 2) is split
