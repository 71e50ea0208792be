"""The network and the rows that `fashion_photic.py` left, trained by PyTorch's usual loop; the same lines of JSON.

python bench/scripts/fashion_torch.py FOLDER
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn


class Shift(nn.Module):
    """Moves every picture of a training batch by up to so many pixels; its edge is drawn out to fill the gap."""

    def __init__(self, pixels: int) -> None:
        super().__init__()
        self.pixels = pixels

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return x
        n, _, h, w = x.shape
        down, right = torch.randint(0, 2 * self.pixels + 1, (2, n, 1))
        around = nn.functional.pad(x, (self.pixels,) * 4, mode="replicate")
        rows, columns = down + torch.arange(h), right + torch.arange(w)
        return around[torch.arange(n)[:, None, None], :, rows[:, :, None], columns[:, None, :]].movedim(-1, 1)


def layers(plan: Sequence[dict[str, Any]], x: torch.Tensor) -> Iterator[nn.Module]:
    """PyTorch's layers for those of a plan, which leaves out what is usual; `x` is some pictures, to know the sizes."""
    usual: dict[str, Any] = {"bias": True, "epsilon": 1e-5, "momentum": 0.9, "rate": 0.5}
    for each in (usual | told for told in plan):
        kind = each["type"]
        if kind == "rescale":
            continue
        if kind == "conv":
            layer: nn.Module = nn.Conv2d(x.shape[1], each["units"], each["kernel"], padding="same", bias=each["bias"])
        elif kind == "dense":
            layer = nn.Linear(x.shape[1], each["units"])
        elif kind == "batch_norm":
            layer = nn.BatchNorm2d(x.shape[1], eps=each["epsilon"], momentum=1 - each["momentum"])
        elif kind == "shift":
            layer = Shift(each["pixels"])
        elif kind == "dropout":
            layer = nn.Dropout(each["rate"])
        else:
            layer = {"relu": nn.ReLU, "max_pool": lambda: nn.MaxPool2d(2), "flatten": nn.Flatten}[kind]()
        yield layer
        x = layer(x)


def main(folder: Path) -> None:
    plan = json.loads((folder / "network.json").read_text())
    with np.load(folder / "rows.npz") as kept:
        x, y = torch.from_numpy(kept["x"]), torch.from_numpy(kept["y"]).long()
        fit, stop, test = (torch.from_numpy(kept[name]) for name in ("fit", "stop", "test"))
    began = time.perf_counter()
    torch.manual_seed(0)
    form: Any = torch.channels_last
    x = (x.float() / 127.5 - 1).movedim(-1, 1).contiguous(memory_format=form)
    model = nn.Sequential(*layers(plan["layers"]["layers"], x[:2])).to(memory_format=form)
    epochs, size = plan["epochs"], plan["batch_size"]
    rule = torch.optim.AdamW(model.parameters(), lr=0.003, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(rule, epochs * -(-len(fit) // size))
    loss = nn.CrossEntropyLoss()

    def score(rows: torch.Tensor) -> float:
        model.eval()
        with torch.inference_mode():
            right = [(model(x[part]).argmax(1) == y[part]).sum() for part in rows.split(256)]
        return float(sum(right)) / len(rows)

    for epoch in range(1, epochs + 1):
        model.train()
        for rows in fit[torch.randperm(len(fit))].split(size):
            rule.zero_grad(set_to_none=True)
            loss(model(x[rows]), y[rows]).backward()
            rule.step()
            schedule.step()
        line = {"epoch": epoch, "score": score(stop), "seconds": time.perf_counter() - began}
        print(json.dumps(line), flush=True)
    print(json.dumps({"test": score(test), "seconds": time.perf_counter() - began}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
