"""Where it errs, on the locked test part: the classes it mixes up, how far to trust its probabilities, its errors."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import numpy as np

from photic.data.task import Task
from photic.experiment.figures import figure
from photic.maths.places import flat
from photic.report import calibration, confusion, gallery, scatter, svg
from photic.report.bars import histogram
from photic.report.record import Record
from photic.report.tag import tag


def section(record: Record) -> Element | None:
    """The section, or None without a test part whose predictions are numbers."""
    task, test = record.task, record.test
    if task is None or task.unit or not len(test.get("target", ())) or not np.isfinite(test["prediction"]).all():
        return None
    target, p = test["target"], test["prediction"].astype(float)
    if task.every_step:
        p, target, there = flat(p, target)
        p, target = p[there], target[there]
    p = p.reshape(len(target), -1)
    if task.targets:
        title, figures = (_each_value if task.kind == "regression" else _labels)(task, target, p)
    elif task.kind == "regression":
        title, figures = _values(task, target, p)
    else:
        title, figures = _classes(task, target, p, record)
    return tag("section", tag("h2", title, id="mistakes"), tag("div", figures, class_="figures"))


def _classes(task: Task, target: np.ndarray, p: np.ndarray, record: Record) -> tuple[str, list[Element]]:
    codes = target.reshape(-1).astype(int)
    p = np.concatenate([1 - p, p], axis=1) if task.kind == "binary" else p
    said = p.argmax(axis=1)
    table = confusion.counts(codes, said, len(task.classes))
    right, figures = int(np.trace(table)), []
    if len(task.classes) <= confusion.MOST:
        chart = confusion.heat_map("confusion", table, task.classes)
        caption = (
            "A row for each true class, a column for what the network said; the shade is the share of the true class."
        )
        figures.append(svg.figure(_mixed_up(table, task), chart, caption, _matrix(table, task)))
    else:
        figures.append(svg.figure(_mixed_up(table, task), _frequent(table, task), "The most frequent mistakes."))
    if record.examples and not task.every_step:
        figures += _mistaken(record, table, task)
    stated, came = (p[:, 1], codes == 1) if task.kind == "binary" else (p.max(axis=1), said == codes)
    figures.append(_calibration(stated, came.astype(float), task))
    return f"{right:,} of {len(codes):,} {_tested(task)} are right", figures


def _tested(task: Task) -> str:
    return "places of the test rows" if task.every_step else "test rows"


def _each_value(task: Task, target: np.ndarray, p: np.ndarray) -> tuple[str, list[Element]]:
    """Several numbers: truth and prediction of each, in its own unit."""
    caption = "A dot per test row; on the dashed line both are equal."
    figures = [
        svg.figure(
            f"{name}: {_follows(true, said).lower()}",
            scatter.against_truth(f"truth-{place}", true, said, name),
            caption,
        )
        for place, (name, true, said) in enumerate(zip(task.targets, target.astype(float).T, p.T, strict=True))
    ]
    return "Each target, truth and prediction", figures


def _labels(task: Task, target: np.ndarray, p: np.ndarray) -> tuple[str, list[Element]]:
    """Several labels: what was missed and what was said in vain, and how far to trust the probabilities."""
    true, said = target > 0.5, p > 0.5
    counts = [(true & said).sum(0), (true & ~said).sum(0), (~true & said).sum(0)]
    rows = [[name, *(f"{int(count[place]):,}" for count in counts)] for place, name in enumerate(task.targets)]
    table = svg.scrolled(svg.table(["label", "said and true", "missed", "said in vain"], rows))
    worst = int((counts[1] + counts[2]).argmax())
    title = f"‘{task.targets[worst]}’ is the label with most mistakes: {int((counts[1] + counts[2])[worst]):,} rows"
    found = calibration.bins(p.reshape(-1), true.reshape(-1).astype(float))
    chart = calibration.calibration_curve("calibration", found, "a label")
    numbers = svg.table(
        ["probability said", "came true", "labels"], [[f"{a:.1%}", f"{b:.1%}", str(n)] for a, b, n in found]
    )
    told = "On the dashed line, what is said with 80 % comes true in 80 %; all labels together."
    error = sum(n * abs(a - b) for a, b, n in found) / p.size
    figures = [
        svg.figure(title, table, "Test rows, label by label."),
        svg.figure(f"Its probabilities are off by {100 * error:.1f} points on average", chart, told, numbers),
    ]
    whole = int((true == said).all(axis=1).sum())
    return f"All labels of {whole:,} of {len(p):,} test rows are right", figures


def _mixed_up(table: np.ndarray, task: Task) -> str:
    found = confusion.mistakes(table, 1)
    if not found:
        return f"None of the {_tested(task)} is mistaken"
    true, said, rows, share = found[0]
    unit = "place" if task.every_step else "row"
    counted = f"{rows:,} {unit}" if rows == 1 else f"{rows:,} {unit}s"
    return (
        f"Most often ‘{task.classes[true]}’ is taken for ‘{task.classes[said]}’: {counted}, {share:.0%} of that class"
    )


def _matrix(table: np.ndarray, task: Task) -> Element:
    rows = [[of_class, *(str(count) for count in row)] for of_class, row in zip(task.classes, table, strict=True)]
    return svg.table(["true \\ said", *task.classes], rows)


def _mistaken(record: Record, table: np.ndarray, task: Task) -> list[Element]:
    """The commonest confusions with their pictures."""
    rows = [
        [f"{task.classes[i]} taken for {task.classes[j]}", f"{rows:,}", tag("span", gallery.of_pair(record, i, j))]
        for i, j, rows, _ in confusion.mistakes(table)
    ]
    if not rows:
        return []
    pictures = svg.scrolled(svg.table(["", "rows", "some of them"], rows, class_="mistaken"))
    return [
        svg.figure("The commonest confusions, and what they look like", pictures, "Point at a picture for its name.")
    ]


def _frequent(table: np.ndarray, task: Task) -> Element:
    found = confusion.mistakes(table, 20)
    return svg.scrolled(
        svg.table(
            ["true", "said", "rows", "share of the class"],
            [[task.classes[i], task.classes[j], str(rows), f"{share:.0%}"] for i, j, rows, share in found],
        )
    )


def _calibration(stated: np.ndarray, came: np.ndarray, task: Task) -> Element:
    points = calibration.bins(stated, came)
    error = sum(rows * abs(said - true) for said, true, rows in points) / len(stated)
    more = float(stated.mean() - came.mean())
    what = f"‘{task.classes[1]}’" if task.kind == "binary" else "the class it says"
    sure = "" if abs(more) < 0.02 else ", more sure than right" if more > 0 else ", less sure than right"
    if task.kind == "binary" and sure:
        sure = f", {what} said {'too' if more > 0 else 'not'} often{'' if more > 0 else ' enough'}"
    title = f"Its probabilities are off by {100 * error:.1f} points on average{sure}"
    rough = f" {len(stated)} rows make rough points." if len(stated) < 200 else ""
    caption = f"On the dashed line, what is said with 80 % comes true in 80 %. Hollow: fewer than ten rows.{rough}"
    rows = [[f"{said:.1%}", f"{true:.1%}", str(count)] for said, true, count in points]
    numbers = svg.table(["probability said", "came true", "rows"], rows)
    return svg.figure(title, calibration.calibration_curve("calibration", points, what), caption, numbers)


def _values(task: Task, target: np.ndarray, p: np.ndarray) -> tuple[str, list[Element]]:
    true, said = target.reshape(len(target), -1)[:, 0].astype(float), p[:, 0]
    left = true - said
    half, most, whole = (float(size) for size in np.quantile(np.abs(left), [0.5, 0.9, 1.0]))
    words = lambda size: figure(size, most / 10)
    drawn = f" {scatter.MOST:,} of {len(true):,} are drawn." if len(true) > scatter.MOST else ""
    counts, edges = np.histogram(left, bins=int(np.clip(np.sqrt(len(left)), 8, 40)))
    around = histogram("error-sizes", edges.tolist(), counts.tolist(), "true − predicted", zero=True)
    figures = [
        svg.figure(
            _follows(true, said),
            scatter.against_truth("truth", true, said, task.target),
            f"A dot for each of the {_tested(task)}; on the dashed line both are equal.{drawn}",
        ),
        svg.figure(
            f"Nine of ten errors are smaller than {words(most)}",
            scatter.errors("errors", true, said, task.target),
            "A pattern here would be something that the network has not learned.",
        ),
        svg.figure(_leans(left, most / 10), around, f"How many {_tested(task)} lie how far from what was predicted."),
        svg.figure(
            f"The largest error is {words(whole)}", _sizes(left, most / 10), "Errors by the share of rows below them."
        ),
    ]
    return f"Half of the {_tested(task)} are predicted to within {words(half)}", figures


def _follows(true: np.ndarray, said: np.ndarray) -> str:
    if not (true.std() > 0 and said.std() > 0):
        return "Predictions do not follow the truth: one of the two never changes"
    r = float(np.corrcoef(true, said)[0, 1])
    return f"Predictions {'go with' if r >= 0.5 else 'hardly follow'} the truth: correlation {r:.2f}".replace("-", "−")


def _leans(left: np.ndarray, width: float) -> str:
    mean = float(left.mean())
    if abs(mean) < 0.1 * float(left.std()):
        return "Errors lean to neither side"
    return f"On average the truth is {figure(abs(mean), width)} {'higher' if mean > 0 else 'lower'} than predicted"


def _sizes(left: np.ndarray, width: float) -> Element:
    shares = (0.05, 0.25, 0.5, 0.75, 0.95)
    rows = [[f"{share:.0%} of rows below", figure(float(np.quantile(left, share)), width)] for share in shares]
    return svg.scrolled(svg.table(["", "true − predicted"], rows))
