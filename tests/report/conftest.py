"""Run folders as a fit leaves them, from drawn numbers: one for each kind of task, with all that a report can show."""

import json
import shutil

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
NAMES = {"binary": "credit", "multiclass": "penguins", "regression": "houses"}
SIZE = {"binary": 900, "multiclass": 69, "regression": 2100}
COLUMNS = ("flipper_length", "bill_depth", "island", "tagged", "seen_on")
WORDS = {
    "network": "this network, 963 weights in 4 layers",
    "majority": "always says the most frequent class",
    "mean": "always says the mean",
    "logistic": "a linear model: logistic regression",
    "ridge": "a linear model: ridge regression",
    "boosted trees": "gradient-boosted decision trees",
}


def drawn_part(kind: str, n: int, seed: int) -> Part:
    """Targets, and predictions of a network that is rather good, of a linear model and of trees."""
    rng = np.random.default_rng([seed, len(kind)])
    if kind == "regression":
        y = np.exp(rng.normal(12.2, 0.45, n))
        noisy = lambda size: (y * np.exp(rng.normal(0, size, n)))[:, None]
        p = {"network": noisy(0.17), "mean": np.full((n, 1), y.mean()), "ridge": noisy(0.25)}
        return Part(y, {**p, "boosted trees": noisy(0.18)})
    shares = [0.44, 0.2, 0.36] if kind == "multiclass" else [0.78, 0.22]
    c, good = len(shares), 2.6 if kind == "multiclass" else 2.0
    y = rng.choice(c, n, p=shares)

    def said(better: float) -> np.ndarray:
        odds = np.exp(1.4 * (rng.normal(0, 1, (n, c)) + (good + better) * np.eye(c)[y]))
        p = odds / odds.sum(axis=1, keepdims=True)
        return np.ascontiguousarray(p if c == 3 else p[:, 1:])

    p = {"network": said(0.0), "majority": np.tile(shares if c == 3 else shares[1:], (n, 1)), "logistic": said(-0.5)}
    return Part(y, {**p, "boosted trees": said(-0.1)})


def drawn_history(lanes: list[str], kind: str) -> list[dict]:
    rng, lines = np.random.default_rng(1), []
    for lane in lanes:
        epochs, turn, least = int(rng.integers(50, 75)), rng.uniform(30, 45), np.inf
        at = np.arange(epochs)
        loss = 1.1 * np.exp(-at / 9) + 0.06 + rng.normal(0, 0.01, epochs)
        stop = 1.1 * np.exp(-at / 8) + 0.16 + 0.0022 * np.maximum(0, at - turn) + rng.normal(0, 0.012, epochs)
        score = np.sqrt(stop) if kind == "regression" else 1 - 0.45 * stop
        for i in range(epochs):
            line = {"lane": lane, "epoch": i + 1, "loss": loss[i], "learning_rate": 0.003}
            lines.append(line | {"stop_loss": stop[i], "stop_score": score[i], "best": bool(stop[i] < least)})
            least = min(least, stop[i])
    return lines


def drawn_audit(task: Task, n: int, names: tuple[str, ...]) -> dict:
    rng = np.random.default_rng(2)
    islands = ("Biscoe", "Dream", "Torgersen", "Elsewhere")
    columns = [
        Facts.of_numbers(names[0], "number", np.where(rng.random(n) < 0.03, np.nan, rng.normal(197, 14, n))),
        Facts.of_numbers(names[1], "number", rng.exponential(3.0, n)),
        Facts.of_codes(names[2], "category", rng.choice(4, n, p=[0.5, 0.3, 0.15, 0.05]), islands),
        Facts.of_codes(names[3], "boolean", rng.integers(-1, 2, n), ("no", "yes")),
        Facts.of_numbers(names[4], "date", rng.uniform(1.1e9, 1.3e9, n)),
    ]
    y = drawn_part(task.kind, n, 99).y
    of_target = Facts.of_numbers(task.target, "number", y) if task.kind == "regression" else None
    copies = "12 test rows are copies of training rows; remove the copies, or keep them together with groups=."
    return {
        "findings": [
            {"kind": "copies", "level": "problem", "words": copies, "columns": []},
            {"kind": "missing", "level": "note", "words": f"3% of {names[0]!r} are missing.", "columns": [names[0]]},
        ],
        "columns": [each.to_json() for each in columns],
        "target": (of_target or Facts.of_codes(task.target, "category", y, task.classes)).to_json(),
        "rows": n,
        "looked": n,
        "left_out": [{"name": "notes", "reason": "free text"}],
        "said": ["Spellings of a missing value are read as missing: tagged ('NA': 9)."],
    }


