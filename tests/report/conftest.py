"""Run folders as a fit leaves them, made from drawn numbers: one for each kind of task, with everything a report can show."""

import json

import numpy as np
import pytest
from safetensors.numpy import save

from photic.data.facts import Facts
from photic.data.task import Task
from photic.experiment.outcome import outcome
from photic.experiment.scored import Part

TASKS = {
    "binary": Task("binary", "default", ("no", "yes")),
    "multiclass": Task("multiclass", "species", ("Adelie", "Chinstrap", "Gentoo")),
    "regression": Task("regression", "price"),
}
WORDS = {
    "network": "this network, 4,867 weights in 5 layers",
    "majority": "always says the most frequent class",
    "mean": "always says the mean",
    "logistic": "a linear model: logistic regression",
    "ridge": "a linear model: ridge regression",
    "boosted trees": "gradient-boosted decision trees",
}
NAMES = {"binary": "credit", "multiclass": "penguins", "regression": "houses"}
SIZE = {"binary": 900, "multiclass": 69, "regression": 2600}


def _part(kind: str, n: int, seed: int) -> Part:
    """Targets and predictions of a network that is rather good, of a linear model and of trees."""
    rng = np.random.default_rng([seed, len(kind)])
    if kind == "regression":
        y = np.exp(rng.normal(12.2, 0.45, n))
        noisy = lambda size: (y * np.exp(rng.normal(0, size, n)))[:, None]
        return Part(
            y,
            {
                "network": noisy(0.17),
                "mean": np.full((n, 1), y.mean()),
                "ridge": noisy(0.25),
                "boosted trees": noisy(0.18),
            },
            trained=4 * n,
        )
    c = 3 if kind == "multiclass" else 2
    y = rng.choice(c, n, p=[0.44, 0.2, 0.36] if c == 3 else [0.78, 0.22])

    def said(good: float) -> np.ndarray:
        z = rng.normal(0, 1, (n, c)) + good * np.eye(c)[y]
        p = np.exp(1.4 * z) / np.exp(1.4 * z).sum(axis=1, keepdims=True)
        return p if c == 3 else p[:, 1:]

    good = 2.6 if c == 3 else 2.0
    shares = np.tile([0.44, 0.2, 0.36], (n, 1)) if c == 3 else np.full((n, 1), 0.22)
    return Part(
        y,
        {"network": said(good), "majority": shares, "logistic": said(good - 0.5), "boosted trees": said(good - 0.1)},
        trained=4 * n,
    )


def _history(rng: np.random.Generator, kind: str) -> list[dict]:
    lines = []
    for lane in ("fold 1", "fold 2", "fold 3", "fold 4", "fold 5", "final"):
        epochs, best = int(rng.integers(50, 75)), (np.inf, 0)
        turn = rng.uniform(30, 45)
        loss = 1.1 * np.exp(-np.arange(epochs) / 9) + 0.06 + rng.normal(0, 0.01, epochs)
        stop = (
            1.1 * np.exp(-np.arange(epochs) / 8)
            + 0.16
            + 0.0022 * np.maximum(0, np.arange(epochs) - turn)
            + rng.normal(0, 0.012, epochs)
        )
        score = np.sqrt(stop) if kind == "regression" else 1 - 0.45 * stop
        for i in range(epochs):
            better = bool(stop[i] < best[0])
            best = (stop[i], i) if better else best
            lines.append(
                {
                    "lane": lane,
                    "epoch": i + 1,
                    "loss": loss[i],
                    "learning_rate": 0.003,
                    "stop_loss": stop[i],
                    "stop_score": score[i],
                    "best": better,
                }
            )
    return lines


def _audit(kind: str, rng: np.random.Generator, n: int, names: list[str]) -> dict:
    columns = [
        Facts.of_numbers(names[0], "number", np.where(rng.random(n) < 0.03, np.nan, rng.normal(197, 14, n))),
        Facts.of_numbers(names[1], "number", rng.exponential(3.0, n)),
        Facts.of_codes(
            names[2],
            "category",
            rng.choice(4, n, p=[0.5, 0.3, 0.15, 0.05]),
            ("Biscoe", "Dream", "Torgersen", "Elsewhere"),
        ),
        Facts.of_codes(names[3], "boolean", rng.integers(-1, 2, n), ("no", "yes")),
        Facts.of_numbers(names[4], "date", rng.uniform(1.1e9, 1.3e9, n)),
    ]
    task = TASKS[kind]
    part = _part(kind, n, 99)
    target = (
        Facts.of_numbers(task.target, "number", part.y)
        if kind == "regression"
        else Facts.of_codes(task.target, "category", part.y, task.classes)
    )
    findings = [
        {
            "kind": "copies",
            "level": "problem",
            "words": "12 test rows are copies of training rows, so they are known by heart; remove the copies, or keep them together with groups=.",
            "columns": [],
        },
        {
            "kind": "missing",
            "level": "note",
            "words": f"3.1% of the values of {names[0]!r} are missing.",
            "columns": [names[0]],
        },
    ]
    return {
        "findings": findings,
        "columns": [each.to_json() for each in columns],
        "target": target.to_json(),
        "rows": n,
        "looked": n,
    }


