"""Keras 3 on JAX: `model.fit`, compiled and silent; as it comes, or with several steps a call."""

from __future__ import annotations

from typing import Any

import keras
from jax import monitoring

from bench import data
from bench.networks import NETWORKS
from bench.peers.serve import Facts, Work, serve


def steps(sizes: list[int], rows: int, batch_size: int, epochs: int, at_once: int) -> Work:
    """Epochs of a network that is kept from run to run; the first run compiles."""
    x, y = data.table(rows, sizes[0], sizes[-1])
    hidden = [keras.layers.Dense(width, activation="relu") for width in sizes[1:-1]]
    loss = "mse" if sizes[-1] == 1 else keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return _fit([*hidden, keras.layers.Dense(sizes[-1])], loss, x, y, batch_size, epochs, at_once)


def sequences(
    cell: str,
    units: int,
    layers: int,
    both: bool,
    t: int,
    d: int,
    rows: int,
    batch_size: int,
    epochs: int,
    at_once: int,
) -> Work:
    """Epochs of a recurrent network that is kept from run to run; the first run compiles."""
    x, y = data.sequences(rows, t, d)
    kind = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[cell]
    cells = [kind(units, return_sequences=index < layers - 1) for index in range(layers)]
    cells = [keras.layers.Bidirectional(layer) for layer in cells] if both else cells
    return _fit([*cells, keras.layers.Dense(1)], "mse", x, y, batch_size, epochs, at_once)


def images(network: str, shape: list[int], rows: int, batch_size: int, epochs: int) -> Work:
    """Epochs of a convolutional network that is kept from run to run, several steps a call; the first run compiles."""
    x, y = data.pictures(rows, shape)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return _fit([_layer(*each) for each in NETWORKS[network]], loss, x, y, batch_size, epochs, 4)


def _layer(kind: str, *settings: int) -> Any:
    if kind == "conv":
        units, kernel, stride = settings
        return keras.layers.Conv2D(units, kernel, stride, padding="same", use_bias=False)
    plain = {
        "norm": keras.layers.BatchNormalization, "relu": keras.layers.ReLU, "pool": keras.layers.MaxPooling2D,
        "flatten": keras.layers.Flatten, "mean": keras.layers.GlobalAveragePooling2D, "dense": keras.layers.Dense,
    }  # fmt: skip
    return plain[kind](*settings)


def _fit(layers: list, loss: Any, x: Any, y: Any, batch_size: int, epochs: int, at_once: int) -> Work:
    keras.utils.set_random_seed(data.SEED)
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers])
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss=loss, jit_compile=True, steps_per_execution=at_once)
    compiling: list[float] = []

    def listen(event: str, duration_secs: float, **_: str | int) -> None:
        if event.startswith("/jax/core/compile/"):
            compiling.append(duration_secs)

    monitoring.register_event_duration_secs_listener(listen)

    def work() -> Facts:
        compiling.clear()
        model.fit(x, y, batch_size=batch_size, epochs=epochs, verbose=0)
        return {"compile": sum(compiling)}

    return work


if __name__ == "__main__":
    serve({"steps": steps, "sequences": sequences, "images": images})
