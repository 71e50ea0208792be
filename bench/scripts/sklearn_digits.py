"""Digits in scikit-learn, as a script: FILE."""

import sys
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

warnings.simplefilter("ignore", ConvergenceWarning)  # thirty epochs are asked for, not convergence
digits = np.load(sys.argv[1])
model = MLPClassifier((128,), batch_size=32, max_iter=30, n_iter_no_change=30, alpha=0.0, tol=0.0, random_state=0)
model.fit(digits["x"], digits["y"])
print(model.score(digits["x_score"], digits["y_score"]))
