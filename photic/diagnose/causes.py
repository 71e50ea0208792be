"""Causes and symptoms: which finding explains which others. A literal table, the heart of naming the cause.

One fault shows in many places: an unscaled column saturates neurons, makes gradients explode and the loss diverge. The
diagnosis names the column and says what it explains. Causes stand in the order in which a training passes them: first
the data, then what is made of it, the start, the steps, the length. Of several causes the earlier is named first.
"""

from __future__ import annotations

#: What only shows that something is wrong.
_SYMPTOMS = (
    "first loss",
    "saturation",
    "dead units",
    "vanishing gradient",
    "exploding gradient",
    "divergence",
    "oscillation",
    "output constant",
    "underfitting",
)
#: What would help a sound network, but not one that has another fault.
_LENGTH = ("rate too low", "too few epochs", "too small", "too large", "overfitting", "regularisation", "batch size")
_STEPS = ("rate too high", *_LENGTH)

#: Each cause with what it explains; a finding that another explains is told with it.
EXPLAINS: dict[str, tuple[str, ...]] = {
    "values": (*_SYMPTOMS, *_STEPS, "input unscaled", "target unscaled", "initialisation"),
    "loss": (*_SYMPTOMS, *_STEPS, "imbalance", "target unscaled", "label noise"),
    "target unscaled": (*_SYMPTOMS, *_STEPS),
    "input unscaled": (*_SYMPTOMS, *_STEPS),
    "order": (*_SYMPTOMS, *_STEPS, "imbalance"),
    "label noise": ("overfitting", "underfitting", "oscillation", "too large", "batch size"),
    "leak": (),
    "duplicates": (),
    "initialisation": (*_SYMPTOMS, *_STEPS),
    "activation missing": ("underfitting", "too small", "too few epochs", "exploding gradient", "vanishing gradient"),
    "activation doubled": (*_SYMPTOMS, *_LENGTH),
    "rate zero": (*_SYMPTOMS, *_LENGTH, "imbalance"),
    "rate too high": (*_SYMPTOMS, "too few epochs", "too small", "overfitting", "batch size", "regularisation",
                      "imbalance"),
    "divergence": ("dead units", "oscillation", "output constant", "underfitting", "too small", "too few epochs",
                   "exploding gradient", "saturation", "first loss"),
    "rate too low": ("underfitting", "too few epochs", "too small", "output constant", "imbalance", "batch size",
                     "vanishing gradient"),
    "batch size": ("underfitting", "too few epochs", "oscillation", "too small", "output constant", "imbalance"),
    "regularisation": ("underfitting", "too small", "output constant", "too few epochs", "imbalance", "dead units",
                       "oscillation", "vanishing gradient"),
    "vanishing gradient": ("underfitting", "output constant", "too few epochs", "too small", "saturation",
                           "imbalance"),
    "exploding gradient": ("divergence", "oscillation", "underfitting", "first loss", "too small"),
    "saturation": ("vanishing gradient", "underfitting", "output constant", "too few epochs", "too small"),
    "dead units": ("output constant", "underfitting", "too few epochs", "too small", "vanishing gradient"),
    "imbalance": ("underfitting", "output constant", "too small", "too few epochs"),
    "too small": ("underfitting", "output constant"),
    "too large": ("overfitting",),
    "too few epochs": ("underfitting", "output constant"),
    "overfitting": ("underfitting", "oscillation"),
    "output constant": ("underfitting",),
    "oscillation": ("underfitting",),
}  # fmt: skip

#: The order in which causes are named.
ORDER: tuple[str, ...] = (
    "values", "loss", "order", "leak", "duplicates", "input unscaled", "target unscaled", "activation missing",
    "activation doubled", "initialisation", "rate zero", "rate too high", "regularisation", "batch size",
    "rate too low", "vanishing gradient", "exploding gradient", "saturation", "dead units", "divergence",
    "label noise", "imbalance", "too few epochs", "too small", "too large", "overfitting", "no stop rows",
    "output constant", "first loss", "oscillation", "underfitting",
)  # fmt: skip
