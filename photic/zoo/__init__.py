"""Ready models: specs that are right to start from, one file a family.

mlp.py         the multi-layer perceptron, for tables              (Lesson 5)
recurrent.py   LSTM, GRU or SimpleRNN, for sequences               (Lessons 17, 18)
fcn.py         convolutions along time, for series
cnn.py         blocks of convolution and pooling, for pictures    (Lesson 14)
resnet.py      residual blocks, for pictures
unet.py        an answer for every pixel: encoder and decoder with skips   (Lesson 23)
"""

from __future__ import annotations

from photic.zoo.cnn import cnn
from photic.zoo.fcn import fcn
from photic.zoo.mlp import mlp
from photic.zoo.recurrent import recurrent
from photic.zoo.resnet import resnet
from photic.zoo.unet import unet

__all__ = ["cnn", "fcn", "mlp", "recurrent", "resnet", "unet"]