def write(
    folder,
    kind: str,
    *,
    names=("flipper_length", "bill_depth", "island", "tagged", "seen_on"),
    folds=5,
    test=True,
    task=None,
):
    """A run folder of this kind of task; returns its path."""
    rng = np.random.default_rng(len(kind))
    task, size = task or TASKS[kind], SIZE[kind]
    part = _part(kind, size, 7)
    parts = [_part(kind, int(0.8 * size), seed) for seed in range(folds)]
    words = {name: WORDS[name] for name in part.p}
    rows = {"all": 5 * size, "fit": int(3.4 * size), "stop": 4 * size - int(3.4 * size), "test": size if test else 0}
    why = (
        "plain, because rows are alike"
        if kind == "regression"
        else f"stratified, because {task.target!r} has {len(task.classes)} classes"
    )
    found = outcome(
        task, part if test else None, parts, words=words, rows=rows, split={"method": why.split(",")[0], "why": why}
    )
    plan = {
        "format": 1,
        "made_with": {"photic": "0.1.0", "jax": "0.10.2", "python": "3.11.7"},
        "name": NAMES[kind],
        "source": {"data": f"{NAMES[kind]}.csv", "target": task.target, "task": None, "groups": None, "time": None, "weights": None, "fingerprint": "ab" * 32},
        "task": task.to_json(),
        "model": {"layers": []},
        "loss": {"type": "mse" if kind == "regression" else "cross_entropy"},
        "descent": {"rule": {"type": "adam_w", "learning_rate": 0.003, "weight_decay": 0.01}, "schedule": {"type": "cosine"}, "clip": None},
        "batch_size": 32, "epochs": 120, "patience": 24, "test": 0.2, "stop": 0.15, "folds": folds, "repeats": 1, "method": None,
        "class_weight": None, "seeds": 1, "seed": 0, "baselines": True,
        "said": [
            "Model: two hidden layers of 64 ReLU neurons with dropout 0.1, a size that suits 344 rows.",
            "Optimizer: AdamW at a learning rate of 0.003, falling along a cosine; it needs the least tuning.",
            "Batch size: 32, for 344 rows.",
            "Epochs: at most 120; training ends early when the stop rows no longer gain.",
            "Folds: 5, so that every row outside the test part is scored once by a network that never saw it.",
        ],
    }  # fmt: skip
    layers = [
        {"type": "dense", "units": 64, "initializer": "he_uniform"},
        {"type": "relu"},
        {"type": "dropout", "rate": 0.1},
        {"type": "dense", "units": task.outputs},
    ]
    kinds = ["number", "number", "category", "boolean", "date"]
    columns = [{"name": name, "kind": column} for name, column in zip(names, kinds, strict=True)]
    put = lambda name, value: (folder / name).write_text(json.dumps(value))
    folder.mkdir(parents=True, exist_ok=True)
    put("plan.json", plan)
    put("model.json", {"input": [11], "layers": layers})
    put("scores.json", found.to_json())
    put("audit.json", _audit(kind, rng, 5 * size, list(names)))
    put("preparation.json", {"task": task.to_json(), "columns": columns, "preparation": {}})
    history = _history(rng, kind)
    lanes = {f"fold {i + 1}" for i in range(folds)} | {"final"}
    (folder / "history.jsonl").write_text("".join(json.dumps(line) + "\n" for line in history if line["lane"] in lanes))
    if test:
        target = np.asarray(part.y)
        (folder / "test.safetensors").write_bytes(
            save({"rows": np.arange(size), "target": target, "prediction": np.ascontiguousarray(part.p["network"])})
        )
    return folder


@pytest.fixture(params=["binary", "multiclass", "regression"])
def kind(request):
    return request.param


@pytest.fixture
def run(tmp_path, kind):
    return write(tmp_path / "runs" / f"{NAMES[kind]}-1", kind)


@pytest.fixture
def make(tmp_path):
    """Write a run folder with choices of one's own."""
    return lambda kind, **choices: write(tmp_path / f"{NAMES[kind]}-2", kind, **choices)
