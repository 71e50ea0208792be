"""Digits in Keras 3 on JAX, as a script: FILE."""

import sys

import keras
import numpy as np

keras.utils.set_random_seed(0)
digits = np.load(sys.argv[1])
model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(128, activation="relu"), keras.layers.Dense(10)])
model.compile(
    optimizer=keras.optimizers.Adam(1e-3),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    jit_compile=True,
    steps_per_execution=16,
)
model.fit(digits["x"], digits["y"], batch_size=32, epochs=30, verbose=0)
print(float((model.predict(digits["x_score"], verbose=0).argmax(1) == digits["y_score"]).mean()))
