"""PyTorch searching a grid: a loop over settings and folds, each network trained and scored; as the other works."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import torch
from torch import nn

from bench import data
from bench.networks import NETWORKS
from bench.peers import torch_images
from bench.peers.serve import Facts, Work
from bench.searched import searched


def search(batch_size: int, epochs: int, threads: int, last: bool, **setting: Any) -> Work:
    """All data in one tensor, batches by index, fused AdamW; pictures in the default memory format or channels last."""
    torch.set_num_threads(threads)
    task = searched(**setting)
    x, y = torch.from_numpy(task.x), torch.from_numpy(task.y)
    pictures, form = x.ndim > 2, torch.channels_last
    if pictures:
        x = x.movedim(-1, 1).contiguous()
        x = x.contiguous(memory_format=form) if last else x
    loss = nn.MSELoss() if y.ndim > 1 else nn.CrossEntropyLoss()

    def one(rate: float, decay: float, fit: np.ndarray, rows: np.ndarray) -> float:
        torch.manual_seed(data.SEED)
        model = torch_images.build(NETWORKS[task.network], tuple(x.shape[1:])) if pictures else _mlp(task.network)
        model = model.to(memory_format=form) if pictures and last else model
        adam = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=decay, fused=True)
        own, goal = x[torch.from_numpy(fit)], y[torch.from_numpy(fit)]
        model.train()
        for _ in range(epochs):
            for batch in torch.randperm(len(own)).split(batch_size):
                adam.zero_grad(set_to_none=True)
                loss(model(own[batch]), goal[batch]).backward()
                adam.step()
        model.eval()
        with torch.inference_mode():
            return task.score(model(x[torch.from_numpy(rows)]).numpy(), rows)

    def work() -> Facts:
        means = [np.mean([one(*point, *part) for part in task.parts]) for point in task.grid]
        return {"score": float(np.nanmax(means))}

    return work


def _mlp(sizes: list[int]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for fan_in, fan_out in itertools.pairwise(sizes):
        layers += [nn.Linear(fan_in, fan_out), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


WORKS = {"search": search}
