"""Photic on the path that `photic fit` takes (`experiment.lanes.train`), with the network and rows of the peers."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from bench import data
from bench.networks import NETWORKS, Plan
from bench.peers import photic_reach, photic_search
from bench.peers.serve import Facts, Work, serve
from photic import keys
from photic.experiment import devices, lanes
from photic.experiment.storage import SUPER_BATCH
from photic.layers import (
    GRU,
    LSTM,
    BatchNorm,
    Conv,
    Dense,
    Flatten,
    GlobalAveragePool,
    Layer,
    MaxPool,
    ReLU,
    Rescale,
    Residual,
)
from photic.maths import losses
from photic.model import Model
from photic.optim.descent import Descent
from photic.optim.rules import Adam
from photic.train.history import Progress
from photic.train.objective import Objective
from photic.train.predict import outputs
from photic.train.run import Table, Training

_NONE = np.zeros(0, np.int32)


def network(sizes: list[int]) -> Model:
    hidden = [layer for width in sizes[1:-1] for layer in (Dense(width), ReLU())]
    return Model(*hidden, Dense(sizes[-1]))


def training(model: Model, outputs: int, batch_size: int, epochs: int) -> Training:
    kind = "regression" if outputs == 1 else "multiclass"
    metric = "rmse" if outputs == 1 else "accuracy"
    objective = Objective(model, losses.default(kind))
    return Training(objective, Descent(Adam(0.001)), batch_size, epochs, epochs, metric)


def steps(sizes: list[int], rows: int, batch_size: int, epochs: int) -> Work:
    """Epochs from fresh weights, layers inspected as always; the first run compiles, later ones find it in the cache.

    One more epoch goes before those that count: it waits for compilation, and counts as a part of it.
    """
    x, y = data.table(rows, sizes[0], sizes[-1])
    table = _table(x, y if sizes[-1] == 1 else y.astype(np.int32))
    return _epochs(training(network(sizes), sizes[-1], batch_size, epochs + 1), table)


def sequences(
    cell: str, units: int, layers: int, both: bool, t: int, d: int, rows: int, batch_size: int, epochs: int
) -> Work:
    """As `steps`, for a recurrent network."""
    kind, direction = {"lstm": LSTM, "gru": GRU}[cell], "both" if both else "forward"
    cells = [kind(units, direction, "all" if index < layers - 1 else "last") for index in range(layers)]
    table = _table(*data.sequences(rows, t, d))
    return _epochs(training(Model(*cells, Dense(1)), 1, batch_size, epochs + 1), table)


def images(network: str, shape: list[int], rows: int, batch_size: int, epochs: int) -> Work:
    """As `steps`, for a convolutional network."""
    x, y = data.pictures(rows, shape)
    model = Model(*_layers(NETWORKS[network]))
    return _epochs(training(model, 10, batch_size, epochs + 1), _table(x, y.astype(np.int32)))


def image_folds(network: str, path: str, count: int, batch_size: int, epochs: int) -> Work:
    """As `folds`, for a convolutional network and one seed."""
    x, y = data.saved(path)
    lane = lambda fold, fit, score: lanes.Assignment(f"fold {fold}", data.SEED, fit, _NONE, score)
    assignments = [lane(fold, *part) for fold, part in enumerate(data.folds(y, count))]
    plan = training(Model(*_layers(NETWORKS[network])), 10, batch_size, epochs)
    return _scored(plan, _table(x, y.astype(np.int32)), y, assignments)


def image_predictions(network: str, shape: list[int], rows: int, times: int) -> Work:
    """Outputs for rows, as `run.predict` computes them, from an array to an array."""
    x, _ = data.pictures(rows, shape)
    model = Model(*_layers(NETWORKS[network]))
    params, state = model.init(keys.root(data.SEED), tuple(shape))

    def work() -> Facts:
        for _ in range(times):
            outputs(model, params, state, x)
        return {}

    return work


def _layers(plan: Plan) -> tuple[Layer, ...]:
    made = {
        "conv": lambda units, kernel, stride: Conv(units, kernel, stride=stride, bias=False),
        "norm": BatchNorm, "relu": ReLU, "pool": MaxPool, "flatten": Flatten, "mean": GlobalAveragePool, "dense": Dense,
        "residual": lambda inside: Residual(_layers(inside)),
    }  # fmt: skip
    return tuple(made[kind](*settings) for kind, *settings in plan)


def _epochs(plan: Training, table: Table) -> Work:
    lane = lanes.Assignment("all", data.SEED, np.arange(len(table.y)), _NONE, _NONE)

    def work() -> Facts:
        _, clock = _train(plan, table, [lane])
        return {"seconds": clock[-1] - clock[1], "compile": _starting(clock)}

    return work


def folds(sizes: list[int], count: int, seeds: int, batch_size: int, epochs: int) -> Work:
    """Every fold and seed is a lane of one program; compilation is part of the time and is also told apart."""
    x, y = data.digits()
    table = _table(x, y.astype(np.int32))
    assignments = [
        lanes.Assignment(f"fold {fold} seed {seed}", seed, fit, _NONE, score)
        for fold, (fit, score) in enumerate(data.folds(y, count))
        for seed in range(seeds)
    ]
    return _scored(training(network(sizes), sizes[-1], batch_size, epochs), table, y, assignments)


def _scored(plan: Training, table: Table, y: np.ndarray, assignments: list[lanes.Assignment]) -> Work:
    def work() -> Facts:
        result, clock = _train(plan, table, assignments)
        right = [
            (trained.z.argmax(1) == y[given.score]).mean()
            for trained, given in zip(result.lanes, assignments, strict=True)
        ]
        return {"compile": _starting(clock), "accuracy": float(np.mean(right))}

    return work


def streaming(folder: str, kind: str, rows: int, batch_size: int, streamed: bool, epochs: int) -> Work:
    """Epochs over the first rows of a folder of arrays, left in their files or held in memory.

    One more epoch goes before those that count where there are several; a single one is for its memory alone.
    """
    files: list[Any] = [np.load(Path(folder, f"{name}.npy"), mmap_mode="r")[:rows] for name in ("x", "y", "weight")]
    model = network([50, 128, 128, 1]) if kind == "table" else Model(Rescale(), *_layers(NETWORKS["cnn"]))
    plan = training(model, 1 if kind == "table" else 10, batch_size, epochs + (epochs > 1))
    cut = rows * 9 // 10
    lane = lanes.Assignment(
        "all", data.SEED, np.arange(cut, dtype=np.int32), np.arange(cut, rows, dtype=np.int32), _NONE
    )
    table = Table(*(files if streamed else [np.array(file) for file in files]))

    def work() -> Facts:
        clock = [time.perf_counter()]
        watch = lambda progress: clock.append(time.perf_counter()) if progress.phase == "training" else None
        lanes.train(plan, table, [lane], super_batch=SUPER_BATCH if streamed else None, watch=watch)
        counted = len(clock) - 2
        return {"seconds": (clock[-1] - clock[1]) / counted if counted else clock[-1] - clock[0], "peak": peak_memory()}

    return work


def million(path: str) -> Work:
    """Read, split, prepare and train one epoch with what `photic fit` chooses; and the peak memory of it all."""
    from photic.data.read import read
    from photic.data.split import split
    from photic.experiment.choose import Wishes, choose
    from photic.experiment.plan import Source
    from photic.experiment.validate import prepare, validate

    def work() -> Facts:
        clock = [time.perf_counter()]
        dataset = read(path, "y")
        clock.append(time.perf_counter())
        plan = choose(dataset, Source(path, "y"), Wishes(epochs=1, folds=0))
        parts = split(dataset, test=plan.test, folds=0, stop=plan.stop)
        prepared = prepare(plan, dataset, [parts.final])
        clock.append(time.perf_counter())
        result = validate(plan, prepared).result
        sizes = [prepared[0].x.shape[1], *(layer.units for layer in plan.model.layers if isinstance(layer, Dense))]
        return {
            "read": clock[1] - clock[0],
            "prepare": clock[2] - clock[1],
            "compile": result.seconds["compile"],
            "epoch": result.seconds["train"],
            "operations": float(data.multiplications(sizes) * len(parts.final.fit)),
            "peak": peak_memory(),
        }

    return work


def _train(
    plan: Training, table: Table, assignments: list[lanes.Assignment], **more: Any
) -> tuple[lanes.Result, list[float]]:
    """A training, and the times at which it began and each of its epochs was done."""
    clock = [time.perf_counter()]

    def watch(progress: Progress) -> None:
        if progress.phase == "training":
            clock.append(time.perf_counter())

    return lanes.train(plan, table, assignments, watch=watch, **more), clock


def _timed(plan: Training, table: Table, assignments: list[lanes.Assignment]) -> tuple[lanes.Result, float]:
    result, clock = _train(plan, table, assignments, inspects=False)  # as the lanes of a search are trained
    return result, _starting(clock)


def _named(network_: Any) -> Model:
    return network(network_) if isinstance(network_, list) else Model(*_layers(NETWORKS[network_]))


def _starting(clock: list[float]) -> float:
    """All the time before the first epoch: tracing, compilation, and waiting for either."""
    mean = (clock[-1] - clock[1]) / (len(clock) - 2)
    return clock[1] - clock[0] - mean


def _table(x: Any, y: Any) -> Table:
    weight: Any = np.ones(len(x), np.float32)
    return Table(x, y, weight)


def peak_memory() -> float:
    """Bytes of memory this process held at most, the interpreter and its libraries included."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return float(line.split()[1]) * 1024
    import resource

    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


if __name__ == "__main__":
    devices.set_up()  # before the first array, as every command does
    serve(
        {
            "steps": steps,
            "sequences": sequences,
            "folds": folds,
            "million": million,
            "streaming": streaming,
            "images": images,
            "image folds": image_folds,
            "image predictions": image_predictions,
            "search": photic_search.search(_named, training, _timed),
            **photic_reach.WORKS,
        }
    )
