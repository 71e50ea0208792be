"""skorch: PyTorch's network as an estimator, in scikit-learn's own grid search over processes that stay alive."""

from __future__ import annotations

from typing import Any

import torch
from sklearn.model_selection import GridSearchCV
from skorch import NeuralNetClassifier
from torch import nn

from bench import data
from bench.peers.serve import Facts, Work, serve
from bench.searched import searched


def network(sizes: tuple[int, int, int]) -> nn.Sequential:
    return nn.Sequential(nn.Linear(sizes[0], sizes[1]), nn.ReLU(), nn.Linear(sizes[1], sizes[2]))


def search(batch_size: int, epochs: int, jobs: int, **setting: Any) -> Work:
    """The grid in one search, on `jobs` processes; every one has one thread, as joblib sees to."""
    task = searched(**setting)
    torch.manual_seed(data.SEED)
    model = NeuralNetClassifier(
        network(tuple(task.network)), criterion=nn.CrossEntropyLoss, optimizer=torch.optim.AdamW, max_epochs=epochs,
        batch_size=batch_size, iterator_train__shuffle=True, train_split=None, verbose=0,
    )  # fmt: skip
    rates, decays = (sorted({point[place] for point in task.grid}) for place in (0, 1))
    grid = {"lr": rates, "optimizer__weight_decay": decays}
    search = GridSearchCV(model, grid, cv=task.parts, n_jobs=jobs, refit=False)

    def work() -> Facts:
        search.fit(task.x, task.y)
        return {"score": float(search.best_score_)}

    return work


if __name__ == "__main__":
    serve({"search": search})
