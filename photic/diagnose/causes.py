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
_LENGTH = ("rate too low", "too few epochs", "too small", "too large", "overfitting", "batch size")
_STEPS = ("regularisation", "rate too high", *_LENGTH)

#: Each cause with what it explains; a finding that another explains is told with it.
EXPLAINS: dict[str, tuple[str, ...]] = {
    "values": (*_SYMPTOMS, *_STEPS, "input unscaled", "target unscaled", "initialisation"),
    "loss": (*_SYMPTOMS, *_STEPS, "imbalance", "target unscaled", "label noise"),
    "order": (*_SYMPTOMS, *_STEPS, "imbalance"),
    "input unscaled": (*_SYMPTOMS, *_STEPS, "initialisation"),
    "target unscaled": (*_SYMPTOMS, *_STEPS),
    "activation missing": (*_SYMPTOMS, "too small", "too few epochs", "overfitting"),
    "activation doubled": (*_SYMPTOMS, *_LENGTH),
    "initialisation": (*_SYMPTOMS, *_STEPS),
    "rate zero": (*_SYMPTOMS, *_LENGTH, "imbalance"),
    "rate too high": (*_SYMPTOMS, *_LENGTH, "imbalance"),
    "regularisation": (*_SYMPTOMS, "rate too high", "rate too low", "too small", "too few epochs", "imbalance"),
    "batch size": (*_SYMPTOMS, "too small", "too few epochs", "imbalance", "rate too low"),
    "rate too low": (*_SYMPTOMS, "too small", "too few epochs", "imbalance"),
    "exploding gradient": ("divergence", "saturation", "dead units", "oscillation", "underfitting", "first loss",
                           "too small", "output constant"),
    "divergence": ("saturation", "dead units", "oscillation", "output constant", "underfitting", "too small",
                   "too few epochs", "first loss", "imbalance"),
    "saturation": ("vanishing gradient", "underfitting", "output constant", "too few epochs", "too small",
                   "imbalance"),
    "dead units": ("vanishing gradient", "underfitting", "output constant", "too few epochs", "too small",
                   "imbalance"),
    "vanishing gradient": ("underfitting", "output constant", "too few epochs", "too small", "imbalance"),
    "label noise": ("overfitting", "underfitting", "oscillation", "too large"),
    "imbalance": ("underfitting", "output constant", "too small", "too few epochs"),
    "too few epochs": ("underfitting", "output constant", "too small"),
    "too small": ("underfitting", "output constant"),
    "overfitting": ("too large", "underfitting", "oscillation"),
    "too large": ("underfitting",),
    "output constant": ("underfitting", "first loss"),
    "first loss": ("underfitting",),
    "oscillation": ("underfitting",),
}  # fmt: skip

#: The order in which causes are named; a finding explains only what comes after it.
ORDER: tuple[str, ...] = (
    "values", "loss", "order", "leak", "duplicates", "input unscaled", "target unscaled", "activation missing",
    "activation doubled", "initialisation", "rate zero", "regularisation", "rate too high", "batch size",
    "rate too low", "exploding gradient", "divergence", "saturation", "dead units", "vanishing gradient",
    "label noise", "preparation", "imbalance", "too few epochs", "too small", "overfitting", "too large",
    "no stop rows", "output constant", "first loss", "oscillation", "underfitting",
)  # fmt: skip
