"""What the estimators share: hyperparameters as scikit-learn has them, fitting, fitting on, and outputs for rows.

Hyperparameters are the fields of a dataclass: stored as they are given, looked at in `fit`, as scikit-learn wants it.
What a fit leaves behind are arrays of NumPy and frozen specs of plain values, so that an estimator can be copied and
sent to another process; compiled programs stay with the process.
"""

from __future__ import annotations

import abc
import dataclasses
import sys
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import check_is_fitted

from photic.data.dataset import Dataset
from photic.data.prepare import Preparation
from photic.data.split import Fold
from photic.errors import PlanError
from photic.estimators import rows, training
from photic.estimators.target import Target
from photic.estimators.training import Kept
from photic.experiment import devices
from photic.experiment.choose import Wishes, choose
from photic.experiment.lanes import Result
from photic.experiment.plan import Plan, Source
from photic.experiment.validate import Prepared, check, cut, find_rates
from photic.maths.losses import Loss
from photic.model import Model
from photic.optim.rules import Rule
from photic.optim.schedules import Schedule
from photic.spec import Number
from photic.tensor import Shape
from photic.train.history import Progress, Watcher, quiet
from photic.train.predict import outputs

_FEW = 20  # rows; of fewer, none are spared to choose the epoch
_TOGETHER = 64  # rows are predicted at least, so that a row's outputs do not hang on how many come with it