def plan_of(task: Task, folds: int) -> dict:
    rule = {"type": "adam_w", "learning_rate": 0.003, "weight_decay": 0.01}
    return {
        "format": 1,
        "made_with": {"photic": "0.1.0", "jax": "0.10.2", "python": "3.11.7"},
        "name": NAMES[task.kind],
        "source": {"data": f"{NAMES[task.kind]}.csv", "target": task.target, "groups": None, "fingerprint": "ab" * 32},
        "task": task.to_json(),
        "model": {"layers": []},
        "loss": {"type": "mse" if task.kind == "regression" else "cross_entropy"},
        "descent": {"rule": rule, "schedule": {"type": "cosine"}, "clip": None},
        "batch_size": 32,
        "epochs": 120,
        "folds": folds,
        "class_weight": None,
        "baselines": True,
        "said": [
            "Model: two hidden layers of 64 ReLU neurons with dropout 0.1, a size that suits 344 rows.",
            "Optimizer: AdamW at a learning rate of 0.003, falling along a cosine; it needs the least tuning.",
            "Training was ended early by Ctrl-C; the best weights so far were kept.",
        ],
    }


def write(folder, kind, *, names=COLUMNS, folds=5, test=True, baselines=True, task=None):
    """A run folder of this kind of task; returns its path."""
    task, size = task or TASKS[kind], SIZE[kind]
    part = drawn_part(kind, size, 7)
    parts = [drawn_part(kind, int(0.8 * size), seed) for seed in range(folds)]
    words = {name: WORDS[name] for name in part.p if baselines or name == "network"}
    rows = {"all": 5 * size, "fit": int(3.4 * size), "stop": 4 * size - int(3.4 * size), "test": size if test else 0}
    why = f"stratified, because {task.target!r} has {len(task.classes)} classes"
    why = "plain, because rows are alike" if kind == "regression" else why
    method = why.partition(",")[0]
    found = outcome(task, part if test else None, parts, words=words, rows=rows, split={"method": method, "why": why})
    layers = [{"type": "dense", "units": 64}, {"type": "relu"}, {"type": "dropout", "rate": 0.1}]
    kinds = ("number", "number", "category", "boolean", "date")
    columns = [{"name": name, "kind": column} for name, column in zip(names, kinds, strict=True)]
    content = {
        "plan.json": plan_of(task, folds),
        "model.json": {"input": [11], "layers": [*layers, {"type": "dense", "units": task.outputs}]},
        "scores.json": found.to_json(),
        "audit.json": drawn_audit(task, 5 * size, tuple(names)),
        "preparation.json": {"task": task.to_json(), "columns": columns, "preparation": {}},
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in content.items():
        (folder / name).write_text(json.dumps(value))
    history = drawn_history([*(f"fold {i + 1}" for i in range(folds)), "final"], kind)
    (folder / "history.jsonl").write_text("".join(json.dumps(line) + "\n" for line in history))
    if test:
        arrays = {"rows": np.arange(size), "target": np.asarray(part.y), "prediction": part.p["network"]}
        (folder / "test.safetensors").write_bytes(save(arrays))
    return folder


@pytest.fixture(params=["binary", "multiclass", "regression"])
def kind(request):
    return request.param


@pytest.fixture(scope="session")
def written(tmp_path_factory):
    """Each run folder is made once, because scoring takes a while, and copied to whoever asks."""
    made = {}

    def of(kind, choices):
        key = (kind, repr(sorted(choices.items())))
        if key not in made:
            made[key] = write(tmp_path_factory.mktemp("runs") / "run", kind, **choices)
        return made[key]

    return of


@pytest.fixture
def make(tmp_path, written):
    """A run folder of this kind of task, with choices of one's own."""
    return lambda kind, **choices: shutil.copytree(written(kind, choices), tmp_path / f"{NAMES[kind]}-1")


@pytest.fixture
def run(make, kind):
    return make(kind)
