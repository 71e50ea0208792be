"""Schedules, with optax's own as witnesses where optax has them."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from photic import spec
from photic.errors import PlanError
from photic.optim.schedules import SCHEDULES, Constant, Cosine, OneCycle, Schedule, Step, WarmUp, named

T = np.linspace(0.0, 1.0, 101, dtype=np.float32)


def _optax_one_cycle(step: float) -> float:
    with jax.numpy_dtype_promotion("standard"):  # optax mixes dtypes
        return optax.cosine_onecycle_schedule(1000, 1.0, 0.3, 25.0, 400.0)(step)


WITNESSES = [
    (Constant(), np.ones_like),
    (Cosine(), optax.cosine_decay_schedule(1.0, 1)),
    (Cosine(floor=0.1), optax.cosine_decay_schedule(1.0, 1, alpha=0.1)),
    (Step(every=0.25, drop=0.5), lambda t: 0.5 ** np.floor(t / 0.25)),
    (WarmUp(share=0.2), lambda t: np.minimum(t / 0.2, 1.0)),
    (WarmUp(0.2, then=Cosine()), lambda t: np.where(t < 0.2, t / 0.2, 0.5 + 0.5 * np.cos(np.pi * (t - 0.2) / 0.8))),
    (
        OneCycle(peak=0.3, start=0.04, end=1e-4),
        lambda t: np.array([_optax_one_cycle(1000 * moment) for moment in t]),
    ),
]


def _factors(schedule: Schedule, t: np.ndarray = T) -> np.ndarray:
    return np.asarray(jax.jit(jax.vmap(lambda moment: schedule.factor(moment, {})))(t))


@pytest.mark.parametrize(("schedule", "witness"), WITNESSES, ids=[spec.words(schedule) for schedule, _ in WITNESSES])
def test_a_schedule_agrees_with_its_witness(schedule: Schedule, witness: object) -> None:
    np.testing.assert_allclose(_factors(schedule), witness(T), atol=2e-5)  # float32 cosines


@pytest.mark.parametrize("schedule", [schedule for schedule, _ in WITNESSES], ids=spec.words)
def test_a_factor_is_a_share_and_the_schedule_survives_json(schedule: Schedule) -> None:
    factors = _factors(schedule)
    assert factors.min() >= -1e-7 and factors.max() <= 1 + 1e-6
    assert spec.from_json(spec.to_json(schedule), SCHEDULES, "schedule", "a test") == schedule


def test_a_number_of_a_schedule_may_be_a_knob() -> None:
    schedule = Cosine(floor=spec.Knob("floor", 0.0))
    np.testing.assert_allclose(float(schedule.factor(jnp.float32(1.0), {"floor": jnp.float32(0.3)})), 0.3, rtol=1e-6)


def test_impossible_schedules_are_refused_in_words() -> None:
    with pytest.raises(PlanError, match=r"needs share between 0 and 1, .* got 5.0"):
        WarmUp(share=5.0)
    with pytest.raises(PlanError, match="did you mean 'cosine'"):
        named("cosin")
