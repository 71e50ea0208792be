"""A heart that stumbles, found without being told how that looks: what a forecast of the ECG does not expect.

Data: `ecg`, 21 seconds of one lead of the MIT-BIH arrhythmia database (360 samples a second), from the package sktime.
It marks one stretch of 352 samples as abnormal; there are no labels of single beats, so beats cannot be learned from
it, and one stretch of one heart proves little. A network learns to forecast the next 8 samples from 90 on the first 14
seconds, which hold no mark. How wrong its forecasts are, the mean over a second, is the alarm; the threshold is the
largest such error in the last seconds before the 14th, which it was not fitted on.

Reached: first alarm 0.40 s after the mark begins; false ones at 0 of the 1,896 samples between second 14 and the mark;
after 16 s (two cores, shared with other work).

    python examples/ecg.py            writes ecg.html: the heart, the alarm and the mark
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

import photic
from photic.data import sources

SECOND, WINDOW, AHEAD, LEARNED = 360, 90, 8, 14 * 360


def errors(run: photic.Run, ecg: np.ndarray) -> np.ndarray:
    """`[n]` how far off the forecasts of the samples up to each one are, the mean over a second."""
    windows = np.lib.stride_tricks.sliding_window_view(ecg, WINDOW + AHEAD)
    p = run.predict(windows[:, :WINDOW, None].astype(np.float32)).p
    missed = np.pad(np.abs(p - windows[:, WINDOW:]).mean(axis=1), (WINDOW + AHEAD - 1, 0))
    total = np.cumsum(np.pad(missed, (SECOND, 0)))
    return (total[SECOND:] - total[:-SECOND]) / SECOND


def page(ecg: np.ndarray, alarm: np.ndarray, limit: float, marked: np.ndarray) -> str:
    """The signal and the alarm below it; what is marked as abnormal is shaded."""

    def line(values: np.ndarray, top: float, low: float, high: float, colour: str) -> str:
        y = top + 140 * (1 - (values - low) / (high - low))
        points = " ".join(f"{x / 7.5:.1f},{at:.1f}" for x, at in enumerate(y) if x % 3 == 0)
        return f'<polyline points="{points}" fill="none" stroke="{colour}"/>'

    places = np.flatnonzero(marked) / 7.5
    shade = f'<rect x="{places[0]:.0f}" y="0" width="{np.ptp(places):.0f}" height="310" fill="#fde0c5"/>'
    at = 165 + 140 * (1 - limit / alarm.max())
    rule = f'<line x1="0" x2="1000" y1="{at:.1f}" y2="{at:.1f}" stroke="#c44" stroke-dasharray="5 4"/>'
    drawn = line(ecg, 5, ecg.min(), ecg.max(), "#333") + line(alarm, 165, 0, alarm.max(), "#067")
    words = "An ECG, the error of its forecast, the threshold (dashed) and what is marked as abnormal (shaded)."
    head = '<meta charset="utf-8"><title>ECG</title><style>body{font:15px sans-serif}</style>'
    svg = f'<svg viewBox="0 0 1000 310">{shade}{drawn}{rule}</svg>'
    return f'<!doctype html><html lang="en">{head}{svg}<p>{words}</p></html>'


def main(epochs: int | None = None, folder: Path | None = None, out: Path = Path("ecg.html")) -> tuple[float, int]:
    """Fit the forecast, watch the rest of the signal; seconds from mark to alarm, and alarms before the mark."""
    began = time.perf_counter()
    data, label = np.genfromtxt(sources.get("ecg"), delimiter=",", skip_header=1).T
    fitted, mark = LEARNED - 2 * SECOND, int(label.argmax())
    run = photic.fit({"data": data[:fitted]}, "data", horizon=AHEAD, window=WINDOW, epochs=epochs, folds=0, test=0,
                     baselines=False, out=folder)  # fmt: skip
    alarm = errors(run, data)
    limit = float(alarm[fitted + WINDOW + SECOND // 4 : LEARNED].max())
    out.write_text(page(data, alarm, limit, label > 0), "utf-8")
    rung, false = alarm[mark:] > limit, int((alarm[LEARNED:mark] > limit).sum())
    delay = float(rung.argmax() / SECOND) if rung.any() else float("inf")
    print(f"first alarm {delay:.2f} s after the mark begins; false ones at {false} of the {mark - LEARNED:,} samples"
          f" between second 14 and the mark; after {time.perf_counter() - began:.0f} s")  # fmt: skip
    return delay, false


if __name__ == "__main__":
    main()
