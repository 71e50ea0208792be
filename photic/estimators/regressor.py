"""PhoticRegressor: a network that predicts numbers, as scikit-learn's estimators do."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from jaxtyping import Float
from sklearn.base import RegressorMixin
from sklearn.utils import Tags

from photic.estimators.estimator import Estimator
from photic.estimators.target import Target, of_numbers


@dataclasses.dataclass(eq=False, repr=False, kw_only=True)
class PhoticRegressor(RegressorMixin, Estimator):
    """A network for one number or several, with scikit-learn's interface.

    `y = mean + std z`, where z are the outputs of the network, and mean and std those of the target in the rows that
    were fitted; several numbers have a mean and a std each.

    Args:
        The arguments are those of `Estimator`.

    What `fit` leaves behind: `n_features_in_`, `feature_names_in_`, `n_iter_` (epochs), `history_` (a dict an epoch),
    `plan_` (everything that was chosen), `said_` (that, and what was handled in the rows, in sentences),
    `preparation_`, `params_` and `state_`.

    Reference: Buitinck et al., "API design for machine learning software", 2013, https://arxiv.org/abs/1309.0238

    >>> x = np.linspace(-1, 1, 200)[:, None]
    >>> network = PhoticRegressor(epochs=100, random_state=0).fit(x, x[:, 0] ** 2)
    >>> network.score(x, x[:, 0] ** 2) > 0.95, network.predict(x[:2]).shape
    (True, (2,))
    """

    @property
    def _wants_numbers(self) -> bool:
        return True

    def _target(self, y: np.ndarray, known: Any = None) -> Target:
        return of_numbers(y)

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> PhoticRegressor:
        """Learn numbers from rows.

        Args:
            X: `[n, d]` numbers, NaN where one is missing, or a frame that may hold words, dates and gaps too.
            y: `[n]` or `[n, k]` numbers.
            sample_weight: `[n]` how much every row counts; a row of weight 0 is as if it were not there.

        Raises:
            ValueError: when rows, targets or hyperparameters cannot be used; said before anything is trained.
        """
        self._fit(X, y, sample_weight)
        return self

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> PhoticRegressor:
        """One epoch on these rows, going on from where the last call ended; the learning rate stays as it is.

        Rows and targets are scaled as the first call taught, so let that have rows of all kinds.
        """
        self._fit_on(X, y, None, sample_weight)
        return self

    def predict(self, X: Any) -> Float[np.ndarray, "n ..."]:
        """`[n]` or `[n, k]` numbers, in the unit of the target."""
        z = self._z(X)
        values = self.preparation_.untarget(z)
        return values if self.plan_.task.targets else values[:, 0]

    def __sklearn_tags__(self) -> Tags:
        tags = RegressorMixin.__sklearn_tags__(self)
        tags.target_tags.multi_output = True
        return tags
