"""Homes: the structure whose compiled program a setting is trained in. Chapter: "Hyperparameter tuning".

Most settings are at home in their own structure. A narrower network can be trained inside a wider one as well
(`train/inside.py`): its lanes then take longer, and one program less is compiled. It moves in where that is quicker.
"""

from __future__ import annotations

import dataclasses
import itertools
import math

import jax

from photic.errors import RequestError
from photic.experiment.recipe import Recipe, Structure
from photic.experiment.validate import training_of
from photic.layers import Dense
from photic.model import Model
from photic.tensor import Shape
from photic.train.inside import inside
from photic.train.run import Table, Training

#: What a program less saves, in seconds, and the operations a second by which the longer steps are reckoned: both set
#: by trying whole searches (docs/performance.md, "Widths in one program").
COMPILES, SPEED = 0.9, 2e10
_MOST = 32  # widths that are looked at


@dataclasses.dataclass(frozen=True)
class Home:
    """Where a setting is trained.

    Args:
        structure: whose program it is.
        place: which of its networks, 0 being the widest, 1 the first of `narrower`.
        narrower: the structures of the networks that live in it.
    """

    structure: Structure
    place: int = 0
    narrower: tuple[Structure, ...] = ()


def homes(recipe: Recipe, structure: Structure, table: Table, steps: float) -> dict[Structure, Home]:
    """The home of a structure and of all that differ from it in widths alone.

    Args:
        table: of which only the shapes are looked at.
        steps: how many of all settings are trained, over all lanes, by the whole search.
    """
    models = {each: model for each in _alike(recipe, structure) if (model := _model(recipe, each)) is not None}
    batch = recipe.planned(structure).batch_size
    operations = lambda each: 6 * batch * _products(models[each], table.x.shape[1:])  # a product, and its two gradients
    share = steps / (SPEED * len(jax.local_devices()) * _structures(recipe))
    groups: list[list[Structure]] = []
    for own in sorted(models, key=lambda each: _neurons(models[each]), reverse=True):
        wider = [group for group in groups if inside(models[own], models[group[0]])]
        pays = [group for group in wider if (operations(group[0]) - operations(own)) * share < COMPILES]
        if pays:
            min(pays, key=lambda group: operations(group[0])).append(own)
        else:
            groups.append([own])
    told = {}
    for widest, *others in groups:
        told |= {each: Home(widest, place, tuple(others)) for place, each in enumerate((widest, *others))}
    return told


def training(recipe: Recipe, home: Home) -> Training:
    """The training of everything that is at home there."""
    models = tuple(recipe.planned(each).model for each in home.narrower)
    return dataclasses.replace(_training(recipe, home.structure), narrower=models)


def _training(recipe: Recipe, structure: Structure) -> Training:
    return training_of(dataclasses.replace(recipe.planned(structure), rates=None))


def _alike(recipe: Recipe, structure: Structure) -> list[Structure]:
    """Structures with other whole numbers for the settings of the network; at least the one that was given."""
    fixed, numbers = structure
    default, deciding = recipe.default(), {name for each in recipe.space.values() for name in each.when}
    own = set(recipe.maker.settings) - deciding if recipe.maker else set()
    sizes = [name for name, value in fixed if type(value) is int and name in own]
    grids = [[n for n in (*recipe.space[name].grid(), default.get(name)) if type(n) is int] for name in sizes]
    if not sizes or math.prod(map(len, grids)) > _MOST:
        return [structure]
    changed = [dict(zip(sizes, values, strict=True)) for values in itertools.product(*grids)]
    every = [(tuple((name, each.get(name, value)) for name, value in fixed), numbers) for each in changed]
    return list(dict.fromkeys([structure, *every]))


def _model(recipe: Recipe, structure: Structure) -> Model | None:
    """Its network; None when there is none, which is said when somebody asks for it."""
    try:
        return recipe.planned(structure).model
    except RequestError:
        return None


def _structures(recipe: Recipe) -> int:
    return math.prod(len(each.grid()) for name, each in recipe.space.items() if not recipe.is_number(name))


def _neurons(model: Model) -> int:
    return sum(layer.units for layer in model.layers if isinstance(layer, Dense))


def _products(model: Model, shape: Shape) -> int:
    """Of how many numbers the Dense layers of a network are the products, for one row; they alone differ in widths."""
    total = 0
    for layer in model.layers:
        total += math.prod(shape) * layer.units if isinstance(layer, Dense) else 0
        shape = layer.shape(shape)
    return total
