"""Ready models: specs that are right to start from, one file a family.

mlp.py         the multi-layer perceptron, for tables              (Lesson 5)
recurrent.py   LSTM, GRU or SimpleRNN, for sequences               (Lessons 17, 18)
fcn.py         convolutions along time, for series
cnn.py         blocks of convolution and pooling, for pictures    (Lesson 14)
resnet.py      residual blocks, for pictures
"""

from __future__ import annotations

from photic.zoo.cnn import cnn
from photic.zoo.fcn import fcn
from photic.zoo.mlp import mlp
from photic.zoo.recurrent import recurrent
from photic.zoo.resnet import resnet

__all__ = ["cnn", "fcn", "mlp", "recurrent", "resnet"]
