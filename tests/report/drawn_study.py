"""A study as a search leaves it, from drawn numbers: one good region, rungs, lanes that diverge, and luck."""

import json
import math

import numpy as np

SPACE = {
    "learning_rate": {"type": "log_uniform", "low": 1e-4, "high": 1.0},
    "weight_decay": {"type": "log_uniform", "low": 1e-6, "high": 1e-1},
    "dropout": {"type": "uniform", "low": 0.0, "high": 0.6},
    "width": {"type": "choice", "options": [32, 64, 128]},
    "depth": {"type": "integer", "low": 1, "high": 4},
    "optimizer": {"type": "choice", "options": ["adam_w", "sgd"]},
    "momentum": {"type": "uniform", "low": 0.5, "high": 0.99, "when": {"optimizer": ["sgd"]}},
}
DEFAULT = {
    "learning_rate": 3e-3, "weight_decay": 0.01, "dropout": 0.1, "width": 64, "depth": 2, "optimizer": "adam_w",
}  # fmt: skip
RUNGS = (4, 13, 40)


def _values(rng, near):
    """A setting, drawn anywhere or near a good one."""
    values = {}
    for name, each in SPACE.items():
        if any(values[other] not in allowed for other, allowed in each.get("when", {}).items()):
            continue
        if each["type"] == "choice":
            keep = near and name in near and rng.random() < 0.7
            values[name] = near[name] if keep else each["options"][rng.integers(len(each["options"]))]
            continue
        log = each["type"] == "log_uniform"
        low, high = (math.log(each["low"]), math.log(each["high"])) if log else (each["low"], each["high"])
        at = rng.uniform(low, high)
        if near and name in near:
            middle = math.log(near[name]) if log else near[name]
            at = float(np.clip(rng.normal(middle, (high - low) / 8), low, high))
        values[name] = float(math.exp(at)) if log else round(at) if each["type"] == "integer" else float(at)
    return values


def _truth(values):
    """The accuracy a setting leads to."""
    off = (math.log10(values["learning_rate"]) + 2.3) ** 2 * 0.035
    off += 0.01 * (math.log2(values["width"]) - 6.5) ** 2 + 0.05 * abs(values["dropout"] - 0.2) ** 1.5
    return 0.93 - off - 0.012 * (values["depth"] == 4) - 0.015 * (values["optimizer"] == "sgd")


def _arena(name, trials, rng, higher):
    lines, best = [], None
    for number in range(trials):
        values = dict(DEFAULT) if number == 0 else _values(rng, best and rng.random() < 0.6 and best["values"])
        end, speed = _truth(values) + rng.normal(0, 0.012), rng.uniform(2, 7)
        curve = [
            [epoch, end - 0.4 * math.exp(-epoch / speed) + rng.normal(0, 0.003)] for epoch in range(1, RUNGS[-1] + 1)
        ]
        curve = curve if higher else [[epoch, 3 * (1 - score)] for epoch, score in curve]
        state, epochs = "complete", RUNGS[-1]
        if values["learning_rate"] > 0.2:
            state, epochs = "diverged", int(rng.integers(1, 5))
        elif number and rng.random() < 0.62:
            state, epochs = "halved", RUNGS[int(rng.random() < 0.35)]
        curve = curve[:epochs]
        choose = max if higher else min
        at, score = choose(curve, key=lambda pair: pair[1])
        lines.append({"arena": name, "number": number, "values": values, "state": state, "epochs": epochs,
                      "score": None if state == "diverged" else score, "folds": [score] * 5, "curve": curve,
                      "best_epoch": at})  # fmt: skip
        if state == "complete" and (best is None or choose(score, best["score"]) == score):
            best = lines[-1]
    return lines, best


def drawn(*, trials=64, outer=5, higher=True, scores=(0.914,), seed=0):
    """`study.json` and the lines of `trials.jsonl`."""
    rng, lines, arenas = np.random.default_rng(seed), [], []
    for place, name in enumerate(["final", *(f"fold {i + 1}" for i in range(outer))]):
        made, best = _arena(name, trials, rng, higher)
        lines += made
        score = scores[place] if place < len(scores) else _truth(best["values"]) + rng.normal(0, 0.012)
        arenas.append({"name": name, "winner": best["number"], "values": best["values"], "inner": best["score"],
                       "default_inner": made[0]["score"], "score": score})  # fmt: skip
    study = {
        "format": 1, "name": "penguins", "metric": "accuracy" if higher else "rmse",
        "better": "higher" if higher else "lower", "trials": trials, "folds": 5, "outer": outer, "space": SPACE,
        "sampler": "tpe", "pruner": "halving", "rungs": list(RUNGS), "default": DEFAULT,
        "importance": {"learning_rate": 0.71, "width": 0.12, "optimizer": 0.07, "dropout": 0.05, "weight_decay": 0.03,
                       "depth": 0.02},
        "gain": {"value": 0.004, "low": -0.005, "high": 0.013, "rows": "69 test rows",
                 "words": "tuning gained 0.4 ± 0.9 points: not worth it"},
        "cost": {"seconds": {"compile": 9.1, "train": 41.3, "engine": 1.2, "refit": 4.4}, "trainings": 1920,
                 "epochs": sum(line["epochs"] for line in lines) * 5, "lanes": 96},
        "arenas": arenas,
        "said": ["Space: what is usual for a table of 344 rows.", "Sampler: TPE, in batches of 8 trials."],
    }  # fmt: skip
    return study, lines


def write(folder, **choices):
    """Put a study into a run folder."""
    study, lines = drawn(**choices)
    (folder / "study.json").write_text(json.dumps(study))
    (folder / "trials.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return study, lines
