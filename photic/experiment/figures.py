"""Figures: numbers as they are printed, with as many digits as their interval supports."""

from __future__ import annotations

import math

_LABELS = {
    "hamming_loss": "Hamming loss",
    "auc": "AUC",
    "bits": "bits per character",
    "f1": "F1",
    "iou": "IoU",
    "mae": "MAE",
    "mse": "MSE",
    "r2": "R²",
    "rmse": "RMSE",
}

_NOTHING = 1e-5  # of its value: an interval that narrow is rounding


def label(metric: str) -> str:
    """The name of a metric as a heading.

    >>> label("rmse"), label("log_loss")
    ('RMSE', 'log loss')
    """
    return _LABELS.get(metric, metric.replace("_", " "))


def figure(value: float, width: float = math.nan) -> str:
    """A number with two digits of the width it is known to, or three digits in all; a dash for none.

    >>> figure(0.97519, 0.034), figure(54321.9, 1200.0), figure(3.14159), figure(float("nan"))
    ('0.975', '54,300', '3.14', '—')
    """
    if value is None or not math.isfinite(value):
        return "—"
    size = abs(value)
    if not (math.isfinite(width) and width > _NOTHING * size):
        width = 10.0 ** (math.floor(math.log10(size)) - 1) if size > 0 else 0.01
    digits = 1 - math.floor(math.log10(width))
    if size >= 1e7 or 0 < max(size, width) < 1e-4:
        mantissa, power = f"{value:.{max(0, min(4, digits + math.floor(math.log10(max(size, width)))))}e}".split("e")
        text = f"{mantissa}e{int(power)}"
    else:
        text = f"{round(value, min(digits, 6)) + 0.0:,.{max(0, min(digits, 6))}f}"
    return text.replace("-", "−")


def span(value: float, low: float = math.nan, high: float = math.nan) -> str:
    """A number and its interval with the same digits.

    >>> span(0.9752, 0.9531, 0.9874), span(54.2)
    ('0.975 (0.953 to 0.987)', '54.2')
    """
    width = high - low
    if not (math.isfinite(width) and width > _NOTHING * abs(value)):  # no interval, or one that is too sure of itself
        return figure(value)
    return f"{figure(value, width)} ({figure(low, width)} to {figure(high, width)})"


def percent(share: float, width: float = math.nan) -> str:
    """A share as a number of percent, without the sign.

    >>> percent(0.97519), percent(1.0), percent(0.99971), percent(0.97519, 0.0002)
    ('97.5', '100', '99.97', '97.52')
    """
    if not math.isfinite(share):
        return "—"
    if share == 1:
        return "100"
    digits = 2 if 0 < width < 0.002 or 0.9995 <= share < 1 else 1
    return f"{100 * share:.{digits}f}"
