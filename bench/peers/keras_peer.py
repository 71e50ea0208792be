"""Keras 3 on JAX: `model.fit`, compiled and silent; as it comes, or with several steps a call."""

from __future__ import annotations

import keras
from jax import monitoring

from bench import data
from bench.peers.serve import Facts, Work, serve


def steps(sizes: list[int], rows: int, batch_size: int, epochs: int, at_once: int) -> Work:
    """Epochs of a network that is kept from run to run; the first run compiles."""
    keras.utils.set_random_seed(data.SEED)
    x, y = data.table(rows, sizes[0], sizes[-1])
    hidden = [keras.layers.Dense(width, activation="relu") for width in sizes[1:-1]]
    model = keras.Sequential([keras.Input((sizes[0],)), *hidden, keras.layers.Dense(sizes[-1])])
    model.compile(
        optimizer=keras.optimizers.Adam(1e-3),
        loss="mse" if sizes[-1] == 1 else keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=True,
        steps_per_execution=at_once,
    )
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
    serve({"steps": steps})
