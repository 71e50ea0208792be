"""PhoticTransformer: what a network makes of rows before its last layer, as features for other estimators."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from jaxtyping import Float
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import type_of_target

from photic import spec
from photic.errors import PlanError, nearest
from photic.estimators.estimator import Estimator
from photic.estimators.target import Target, of_classes, of_numbers
from photic.experiment.plan import Plan
from photic.experiment.validate import check
from photic.model import Model
from photic.tensor import Shape

_TASKS = ("classification", "regression")


@dataclasses.dataclass(eq=False, repr=False, kw_only=True)
class PhoticTransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, Estimator):
    """The hidden representation of a network: `h = f_l(... f_1(x))`, the output of all layers before the last one.

    The network learns to predict `y`, and what its last hidden layer makes of a row are the features.

    Args:
        task: "classification", "regression", or None to look at `y`.
        The other arguments are those of `Estimator`.

    What `fit` leaves behind: `hidden_` (the layers that are kept), and all that a classifier or a regressor leaves.

    Reference: Bengio, Courville and Vincent, "Representation learning", 2013, https://arxiv.org/abs/1206.5538

    >>> x = np.repeat(np.eye(2), 20, axis=0)
    >>> hidden = PhoticTransformer(epochs=5, random_state=0).set_output(transform="pandas")
    >>> hidden.fit_transform(x, np.repeat([0, 1], 20)).shape, str(hidden.get_feature_names_out()[0])
    ((40, 64), 'photictransformer0')
    """

    task: str | None = None

    @property
    def _wants_numbers(self) -> bool:
        return False

    def _target(self, y: np.ndarray, known: Any = None) -> Target:
        if self.task is not None and self.task not in _TASKS:
            raise PlanError(
                "task", "needs 'classification', 'regression' or None", repr(self.task), source="task=",
                fix=nearest(str(self.task), _TASKS),
            )  # fmt: skip
        numbers = self.task == "regression" or (self.task is None and type_of_target(y).startswith("continuous"))
        return of_numbers(y) if numbers else of_classes(y, known)

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> PhoticTransformer:
        """Learn to predict `y`; the arguments are those of a classifier or a regressor.

        Raises:
            ValueError: when rows, targets or hyperparameters cannot be used, or the network has no hidden layer.
        """
        self._fit(X, y, sample_weight)
        return self

    def _accept(self, plan: Plan, input: Shape) -> None:
        check(plan, input)
        self.hidden_, self._n_features_out = _hidden(plan.model, input)

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> PhoticTransformer:
        """One epoch on these rows, as a classifier's or a regressor's."""
        self._fit_on(X, y, classes, sample_weight)
        return self

    def transform(self, X: Any) -> Float[np.ndarray, "n units"]:
        """`[n, units]` the outputs of the last hidden layer; of a layer with places, all of them in a row."""
        z = self._z(X, getattr(self, "hidden_", None))
        return z.reshape(len(z), -1)

    def __sklearn_tags__(self) -> Tags:
        tags = TransformerMixin.__sklearn_tags__(self)
        tags.transformer_tags.preserves_dtype = ["float64"]
        return tags


def _hidden(model: Model, input: Shape) -> tuple[Model, int]:
    """The layers before the last one, and how many numbers they make of a row."""
    if len(model.layers) < 2:
        raise PlanError(
            "model", "needs a hidden layer, whose outputs are the features", spec.words(model.layers[-1]) + " alone",
            source="the model", fix='use model="mlp", or a Model with layers before the last one',
        )  # fmt: skip
    hidden = Model(*model.layers[:-1])
    return hidden, int(np.prod(hidden.shape(input)))