@dataclasses.dataclass(eq=False, repr=False, kw_only=True)
class Estimator(BaseEstimator, abc.ABC):
    """A network that learns from `fit(X, y)`; final classes say what it answers.

    Columns are prepared as `photic.fit` prepares them, on the rows that are fitted alone, so nothing needs scaling
    before. Pictures can be fitted as rows of pixels, with a Model that begins with `Reshape((height, width, 1))`.
    Ctrl-C ends a training after the present epoch, keeps its best weights and warns; twice, it ends the program.

    Args:
        model: a Model, its JSON, "mlp", "linear", or a function from the number of outputs to a Model, such as
            `functools.partial(ph.mlp, width=32)`; None for the usual network.
        loss, optimizer, schedule: a spec or its name; None for the usual one.
        learning_rate: how far a step goes; "auto" finds it on the rows, see `experiment.rates`.
        clip: the largest norm of a gradient; None for any.
        mixup: train on blends of two rows, so strongly; see `train.mixup`.
        batch_size: rows a step, at most; epochs: passes over the rows, at most.
        patience: epochs without a better loss on the stop rows before training ends.
        stop: the share of the rows that only choose the best epoch; none of fewer than 20 rows, and none at 0.
        warm_start: whether `fit` begins with the weights and the preparation of the last one.
        random_state: a seed, a RandomState, or None for another network every time.
        verbose: whether every epoch is told on standard error.
    """

    model: Model | str | Mapping[str, Any] | Callable[[int], Model] | None = None
    loss: Loss | str | None = None
    optimizer: Rule | str | None = None
    learning_rate: Number | str | None = None
    schedule: Schedule | str | None = None
    clip: Number | None = None
    mixup: float = 0.0
    batch_size: int | None = None
    epochs: int | None = None
    patience: int | None = None
    stop: float = 0.15
    warm_start: bool = False
    random_state: int | np.random.RandomState | None = None
    verbose: bool = False

    @property
    @abc.abstractmethod
    def _wants_numbers(self) -> bool:
        """Whether targets must be numbers."""

    @abc.abstractmethod
    def _target(self, y: np.ndarray, known: Any = None) -> Target:
        """The target in checked values; `known` are all classes where `y` may not have them all."""

    def _weighed(self, target: Target, weight: Float[np.ndarray, " n"], fit: Int[np.ndarray, " m"]) -> np.ndarray:
        """The weights of rows in training; classes may have weights of their own."""
        return weight

    def _accept(self, plan: Plan, input: Shape) -> None:
        """Refuse a network that cannot do what is asked, before it is trained."""
        check(plan, input)

    def __sklearn_tags__(self) -> Tags:
        tags = BaseEstimator.__sklearn_tags__(self)
        tags.input_tags.allow_nan = True
        tags.target_tags.required = True
        return tags

    def _fit(self, x: Any, y: Any, sample_weight: Any) -> None:
        """Learn from rows, anew or with the weights of the last fit."""
        devices.set_up()
        warm = self.warm_start and _is_fitted(self)
        dataset, target = self._learned(x, y, sample_weight, again=warm)
        dataset = dataclasses.replace(dataset, task=target.task, y=target.y)
        plan = self._plan(dataset)
        fold = _fold(plan, dataset)
        preparation = self.preparation_ if warm else Preparation.fit(dataset, fold.fit)
        prepared = self._prepared(dataset, target, preparation, fold)
        self._accept(plan, prepared.x.shape[1:])
        if warm and plan.model != self.plan_.model:
            raise PlanError(
                "model", "needs to be that of the last fit to go on from its weights", f"{plan.model}",
                source="warm_start=True", fix="keep the model and the number of rows, or fit with warm_start=False",
            )  # fmt: skip
        plan = dataclasses.replace(find_rates(plan, [prepared]), rates=None)
        start = (self.params_, self.state_) if warm else None
        result = training.train(plan, prepared, weights=start, watch=self._watch())
        self._keep(plan, dataset, target, prepared, result)
        self._kept = None

    def _fit_on(self, x: Any, y: Any, classes: Any, sample_weight: Any) -> None:
        """One epoch on these rows, after all that were before."""
        devices.set_up()
        again = _is_fitted(self)
        dataset, target = self._learned(x, y, sample_weight, again=again, classes=classes)
        dataset = dataclasses.replace(dataset, task=target.task, y=target.y)
        plan = self.plan_ if again else self._plan(dataset)
        fold = Fold("final", np.arange(dataset.n), np.arange(0), np.arange(0))
        preparation = self.preparation_ if again else Preparation.fit(dataset, fold.fit)
        prepared = self._prepared(dataset, target, preparation, fold)
        if not again:
            self._accept(plan, prepared.x.shape[1:])
            plan = dataclasses.replace(find_rates(plan, [prepared]), rates=None)
        kept = getattr(self, "_kept", None)
        if kept is None:
            kept = training.begun(plan, self.params_, self.state_) if again else Kept(None)
        else:
            kept = dataclasses.replace(kept)
        result = training.train_on(plan, prepared, kept, watch=self._watch())
        history, seen = (self.history_, self.n_iter_) if again else ([], 0)
        self._keep(plan, dataset, target, prepared, result)
        self.history_, self.n_iter_, self._kept = [*history, *self.history_], seen + 1, kept

    def _learned(
        self, x: Any, y: Any, sample_weight: Any, *, again: bool, classes: Any = None
    ) -> tuple[Dataset, Target]:
        """The rows that count, and their targets."""
        x, y = rows.checked(self, x, y, numbers=self._wants_numbers, reset=not again)
        weight = rows.weights(sample_weight, len(y))
        dataset = rows.again(self, x, self.columns_) if again else rows.dataset(self, x)
        dataset = dataclasses.replace(dataset, weight=weight)
        counted = np.flatnonzero(weight)
        if len(counted) < len(y):
            dataset, y = dataset.take(counted), y[counted]
        known = getattr(self, "classes_", None) if again and classes is None else classes
        target = self._target(y, known)
        if again and target.task != self.plan_.task:
            raise PlanError(
                "y", f"needs what the last fit predicted, {self.plan_.task.words}", target.task.words,
                source="the call of fit", fix="start anew with warm_start=False",
            )  # fmt: skip
        return dataset, target

    def _plan(self, dataset: Dataset) -> Plan:
        asked = {name: _plain(getattr(self, name)) for name in _WISHES}
        assert dataset.task is not None, "rows to fit have a task"
        model = asked["model"]
        if callable(model) and not isinstance(model, Model):
            asked["model"] = model(dataset.task.outputs)
        seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        if dataset.n < _FEW:
            asked["stop"] = 0.0
        wishes = Wishes(**asked, folds=0, test=0.0, seed=seed, baselines=False)
        return choose(dataset, Source(None, None), wishes)

    def _prepared(self, dataset: Dataset, target: Target, preparation: Preparation, fold: Fold) -> Prepared:
        assert dataset.weight is not None, "rows to fit have weights"
        x, y = preparation.transform(dataset), preparation.target(target.y)
        weight = self._weighed(target, dataset.weight, fold.fit)
        return Prepared(fold, preparation, x, y, weight.astype(np.float32))

    def _keep(self, plan: Plan, dataset: Dataset, target: Target, prepared: Prepared, result: Result) -> None:
        (trained,) = result.lanes
        self.plan_, self.columns_, self.preparation_ = plan, dataset.columns, prepared.preparation
        self.params_, self.state_ = trained.params, trained.state
        unknown = {"lane"} if len(prepared.fold.stop) else {"lane", "stop_loss", "stop_score"}
        self.history_ = [{name: line[name] for name in line if name not in unknown} for line in result.history]
        self.n_iter_ = len(self.history_)
        left_out = (f"{each.name!r} is not learned from: it {each.reason}." for each in dataset.left_out)
        self.said_ = (*dataset.said, *left_out, *plan.said)
        if target.classes is not None:
            self.classes_ = target.classes
        last = self.history_[-1]
        if not np.isfinite([last["loss"], last.get("stop_loss", 0.0)]).all():
            warnings.warn(
                f"The loss was no longer a number in epoch {last['epoch']}; the weights are those of epoch "
                f"{trained.best_epoch}. Make the learning rate smaller.",
                ConvergenceWarning,
                stacklevel=4,
            )
        elif result.interrupted:
            warnings.warn(f"Ctrl-C ended the training after epoch {last['epoch']}.", UserWarning, stacklevel=4)

    def _watch(self) -> Watcher:
        return _tell if self.verbose else quiet

    def _z(self, x: Any, model: Model | None = None) -> Float[np.ndarray, "n ..."]:
        """The outputs of the network, or of its first layers, for new rows; float64."""
        check_is_fitted(self)
        devices.set_up()
        prepared = self.preparation_.transform(rows.again(self, x, self.columns_))
        n = len(prepared)
        if n < _TOGETHER:
            prepared = np.concatenate([prepared, np.zeros((_TOGETHER - n, *prepared.shape[1:]), prepared.dtype)])
        return outputs(model or self.plan_.model, self.params_, self.state_, prepared)[:n].astype(np.float64)


#: The hyperparameters that a plan is chosen by.
_WISHES = (
    "model", "loss", "optimizer", "learning_rate", "schedule", "clip",
    "mixup", "batch_size", "epochs", "patience", "stop",
)  # fmt: skip


def _fold(plan: Plan, dataset: Dataset) -> Fold:
    """The rows that are fitted and those that choose the epoch."""
    if not plan.stop:
        return Fold("final", np.arange(dataset.n), np.arange(0), np.arange(0))
    return cut(plan, dataset).final


def _is_fitted(estimator: Estimator) -> bool:
    return "params_" in vars(estimator)


def _plain(value: Any) -> Any:
    """A number of NumPy's, as searches draw them, as one of Python's."""
    return value.item() if isinstance(value, np.generic) else value


def _tell(progress: Progress) -> None:
    if progress.phase == "training":
        told = f"epoch {progress.epoch}/{progress.epochs}: loss {progress.loss:.5g}\n"
        sys.stderr.write(told)
