"""Layers: the parts a model is made of, one file a concept.

base.py        what a layer is: a spec, its three functions, and the context of a forward pass
dense.py       the neuron: a weighted sum plus a bias                                   (Lesson 1)
activation.py  ReLU, Sigmoid, Softmax ...: the bend between two layers                  (Lesson 2)
conv.py        Conv, ConvTranspose: a small filter that looks everywhere                    (Lesson 14)
pool.py        MaxPool, AveragePool, GlobalMaxPool, GlobalAveragePool: many places, one number
window.py      where the window of a convolution or a pool stands
recurrent.py   SimpleRNN, LSTM, GRU: a memory handed on from step to step              (Lessons 17, 18)
streaming.py   a sequence fed in pieces
rescale.py     Rescale: the bytes of a picture become numbers around 0
augment.py     Flip, Shift, Crop, Rotate, Cutout: every picture a little different at every step
norm.py        BatchNorm, LayerNorm: numbers brought to a common size                   (Lesson 15)
dropout.py     Dropout: other neurons silenced at every training step                   (Lesson 16)
embedding.py   Embedding: a learned place for each category
periodic.py    Periodic: every number also as waves of itself
reshape.py     Flatten, Reshape: the same numbers in another arrangement                (Lesson 4)
wiring.py      Residual, Parallel: layers that hold layers
chain.py       layers one after another: what a model and the wiring have in common
steps.py       which steps of a padded sequence are real
together.py    BatchNorm, ReLU and MaxPool computed as one
limits.py      what a setting may be, and how it is refused
"""

from __future__ import annotations

from photic.layers.activation import (
    ELU,
    GELU,
    Identity,
    LeakyReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)
from photic.layers.augment import Crop, Cutout, Flip, Rotate, Shift
from photic.layers.base import PREDICT, Context, Layer
from photic.layers.conv import Conv, ConvTranspose
from photic.layers.dense import Dense
from photic.layers.dropout import Dropout
from photic.layers.embedding import Embedding
from photic.layers.norm import BatchNorm, LayerNorm
from photic.layers.periodic import Periodic
from photic.layers.pool import AveragePool, GlobalAveragePool, GlobalMaxPool, MaxPool
from photic.layers.recurrent import GRU, LSTM, SimpleRNN
from photic.layers.rescale import Rescale
from photic.layers.reshape import Flatten, Reshape
from photic.layers.wiring import Parallel, Residual

#: Every layer by its name in JSON. A new layer is a line here and a row in tests/laws.
TYPES: dict[str, type[Layer]] = {
    "dense": Dense,
    "conv": Conv,
    "conv_transpose": ConvTranspose,
    "max_pool": MaxPool,
    "average_pool": AveragePool,
    "global_max_pool": GlobalMaxPool,
    "global_average_pool": GlobalAveragePool,
    "simple_rnn": SimpleRNN,
    "lstm": LSTM,
    "gru": GRU,
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
    "elu": ELU,
    "gelu": GELU,
    "silu": SiLU,
    "softplus": Softplus,
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "softmax": Softmax,
    "identity": Identity,
    "dropout": Dropout,
    "batch_norm": BatchNorm,
    "layer_norm": LayerNorm,
    "embedding": Embedding,
    "periodic": Periodic,
    "rescale": Rescale,
    "flip": Flip,
    "shift": Shift,
    "crop": Crop,
    "rotate": Rotate,
    "cutout": Cutout,
    "flatten": Flatten,
    "reshape": Reshape,
    "residual": Residual,
    "parallel": Parallel,
}

__all__ = [
    "ELU",
    "GELU",
    "GRU",
    "LSTM",
    "PREDICT",
    "TYPES",
    "AveragePool",
    "BatchNorm",
    "Context",
    "Conv",
    "ConvTranspose",
    "Crop",
    "Cutout",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "Flip",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "Identity",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "MaxPool",
    "Parallel",
    "Periodic",
    "ReLU",
    "Rescale",
    "Reshape",
    "Residual",
    "Rotate",
    "Shift",
    "SiLU",
    "Sigmoid",
    "SimpleRNN",
    "Softmax",
    "Softplus",
    "Tanh",
]
