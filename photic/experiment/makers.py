"""Makers: the usual networks with their settings laid open, and what is usual to try of each.

`usual.py` builds each of these networks with its usual settings; here the same function stands beside them, so that a
search may change them.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from photic import zoo
from photic.data.dataset import Dataset
from photic.errors import PlanError, SpecError, nearest
from photic.experiment import usual
from photic.experiment.space import Dimension, choice, integer, log_uniform, uniform
from photic.model import Model
from photic.spec import Knob


@dataclasses.dataclass(frozen=True)
class Maker:
    """A network whose settings can be changed.

    Args:
        function: from settings to a network.
        settings: the usual values by name.
        space: what is usual to try.
    """

    function: Callable[..., Model]
    settings: Mapping[str, Any]
    space: Mapping[str, Dimension] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, function: Callable[..., Model]) -> Maker:
        """The maker that a person's own function is; its defaults are its usual settings.

        Raises:
            PlanError: when it takes settings that cannot be given by name.

        >>> Maker.of(lambda width=8: zoo.mlp(1, width=width)).settings
        {'width': 8}
        """
        settings = {}
        for name, parameter in inspect.signature(function).parameters.items():
            if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
                raise _refused("needs a function whose settings have names", f"*{name}",
                               "write each setting out: def make(width, dropout)")  # fmt: skip
            settings[name] = None if parameter.default is parameter.empty else parameter.default
        return cls(function, settings)

    def make(self, settings: Mapping[str, Any]) -> Model:
        """The network with some of its settings changed.

        Raises:
            PlanError: when a number that varies stands where the shape of the network is decided, or when what comes
                out is no Model.
            SpecError: for settings that a layer refuses.
        """
        given = {
            name: value
            for name, value in {**self.settings, **settings}.items()
            if name in settings or value is not None
        }
        try:
            made = self.function(**given)
        except (SpecError, TypeError) as error:
            self._blame(given)
            if isinstance(error, SpecError):
                raise
            fix = "name its settings in the space, or give defaults"
            raise _refused("needs settings that its function takes", str(error), fix) from None
        if not isinstance(made, Model):
            fix = "return ph.Model(...) or one of ph.mlp, ph.cnn"
            raise _refused("needs a function that gives a Model", type(made).__name__, fix)
        return made

    def _blame(self, settings: Mapping[str, Any]) -> None:
        """Refuse a Knob that stands where a plain whole number would do."""
        for name, value in settings.items():
            if not isinstance(value, Knob):
                continue
            try:
                self.function(**{**settings, name: max(1, round(value.value))})
            except (SpecError, TypeError):
                continue
            raise PlanError(
                f"space {name}",
                "needs whole values: it decides which program is compiled",
                "a range of numbers",
                source="the space",
                fix=f"write {name}=ph.integer(low, high) or ph.choice(32, 64)",
            )


def _refused(required: str, got: str, fix: str) -> PlanError:
    return PlanError("model", required, got, source="the function given", fix=fix)


#: What is usual to try of any training.
TRAINING: dict[str, Dimension] = {
    "learning_rate": log_uniform(5e-4, 5e-2),
    "weight_decay": log_uniform(1e-4, 1.0),
}
_DROPOUT = uniform(0.0, 0.5)


def maker(dataset: Dataset, outputs: int, name: str | None) -> Maker:
    """The maker of a usual network.

    Args:
        name: as in the model option; None for the default of these rows.

    Raises:
        PlanError: when it is unknown for these rows, or has nothing to change.
    """
    kind = _kind(dataset)
    known = _MAKERS[kind]
    name = next(iter(known)) if name is None else name
    if name not in known:
        raise PlanError("model", "needs a network whose settings can be tried", repr(name), source="the model option",
                        fix=nearest(name, known))  # fmt: skip
    return known[name](dataset, outputs)


def _kind(dataset: Dataset) -> str:
    task = dataset.task
    assert task is not None, "rows to fit have a task"
    if task.every_step:
        return f"{dataset.kind} at every place"
    return "windows" if task.horizon else dataset.kind


def _sizes(usual_size: int, least: int) -> Dimension:
    return choice(*(size for size in (usual_size // 2, usual_size, usual_size * 2) if size >= least))


def _waved(dataset: Dataset, outputs: int) -> Maker:
    settings = usual.waved_settings(dataset)
    space = {"width": _sizes(settings["width"], 8), "depth": integer(1, 3), "dropout": _DROPOUT}
    return Maker(lambda **given: zoo.mlp(outputs, **given), settings, space)


def _mlp(dataset: Dataset, outputs: int) -> Maker:
    settings = usual.mlp_settings(dataset)
    space = {"width": _sizes(settings["width"], 8), "depth": integer(1, 3), "dropout": _DROPOUT}
    before = usual.flat_layers(dataset)
    return Maker(lambda **given: Model(*before, *zoo.mlp(outputs, **given).layers), settings, space)


def _linear(dataset: Dataset, outputs: int) -> Maker:
    before = usual.flat_layers(dataset)
    return Maker(lambda: Model(*before, *zoo.mlp(outputs, depth=0).layers), {})


def _cnn(dataset: Dataset, outputs: int) -> Maker:
    settings, moved = usual.cnn_settings(dataset), usual.moving(dataset)
    space = {"width": choice(16, 32), "dense": choice(64, 128), "dropout": uniform(0.0, 0.6)}
    return Maker(lambda **given: zoo.cnn(outputs, **given, augment=moved), settings, space)


def _fcn(returns: str) -> Callable[[Dataset, int], Maker]:
    def made(_: Dataset, outputs: int) -> Maker:
        make = lambda **given: zoo.fcn(outputs, returns=returns, **given)
        return Maker(make, {"width": 64}, {"width": choice(32, 64, 128)})

    return made


def _recurrent(cell: str, **fixed: Any) -> Callable[[Dataset, int], Maker]:
    def made(_: Dataset, outputs: int) -> Maker:
        make = lambda **given: zoo.recurrent(outputs, cell=cell, **fixed, **given)
        space = {"units": choice(32, 64, 128), "depth": integer(1, 2), "dropout": _DROPOUT}
        return Maker(make, {"units": 64, "depth": 1, "dropout": 0.0}, space)

    return made


def _speller(cell: str) -> Callable[[Dataset, int], Maker]:
    def made(_: Dataset, outputs: int) -> Maker:
        make = lambda **given: usual.speller(outputs, cell, **given)
        space = {"units": choice(128, 256), "depth": integer(1, 2), "dropout": _DROPOUT}
        return Maker(make, {"units": 256, "depth": 1, "dropout": 0.0}, space)

    return made


def _unet(dataset: Dataset, outputs: int) -> Maker:
    settings = usual.unet_settings(dataset)
    return Maker(lambda **given: zoo.unet(outputs, **given), settings, {"width": choice(8, 16, 32)})


_CELLS = ("lstm", "gru", "simple_rnn")
_MAKERS: dict[str, dict[str, Callable[[Dataset, int], Maker]]] = {
    "table": {"mlp": _waved, "linear": _linear},
    "images": {"cnn": _cnn, "mlp": _mlp, "linear": _linear},
    "series": {"cnn": _fcn("last"), **{cell: _recurrent(cell) for cell in _CELLS}, "mlp": _mlp, "linear": _linear},
    "series at every place": {
        **{cell: _recurrent(cell, direction="both", returns="all") for cell in _CELLS},
        "cnn": _fcn("all"),
    },
    "images at every place": {"unet": _unet},
    "text at every place": {cell: _speller(cell) for cell in _CELLS},
    "windows": {"mlp": _mlp, "linear": _linear, **{cell: _recurrent(cell) for cell in _CELLS}, "cnn": _fcn("last")},
}
