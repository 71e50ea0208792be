"""Networks as scikit-learn's estimators: in pipelines, grid searches, calibration and whatever else takes one.

    from photic import PhoticClassifier
    GridSearchCV(PhoticClassifier(), {"learning_rate": [0.003, 0.01, 0.03]}).fit(X, y)

They stand on the same plan, preparation and compiled training as `photic.fit`, and keep scikit-learn's conventions:
https://scikit-learn.org/stable/developers/develop.html.
"""

from photic.estimators.classifier import PhoticClassifier
from photic.estimators.regressor import PhoticRegressor
from photic.estimators.transformer import PhoticTransformer

__all__ = ["PhoticClassifier", "PhoticRegressor", "PhoticTransformer"]
