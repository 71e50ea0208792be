"""Digits in Photic, as a script: FILE."""

import sys
import tempfile

import numpy as np

import photic as ph

digits = np.load(sys.argv[1])
with tempfile.TemporaryDirectory() as folder:
    run = ph.fit(
        digits["x"],
        digits["y"],
        task="multiclass",
        model=ph.Model(ph.Dense(128), ph.ReLU(), ph.Dense(10)),
        optimizer="adam",
        schedule="constant",
        batch_size=32,
        epochs=30,
        folds=0,
        test=0.0,
        stop=0.0,
        baselines=False,
        out=f"{folder}/run",
    )
    predicted = run.predict(digits["x_score"])
    print(float((np.asarray(predicted.classes).astype(int) == digits["y_score"]).mean()))
