"""PhoticClassifier: a network that tells classes apart, as scikit-learn's estimators do."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float, Int, Shaped
from scipy.special import expit, softmax
from sklearn.base import ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.class_weight import compute_sample_weight

from photic.errors import PlanError
from photic.estimators.estimator import Estimator
from photic.estimators.target import Target, of_classes
from photic.maths import losses


@dataclasses.dataclass(eq=False, repr=False, kw_only=True)
class PhoticClassifier(ClassifierMixin, Estimator):
    """A network for classes: two, many, or several labels of yes and no, with scikit-learn's interface.

    `p = softmax(z)` over the outputs z of the network, one for each class; of two classes and of labels
    `p = 1 / (1 + exp(-z))`.

    Args:
        class_weight: "balanced", a dict from class to weight, or None; it multiplies the weights of rows.
        The other arguments are those of `Estimator`.

    What `fit` leaves behind: `classes_`, `n_features_in_`, `feature_names_in_`, `n_iter_` (epochs), `history_` (a dict
    an epoch), `plan_` (everything that was chosen), `said_` (that, and what was handled in the rows, in sentences),
    `preparation_`, `params_` and `state_`.

    Reference: Buitinck et al., "API design for machine learning software", 2013, https://arxiv.org/abs/1309.0238

    >>> x = np.repeat(np.eye(3), 20, axis=0)
    >>> y = np.repeat(["red", "green", "blue"], 20)
    >>> network = PhoticClassifier(epochs=20, random_state=0).fit(x, y)
    >>> network.predict(np.eye(3)).tolist(), network.score(x, y)
    (['red', 'green', 'blue'], 1.0)
    """

    class_weight: str | Mapping[Any, float] | None = None

    @property
    def _wants_numbers(self) -> bool:
        return False

    def _target(self, y: np.ndarray, known: Any = None) -> Target:
        return of_classes(y, known)

    def _weighed(self, target: Target, weight: Float[np.ndarray, " n"], fit: Int[np.ndarray, " m"]) -> np.ndarray:
        if self.class_weight is None:
            return weight
        assert target.classes is not None, "classes have names"
        if target.y.ndim > 1:
            raise PlanError(
                "class_weight", "needs one target with classes", "several labels", source="class_weight=",
                fix="leave it out, or give sample_weight",
            )  # fmt: skip
        if isinstance(self.class_weight, str) and self.class_weight == "balanced":
            return weight * losses.class_weights(target.y[fit], len(target.classes), weight[fit])[target.y]
        return weight * compute_sample_weight(self.class_weight, target.classes[target.y])

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> PhoticClassifier:
        """Learn classes from rows.

        Args:
            X: `[n, d]` numbers, NaN where one is missing, or a frame that may hold words, dates and gaps too.
            y: `[n]` classes, or `[n, k]` labels of 0 and 1.
            sample_weight: `[n]` how much every row counts; a row of weight 0 is as if it were not there.

        Raises:
            ValueError: when rows, targets or hyperparameters cannot be used; said before anything is trained.
        """
        self._fit(X, y, sample_weight)
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> PhoticClassifier:
        """One epoch on these rows, going on from where the last call ended; the learning rate stays as it is.

        Rows are prepared as the first call taught, so let that have rows of all kinds.

        Args:
            classes: all classes that will ever come; needed in the first call unless its rows have them all.
        """
        self._fit_on(X, y, classes, sample_weight)
        return self

    def decision_function(self, X: Any) -> Float[np.ndarray, "..."]:
        """`[n]` log-odds of the second of two classes; `[n, c]` an output for every class, `[n, k]` for every label."""
        z = self._z(X)
        return z[:, 0] if self.plan_.task.kind == "binary" else z

    def predict_proba(self, X: Any) -> Float[np.ndarray, "n c"]:
        """`[n, c]` a probability for each of `classes_`; of labels `[n, k]` that of a yes."""
        z = self._z(X)
        if self.plan_.task.kind == "binary":
            return np.column_stack([expit(-z[:, 0]), expit(z[:, 0])])
        return softmax(z, axis=1) if self.plan_.task.kind == "multiclass" else expit(z)

    def predict(self, X: Any) -> Shaped[np.ndarray, "n ..."]:
        """`[n]` the most probable class; `[n, k]` labels of 0 and 1."""
        z = self._z(X)
        if self.plan_.task.kind == "multiclass":
            return self.classes_[z.argmax(axis=1)]
        yes = (z > 0).astype(np.int64)
        return self.classes_[yes[:, 0]] if self.plan_.task.kind == "binary" else yes

    def __sklearn_tags__(self) -> Tags:
        tags = ClassifierMixin.__sklearn_tags__(self)
        tags.classifier_tags.multi_label = True
        return tags
