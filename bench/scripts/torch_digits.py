"""Digits in PyTorch, as a script: FILE THREADS."""

import sys

import numpy as np
import torch
from torch import nn

torch.set_num_threads(int(sys.argv[2]))
torch.manual_seed(0)
digits = np.load(sys.argv[1])
x, y, x_score, y_score = (torch.from_numpy(digits[name]) for name in ("x", "y", "x_score", "y_score"))
model, loss = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10)), nn.CrossEntropyLoss()
adam = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
for _ in range(30):
    for rows in torch.randperm(len(x)).split(32):
        adam.zero_grad(set_to_none=True)
        loss(model(x[rows]), y[rows]).backward()
        adam.step()
with torch.inference_mode():
    print(float((model(x_score).argmax(1) == y_score).float().mean()))
