"""Recurrent layers: the same weights at every step of a sequence, and a memory handed on.

Chapters: "Recurrent network", "LSTM".

Think of listening to a story. You do not keep every word; after each one you change what you have in mind. SimpleRNN
changes all of it at every word. LSTM and GRU have gates: what to let in, what to forget, what to say. A gate that stays
open lets a memory, and on the way back its gradient, pass many steps unchanged.

Reference: Elman, "Finding structure in time", 1990, https://doi.org/10.1016/0364-0213(90)90002-E; Hochreiter and
Schmidhuber, "Long short-term memory", 1997, https://doi.org/10.1162/neco.1997.9.8.1735; both directions: Schuster and
Paliwal, "Bidirectional recurrent neural networks", 1997, https://doi.org/10.1109/78.650093. Lessons 17 and 18.
"""

from __future__ import annotations

import abc
import dataclasses

import jax.numpy as jnp
from jaxtyping import Array, Float

from photic import keys, tensor
from photic.errors import ShapeError
from photic.kernels import recurrent
from photic.kernels.recurrent import Cell, Memory, Weights
from photic.layers.base import Context, Layer, Lengths, Params, State
from photic.layers.limits import need_choice, need_count
from photic.layers.steps import cleared, real
from photic.maths.initializers import INITIALIZERS, draw
from photic.tensor import Shape

_DIRECTIONS = {"forward": ("",), "backward": ("_back",), "both": ("", "_back")}


@dataclasses.dataclass(frozen=True, repr=False)
class RecurrentLayer(Layer):
    """What the layers below share: a cell that is run along the steps of a sequence.

    Args:
        units: how many numbers the state has.
        direction: "forward" reads from the first step to the last; "backward" from each row's own last step to the
            first; "both" does both, with weights of their own, and joins the two states.
        returns: "last" gives the state after everything was read, "all" the state after every step.
        initializer: how the weights w for the input start, gate by gate; fan_in is d, fan_out is units.
        recurrent_initializer: how the weights r for the state start, gate by gate. A rotation ("orthogonal") neither
            shrinks nor stretches what it is handed, however many steps long.

    Takes `[n, t, d]`, gives `[n, units]`, or with "all" `[n, t, units]`; twice the units with "both". Several layers
    stand one after another, all but the last with `returns="all"`. Of a padded row, the state after its last real step
    stays to the end.

    With g gates, params are `w: [d, g units]`, `r: [units, g units]`, `b: [g units]`, and `w_back`, `r_back`, `b_back`
    for the way back. State is empty, or holds the memory of a sequence that goes on; see `layers.streaming`.
    """

    units: int
    direction: str = "forward"
    returns: str = "last"
    initializer: str = "glorot_uniform"
    recurrent_initializer: str = "orthogonal"

    def __post_init__(self) -> None:
        need_count(self, "units")
        need_choice(self, "direction", _DIRECTIONS)
        need_choice(self, "returns", ("last", "all"))
        need_choice(self, "initializer", INITIALIZERS)
        need_choice(self, "recurrent_initializer", INITIALIZERS)

    @property
    @abc.abstractmethod
    def cell(self) -> Cell:
        """The equations of one step."""

    @abc.abstractmethod
    def bias(self) -> Float[Array, " _"]:
        """How the biases of all gates start."""

    @property
    def ways(self) -> tuple[str, ...]:
        """What the names of the params of each direction end with, in the order of the output."""
        return _DIRECTIONS[self.direction]

    def shape(self, input: Shape) -> Shape:
        """`(t, d)` becomes `(units,)` or `(t, units)`; twice the units with both directions."""
        fix = "give it sequences; the columns of a table have no order, so take Dense for them"
        tensor.need_rank(self.words(), input, 2, fix)
        width = self.units * len(self.ways)
        return (width,) if self.returns == "last" else (input[0], width)

    def lengths(self, lengths: Lengths) -> Lengths:
        """The same with "all"; with "last" there is no axis of time any more."""
        return None if self.returns == "last" else lengths

    def init(self, key: Array, input: Shape) -> tuple[Params, State]:
        """Weights for every direction, each gate from a key of its own; and no memory."""
        d, u, params = input[-1], self.units, {}
        for way in self.ways:
            for name, law, rows in (("w", self.initializer, d), ("r", self.recurrent_initializer, u)):
                gates = (keys.fold(key, name + way, gate) for gate in range(len(self.cell.gates)))
                params[name + way] = jnp.concatenate([draw(law, gate, (rows, u), rows, u) for gate in gates], axis=1)
            params["b" + way] = self.bias()
        return params, {}

    def apply(self, params: Params, state: State, x: Float[Array, "n t d"], at: Context) -> tuple[Array, State]:
        """The states, `[n, units]` or `[n, t, units]`, and the memory where one was given."""
        steps = jnp.swapaxes(cleared(x, at.lengths), 0, 1)
        is_real = None if at.lengths is None else real(at.lengths, x.shape[1]).T
        start = self._start(state, steps)
        found = [
            recurrent.run(
                self.cell,
                steps,
                Weights(*(jnp.asarray(params[name + way]) for name in "wrb")),  # those of NumPy, read from a file
                start,
                is_real,
                reverse=bool(way),
                every=self.returns == "all",
            )
            for way in self.ways
        ]
        outputs = [memory[0] if states is None else jnp.swapaxes(states, 0, 1) for states, memory in found]
        y = outputs[0] if len(outputs) == 1 else jnp.concatenate(outputs, axis=-1)
        return y, dict(zip(self.cell.memory, found[0][1], strict=True)) if state else state

    def _start(self, state: State, steps: Float[Array, "t n d"]) -> Memory:
        n = steps.shape[1]
        if not state:
            return tuple(jnp.zeros((n, self.units), steps.dtype) for _ in self.cell.memory)
        if state["h"].shape[0] != n:
            got, fix = f"{n} rows", "give the next steps of the same rows, or begin anew with streaming.begin"
            raise ShapeError(
                self.words(), f"the memory is that of {state['h'].shape[0]} rows", got, source="the input", fix=fix
            )
        return tuple(state[name] for name in self.cell.memory)


