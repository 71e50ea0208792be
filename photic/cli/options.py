"""The options that several commands take, each described once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from photic.export.bundle import Bundle

_DATA, _NETWORK, _TRAINING, _PROOF, _OUTPUT = "Data", "Network", "Training", "Proof", "Output"


def new(bundle: Bundle) -> str:
    """What stands for new rows of a run in a line to type."""
    return "NEW.csv" if bundle.form is None else "NEW_PICTURES" if bundle.form.to_json()["kind"] == "images" else "NEW"


def _option(*names: str, panel: str, help: str, metavar: str | None = None) -> typer.models.OptionInfo:
    return typer.Option(*names, help=help, metavar=metavar, rich_help_panel=panel)


_TABLE = (
    "A CSV, TSV, Parquet, JSON-lines or Excel file, a folder of pictures, an .npz or IDX file, the name of a set"
    " (photic data list), or - for standard input."
)
Data = Annotated[str, typer.Argument(metavar="DATA", help=_TABLE, rich_help_panel=_DATA)]
MaybeData = Annotated[str | None, typer.Argument(metavar="DATA", help=_TABLE, rich_help_panel=_DATA)]
Run = Annotated[
    str, typer.Argument(metavar="RUN", help="The folder of a run, as photic fit left it.", rich_help_panel=_DATA)
]

Target = Annotated[
    str | None,
    _option("--target", "-t", panel=_DATA, metavar="COLUMN", help="What to predict; several together: a,b,c."),
]
Task = Annotated[
    str | None,
    _option(
        "--task",
        panel=_DATA,
        metavar="KIND",
        help="regression, binary, multiclass or multilabel; found from the target.",
    ),
]
Groups = Annotated[
    str | None,
    _option(
        "--groups", panel=_DATA, metavar="COLUMN", help="Rows with the same value here never part (a patient, a house)."
    ),
]
Time = Annotated[
    str | None,
    _option("--time", panel=_DATA, metavar="COLUMN", help="Rows are in this order; the later ones are for proof."),
]
Weights = Annotated[
    str | None,
    _option("--weights", panel=_DATA, metavar="COLUMN", help="How much each row counts, in training and in scores."),
]
ClassWeight = Annotated[
    str | None,
    _option("--class-weight", panel=_DATA, metavar="balanced", help="Let rare classes count as much as common ones."),
]

Size = Annotated[
    str | None,
    _option(
        "--size", panel=_DATA, metavar="PIXELS", help="What pictures are brought to: 64, or 64x48 (width, height)."
    ),
]

Sequence = Annotated[
    str | None,
    _option(
        "--sequence",
        panel=_DATA,
        metavar="ID,TIME",
        help="A row is a step of a series: which one, and when. wide: a row is a series.",
    ),
]

Horizon = Annotated[
    int | None,
    _option("--horizon", panel=_DATA, metavar="STEPS", help="Forecast so many next values of the target."),
]
Window = Annotated[
    int | None,
    _option("--window", panel=_DATA, metavar="STEPS", help="How many steps a forecast looks at; chosen if left out."),
]

EveryStep = Annotated[
    bool, _option("--every-step", panel=_DATA, help="The target has a value of its own at every step of a series.")
]

Memory = Annotated[
    str | None,
    _option(
        "--memory",
        panel=_TRAINING,
        metavar="SIZE",
        help="What rows may take of it, such as 2GB; half of what is free if left out. More is streamed from a file.",
    ),
]

Tokenizer = Annotated[
    str | None,
    _option("--tokenizer", panel=_DATA, metavar="FILE", help="A tokenizer.json: a text in its tokens, not characters."),
]

Model = Annotated[
    str | None,
    _option(
        "--model",
        panel=_NETWORK,
        metavar="NAME",
        help="mlp or linear; for pictures cnn; for series cnn, lstm, gru or rnn.",
    ),
]
Spec = Annotated[
    str | None,
    _option("--spec", panel=_NETWORK, metavar="FILE", help="A network of your own, as JSON with its layers."),
]
Loss = Annotated[
    str | None,
    _option(
        "--loss", panel=_NETWORK, metavar="NAME", help="mse, rmse, mae, huber, cross_entropy, binary_cross_entropy."
    ),
]

Optimizer = Annotated[
    str | None,
    _option("--optimizer", panel=_TRAINING, metavar="NAME", help="sgd, momentum, nesterov, rmsprop, adam, adamw."),
]
LearningRate = Annotated[
    str | None,
    _option(
        "--lr", "--learning-rate", panel=_TRAINING, metavar="NUMBER|auto", help="How far a step goes; auto finds it."
    ),
]
Schedule = Annotated[
    str | None,
    _option(
        "--schedule",
        panel=_TRAINING,
        metavar="NAME",
        help="How the learning rate changes: constant, step, cosine, one_cycle, warm_up.",
    ),
]
Clip = Annotated[
    float | None, _option("--clip", panel=_TRAINING, metavar="NORM", help="Cut gradients longer than this.")
]
Mixup = Annotated[
    float,
    _option(
        "--mixup", panel=_TRAINING, metavar="STRENGTH", help="Train on blends of two rows; 0.2 is usual, 0 is off."
    ),
]
BatchSize = Annotated[int | None, _option("--batch-size", panel=_TRAINING, metavar="ROWS", help="Rows in one step.")]
Epochs = Annotated[
    int | None, _option("--epochs", panel=_TRAINING, metavar="N", help="Passes over the training rows, at most.")
]
Patience = Annotated[
    int | None,
    _option(
        "--patience",
        panel=_TRAINING,
        metavar="N",
        help="Stop after so many epochs without gain; the best weights are kept.",
    ),
]
Seed = Annotated[int, _option("--seed", panel=_TRAINING, metavar="N", help="Where every random draw starts.")]

Folds = Annotated[
    int | None, _option("--folds", panel=_PROOF, metavar="K", help="Parts of the cross-validation; 0 for none.")
]
Test = Annotated[
    float, _option("--test", panel=_PROOF, metavar="SHARE", help="Rows locked away until the end, as a share of all.")
]
Stop = Annotated[
    float,
    _option("--stop", panel=_PROOF, metavar="SHARE", help="Training rows that only choose the epoch, as a share."),
]
Repeats = Annotated[
    int, _option("--repeats", panel=_PROOF, metavar="N", help="Deal the rows into folds so many times.")
]
Seeds = Annotated[int, _option("--seeds", panel=_PROOF, metavar="N", help="Train so many networks on every fold.")]
Method = Annotated[
    str | None,
    _option(
        "--method", panel=_PROOF, metavar="NAME", help="plain, stratified, grouped or ordered; found from the data."
    ),
]
Baselines = Annotated[
    bool, _option("--baselines/--no-baselines", panel=_PROOF, help="Score simple models on the same rows.")
]

Log = Annotated[
    str | None,
    _option(
        "--log",
        panel=_OUTPUT,
        metavar="TRACKER",
        help="Log it there too: tensorboard:FOLDER, mlflow:FOLDER or mlflow:ADDRESS.",
    ),
]
Json = Annotated[
    bool, _option("--json", panel=_OUTPUT, help="Print one JSON object on standard output and nothing else there.")
]
