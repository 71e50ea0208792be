"""PyTorch, eager, on the CPU: all data in one tensor, batches by index, fused Adam, gradients set to None."""

from __future__ import annotations

import itertools
import statistics

import torch
from torch import nn

from bench import data
from bench.peers import torch_images, torch_reach, torch_search
from bench.peers.serve import Facts, Work, serve


def network(sizes: list[int]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for fan_in, fan_out in itertools.pairwise(sizes):
        layers += [nn.Linear(fan_in, fan_out), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def train(
    model: nn.Module,
    loss: nn.Module,
    adam: torch.optim.Optimizer,
    x: torch.Tensor,
    y: torch.Tensor,
    batch_size: int,
    epochs: int,
) -> None:
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(batch_size):
            adam.zero_grad(set_to_none=True)
            loss(model(x[rows]), y[rows]).backward()
            adam.step()


def steps(sizes: list[int], rows: int, batch_size: int, epochs: int, threads: int) -> Work:
    """Epochs of a network that is kept from run to run."""
    torch.set_num_threads(threads)
    torch.manual_seed(data.SEED)
    x, y = (torch.from_numpy(array) for array in data.table(rows, sizes[0], sizes[-1]))
    model, loss = network(sizes), nn.MSELoss() if sizes[-1] == 1 else nn.CrossEntropyLoss()
    adam = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)

    def work() -> Facts:
        train(model, loss, adam, x, y, batch_size, epochs)
        return {}

    return work


class Reader(nn.Module):
    """Recurrent layers, and one number from the last state of each direction."""

    def __init__(self, cell: str, units: int, layers: int, both: bool, d: int) -> None:
        super().__init__()
        kind = {"lstm": nn.LSTM, "gru": nn.GRU}[cell]
        self.cells = kind(d, units, layers, batch_first=True, bidirectional=both)
        self.ways = 2 if both else 1
        self.last = nn.Linear(units * self.ways, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.cells(x)[1]
        h = h[0] if isinstance(h, tuple) else h
        return self.last(torch.cat(tuple(h[-self.ways :]), dim=1))


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
    threads: int,
) -> Work:
    """Epochs of a recurrent network that is kept from run to run."""
    torch.set_num_threads(threads)
    torch.manual_seed(data.SEED)
    x, y = (torch.from_numpy(array) for array in data.sequences(rows, t, d))
    model = Reader(cell, units, layers, both, d)
    adam = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)

    def work() -> Facts:
        train(model, nn.MSELoss(), adam, x, y, batch_size, epochs)
        return {}

    return work


def folds(sizes: list[int], count: int, seeds: int, batch_size: int, epochs: int, threads: int) -> Work:
    """A loop over folds and seeds, each network trained and scored."""
    torch.set_num_threads(threads)
    x, y = (torch.from_numpy(array) for array in data.digits())
    parts = [tuple(map(torch.from_numpy, part)) for part in data.folds(y.numpy(), count)]

    def one(fit: torch.Tensor, score: torch.Tensor, seed: int) -> float:
        torch.manual_seed(seed)
        model = network(sizes)
        adam = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
        train(model, nn.CrossEntropyLoss(), adam, x[fit], y[fit], batch_size, epochs)
        with torch.inference_mode():
            return float((model(x[score]).argmax(1) == y[score]).float().mean())

    def work() -> Facts:
        return {"accuracy": statistics.mean(one(fit, score, seed) for fit, score in parts for seed in range(seeds))}

    return work


if __name__ == "__main__":
    serve(
        {"steps": steps, "sequences": sequences, "folds": folds}
        | torch_images.WORKS
        | torch_search.WORKS
        | torch_reach.WORKS
    )