@dataclasses.dataclass(frozen=True, repr=False)
class SimpleRNN(RecurrentLayer):
    """The state is made anew from the input and itself: h = f(x w + h r + b).

    Whatever must be remembered passes f and r at every step, so its trace, and the gradient, shrink or grow with the
    distance.

    Args:
        activation: f, "tanh" or "relu".

    All other arguments, shapes and params: `RecurrentLayer`.

    Raises:
        SpecError: for fewer than one unit or an unknown name.
        ShapeError: from `shape`, for anything but sequences.

    >>> params = {"w": jnp.array([[1.0]]), "r": jnp.array([[0.5]]), "b": jnp.zeros(1)}
    >>> x = jnp.array([[[8.0], [0.0], [0.0]]])
    >>> SimpleRNN(1, returns="all", activation="relu").apply(params, {}, x, Context())[0].ravel().tolist()
    [8.0, 4.0, 2.0]
    """

    activation: str = "tanh"

    def __post_init__(self) -> None:
        RecurrentLayer.__post_init__(self)
        need_choice(self, "activation", recurrent.SIMPLE)

    @property
    def cell(self) -> Cell:
        return recurrent.SIMPLE[self.activation]

    def bias(self) -> Float[Array, " _"]:
        return jnp.zeros(self.units)


@dataclasses.dataclass(frozen=True, repr=False)
class LSTM(RecurrentLayer):
    """Long short-term memory: beside the state h a cell c, which three gates write, wipe and read.

        i, f, o = sigmoid(x w + h r + b) each, g = tanh(x w + h r + b), every one with its own w, r and b
        c' = f c + i g
        h' = o tanh(c')

    Where f is near 1 and i near 0, c passes unchanged, and so does its gradient. The columns of w, r and b are those of
    i, f, g, o. The bias of the forget gate f starts at 1: at 0 a fresh cell would forget half of itself at every step,
    and training could not see far enough back to find out that it should remember.

    Arguments, shapes and params: `RecurrentLayer`.

    Raises:
        SpecError: for fewer than one unit or an unknown name.
        ShapeError: from `shape`, for anything but sequences.

    Reference: Gers, Schmidhuber and Cummins, "Learning to forget", 2000, https://doi.org/10.1162/089976600300015015;
    the bias: Jozefowicz, Zaremba and Sutskever, "An empirical exploration of recurrent network architectures", 2015,
    https://proceedings.mlr.press/v37/jozefowicz15.html (section 4).

    >>> params = {"w": jnp.array([[0.0, 0.0, 1.0, 0.0]]), "r": jnp.zeros((1, 4)), "b": jnp.array([9.0, 9.0, 0.0, 9.0])}
    >>> x = jnp.array([[[9.0], [0.0], [0.0]]])  # all gates open: what came in stays
    >>> LSTM(1, returns="all").apply(params, {}, x, Context())[0].ravel().round(2).tolist()
    [0.7599999904632568, 0.7599999904632568, 0.7599999904632568]
    """

    @property
    def cell(self) -> Cell:
        return recurrent.LSTM

    def bias(self) -> Float[Array, " _"]:
        return jnp.zeros(4 * self.units).at[self.units : 2 * self.units].set(1.0)


@dataclasses.dataclass(frozen=True, repr=False)
class GRU(RecurrentLayer):
    """A gated recurrent unit: two gates and no cell beside the state.

        z, r = sigmoid(x w + h r + b) each, g = tanh(x w + b + r (h r)), every one with its own w, r and b
        h' = (1 - z) g + z h

    The update gate z is the share of the OLD state kept; the reset gate (r, a number each) says how much of the old
    state the candidate g may see. Of the two published variants this is the one that resets after the product with the
    recurrent weights: all three gates then share one product a step, which is faster, and it is what other libraries
    compute by default. The columns of w, r and b are those of z, r, g.

    Arguments, shapes and params: `RecurrentLayer`.

    Raises:
        SpecError: for fewer than one unit or an unknown name.
        ShapeError: from `shape`, for anything but sequences.

    Reference: Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014,
    https://arxiv.org/abs/1406.1078 (section 2.3).

    >>> params = {"w": jnp.array([[0.0, 0.0, 1.0]]), "r": jnp.zeros((1, 3)), "b": jnp.zeros(3)}
    >>> x = jnp.array([[[9.0], [0.0], [0.0]]])  # z = 1/2: half of what is remembered goes at every step
    >>> GRU(1, returns="all").apply(params, {}, x, Context())[0].ravel().round(3).tolist()
    [0.5, 0.25, 0.125]
    """

    @property
    def cell(self) -> Cell:
        return recurrent.GRU

    def bias(self) -> Float[Array, " _"]:
        return jnp.zeros(3 * self.units)
