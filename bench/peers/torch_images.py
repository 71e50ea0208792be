"""PyTorch with convolutions: as `torch_peer`, in its default memory format or with channels last."""

from __future__ import annotations

import statistics
from typing import Any

import torch
from torch import nn

from bench import data
from bench.networks import NETWORKS, Plan
from bench.peers.serve import Facts, Work


class Residual(nn.Module):
    def __init__(self, inside: nn.Module) -> None:
        super().__init__()
        self.inside = inside

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.inside(x)


class Mean(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.flatten(2).mean(2)


def build(plan: Plan, shape: tuple[int, ...]) -> nn.Sequential:
    """The network, for one row of `shape`, channels first."""
    rank, x = len(shape) - 1, torch.zeros(2, *shape)
    layers: list[nn.Module] = []
    conv, norm, pool = (
        (nn.Conv1d, nn.BatchNorm1d, nn.MaxPool1d) if rank == 1 else (nn.Conv2d, nn.BatchNorm2d, nn.MaxPool2d)
    )
    plain = {"relu": nn.ReLU, "pool": lambda: pool(2), "flatten": nn.Flatten, "mean": Mean}
    for kind, *settings in plan:
        if kind == "conv":
            units, kernel, stride = settings
            layer: nn.Module = conv(x.shape[1], units, kernel, stride, kernel // 2, bias=False)
        elif kind == "dense":
            layer = nn.Linear(x.shape[1], settings[0])
        elif kind == "residual":
            layer = Residual(build(settings[0], tuple(x.shape[1:])))
        elif kind == "norm":
            layer = norm(x.shape[1])
        else:
            layer = plain[kind]()
        layers.append(layer)
        x = layer(x)
    return nn.Sequential(*layers)


def steps(network: str, shape: list[int], rows: int, batch_size: int, epochs: int, threads: int, last: bool) -> Work:
    """Epochs of a network that is kept from run to run."""
    x, y = (torch.from_numpy(array) for array in data.pictures(rows, shape))
    model, x = _ready(network, x, threads, last=last)
    adam = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)

    def work() -> Facts:
        model.train()
        _train(model, adam, x, y, batch_size, epochs)
        return {}

    return work


def folds(network: str, path: str, count: int, batch_size: int, epochs: int, threads: int, last: bool) -> Work:
    """A loop over folds, each network trained and scored."""
    pixels, y = data.saved(path)
    parts = [tuple(map(torch.from_numpy, part)) for part in data.folds(y, count)]
    _, x = _ready(network, torch.from_numpy(pixels), threads, last=last)
    target = torch.from_numpy(y)

    def one(fit: torch.Tensor, score: torch.Tensor) -> float:
        model, _ = _ready(network, torch.from_numpy(pixels[:1]), threads, last=last)
        _train(
            model, torch.optim.Adam(model.parameters(), lr=1e-3, fused=True), x[fit], target[fit], batch_size, epochs
        )
        model.eval()
        with torch.inference_mode():
            return float((model(x[score]).argmax(1) == target[score]).float().mean())

    def work() -> Facts:
        return {"accuracy": statistics.mean(one(*part) for part in parts)}

    return work


def predict(network: str, shape: list[int], rows: int, times: int, threads: int, last: bool) -> Work:
    """Outputs for rows, 256 at a time, from an array to an array."""
    pixels, _ = data.pictures(rows, shape)
    model, x = _ready(network, torch.from_numpy(pixels), threads, last=last)
    model.eval()

    def work() -> Facts:
        with torch.inference_mode():
            for _ in range(times):
                torch.cat([model(part) for part in x.split(256)]).numpy()
        return {}

    return work


def _ready(network: str, x: torch.Tensor, threads: int, *, last: bool) -> tuple[nn.Sequential, torch.Tensor]:
    torch.set_num_threads(threads)
    torch.manual_seed(data.SEED)
    x = x.movedim(-1, 1).contiguous()
    model = build(NETWORKS[network], tuple(x.shape[1:]))
    if last:
        form: Any = torch.channels_last
        model, x = model.to(memory_format=form), x.contiguous(memory_format=form)
    return model, x


def _train(
    model: nn.Module, adam: torch.optim.Optimizer, x: torch.Tensor, y: torch.Tensor, batch_size: int, epochs: int
) -> None:
    loss = nn.CrossEntropyLoss()
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(batch_size):
            adam.zero_grad(set_to_none=True)
            loss(model(x[rows]), y[rows]).backward()
            adam.step()


WORKS = {"images": steps, "image folds": folds, "image predictions": predict}
