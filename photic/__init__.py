"""Photic: neural networks a person can see through. The contents page: the public names, imported when first used.

    import photic as ph
    run = ph.fit("penguins")        the main job: from a table to an honest, saved network
    print(run.report())

What each name is stands in docs/reference/names.md. Nothing heavy is imported here, so that the command line's help
prints at once; a name is fetched from its file by `__getattr__` (PEP 562) when somebody asks for it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:  # the same names again, for type checkers and editors; a test compares the two
    from photic.data.read import read as read
    from photic.data.task import Task as Task
    from photic.errors import PhoticError as PhoticError
    from photic.estimators import PhoticClassifier as PhoticClassifier
    from photic.estimators import PhoticRegressor as PhoticRegressor
    from photic.estimators import PhoticTransformer as PhoticTransformer
    from photic.experiment.space import choice as choice
    from photic.experiment.space import integer as integer
    from photic.experiment.space import log_uniform as log_uniform
    from photic.experiment.space import uniform as uniform
    from photic.layers import ELU as ELU
    from photic.layers import GELU as GELU
    from photic.layers import GRU as GRU
    from photic.layers import LSTM as LSTM
    from photic.layers import AveragePool as AveragePool
    from photic.layers import BatchNorm as BatchNorm
    from photic.layers import Conv as Conv
    from photic.layers import ConvTranspose as ConvTranspose
    from photic.layers import Crop as Crop
    from photic.layers import Cutout as Cutout
    from photic.layers import Dense as Dense
    from photic.layers import Dropout as Dropout
    from photic.layers import Embedding as Embedding
    from photic.layers import Flatten as Flatten
    from photic.layers import Flip as Flip
    from photic.layers import GlobalAveragePool as GlobalAveragePool
    from photic.layers import GlobalMaxPool as GlobalMaxPool
    from photic.layers import Identity as Identity
    from photic.layers import LayerNorm as LayerNorm
    from photic.layers import LeakyReLU as LeakyReLU
    from photic.layers import MaxPool as MaxPool
    from photic.layers import Parallel as Parallel
    from photic.layers import Periodic as Periodic
    from photic.layers import ReLU as ReLU
    from photic.layers import Rescale as Rescale
    from photic.layers import Reshape as Reshape
    from photic.layers import Residual as Residual
    from photic.layers import Rotate as Rotate
    from photic.layers import Shift as Shift
    from photic.layers import Sigmoid as Sigmoid
    from photic.layers import SiLU as SiLU
    from photic.layers import SimpleRNN as SimpleRNN
    from photic.layers import Softmax as Softmax
    from photic.layers import Softplus as Softplus
    from photic.layers import Tanh as Tanh
    from photic.maths.losses import MAE as MAE
    from photic.maths.losses import MSE as MSE
    from photic.maths.losses import RMSE as RMSE
    from photic.maths.losses import BinaryCrossEntropy as BinaryCrossEntropy
    from photic.maths.losses import CrossEntropy as CrossEntropy
    from photic.maths.losses import Huber as Huber
    from photic.model import Model as Model
    from photic.optim.rules import SGD as SGD
    from photic.optim.rules import Adam as Adam
    from photic.optim.rules import AdamW as AdamW
    from photic.optim.rules import RMSProp as RMSProp
    from photic.optim.schedules import Constant as Constant
    from photic.optim.schedules import Cosine as Cosine
    from photic.optim.schedules import OneCycle as OneCycle
    from photic.optim.schedules import Step as Step
    from photic.optim.schedules import WarmUp as WarmUp
    from photic.runs.fit import fit as fit
    from photic.runs.fit import replay as replay
    from photic.runs.fit import resume as resume
    from photic.runs.run import Run as Run
    from photic.runs.run import load as load
    from photic.runs.studies import Study as Study
    from photic.runs.tune import tune as tune
    from photic.runs.validation import cross_validate as cross_validate
    from photic.spec import Knob as Knob
    from photic.zoo import cnn as cnn
    from photic.zoo import fcn as fcn
    from photic.zoo import mlp as mlp
    from photic.zoo import recurrent as recurrent
    from photic.zoo import resnet as resnet
    from photic.zoo import unet as unet

#: Every public name by the file it lives in.
_NAMES = {
    "photic.data.read": ("read",),
    "photic.data.task": ("Task",),
    "photic.errors": ("PhoticError",),
    "photic.estimators": ("PhoticClassifier", "PhoticRegressor", "PhoticTransformer"),
    "photic.experiment.space": ("choice", "integer", "log_uniform", "uniform"),
    "photic.layers": (
        "ELU", "GELU", "GRU", "LSTM", "AveragePool", "BatchNorm", "Conv", "ConvTranspose", "Crop", "Cutout", "Dense",
        "Dropout", "Embedding", "Flatten", "Flip", "GlobalAveragePool", "GlobalMaxPool", "Identity", "LayerNorm",
        "LeakyReLU", "MaxPool", "Parallel", "Periodic", "ReLU", "Rescale", "Reshape", "Residual", "Rotate", "Shift",
        "Sigmoid", "SiLU", "SimpleRNN", "Softmax", "Softplus", "Tanh",
    ),
    "photic.maths.losses": ("MAE", "MSE", "RMSE", "BinaryCrossEntropy", "CrossEntropy", "Huber"),
    "photic.model": ("Model",),
    "photic.optim.rules": ("SGD", "Adam", "AdamW", "RMSProp"),
    "photic.optim.schedules": ("Constant", "Cosine", "OneCycle", "Step", "WarmUp"),
    "photic.runs.fit": ("fit", "replay", "resume"),
    "photic.runs.run": ("Run", "load"),
    "photic.runs.studies": ("Study",),
    "photic.runs.tune": ("tune",),
    "photic.runs.validation": ("cross_validate",),
    "photic.spec": ("Knob",),
    "photic.zoo": ("cnn", "fcn", "mlp", "recurrent", "resnet", "unet"),
}  # fmt: skip
_HOME = {name: home for home, names in _NAMES.items() for name in names}

__all__ = sorted(_HOME)  # noqa: PLE0605 - the table above is the list


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'photic' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value  # found at once from now on
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
