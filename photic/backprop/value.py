"""A number that remembers how it was made, and so can say how it changes: backpropagation in one page.

Every operation gives a new `Value` that keeps its parents and, for each, the slope: by how much the result grows when
that parent grows a little. The chain rule multiplies slopes along a path and adds over paths, so one walk from the
result back to the start finds the gradient of everything. A network does the same with whole layers at a time.

Numbers behave as Python's own: dividing by zero or the log of 0 raises what Python raises. Nothing but `math` is
imported. Chapter: "Backpropagation".

Reference: Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", 1986,
https://doi.org/10.1038/323533a0; the scalar graph as a way to teach it: Karpathy, "micrograd", 2020,
https://github.com/karpathy/micrograd. Lesson 7.
"""

from __future__ import annotations

import math

Number = float | int


class Value:
    """A number in a graph: `data`, the `gradient` of a result for it, and the `parents` it was made from.

    Args:
        data: the number.
        name: what `str` calls it; a made one is called v1, v2 ... in the order it was computed.
        made: how it was made, with {} for each parent: "{} * {}".
        parents: what it was made from.
        slopes: for each parent, d self / d parent.

    >>> w, x, b = Value(3.0, "w"), Value(2.0, "x"), Value(1.0, "b")
    >>> loss = (w * x + b - 10.0) ** 2
    >>> loss.backward()
    >>> loss.data, w.gradient, x.gradient, b.gradient
    (9.0, -12.0, -18.0, -6.0)
    """

    def __init__(
        self,
        data: Number,
        name: str = "",
        *,
        made: str = "",
        parents: tuple[Value, ...] = (),
        slopes: tuple[Number, ...] = (),
    ) -> None:
        self.data, self.name, self.gradient = data, name, 0.0
        self.made, self.parents, self.slopes = made, parents, slopes

    def backward(self) -> None:
        """Set the gradient of this value for every value it was made from, by the chain rule."""
        order = self.order()
        for value in order:
            value.gradient = 0.0
        self.gradient = 1.0
        for value in reversed(order):  # a value's own gradient is whole before it is handed on
            for parent, slope in zip(value.parents, value.slopes, strict=True):
                parent.gradient += slope * value.gradient

    def order(self) -> list[Value]:
        """Everything this value was made from and itself, each after its parents; the graph may be of any depth."""
        found: dict[Value, None] = {}
        stack: list[tuple[Value, bool]] = [(self, False)]
        while stack:
            value, ready = stack.pop()
            if ready:
                found[value] = None
            elif value not in found:
                stack.append((value, True))
                stack.extend((parent, False) for parent in reversed(value.parents))
        return list(found)

    def exp(self) -> Value:
        """The number e to the power of it; its slope is itself."""
        result = math.exp(self.data)
        return Value(result, made="exp({})", parents=(self,), slopes=(result,))

    def log(self) -> Value:
        """The natural logarithm."""
        return Value(math.log(self.data), made="log({})", parents=(self,), slopes=(1 / self.data,))

    def tanh(self) -> Value:
        """A smooth switch from -1 to 1."""
        result = math.tanh(self.data)
        return Value(result, made="tanh({})", parents=(self,), slopes=(1 - result**2,))

    def sigmoid(self) -> Value:
        """A smooth switch from 0 to 1; written with tanh, which cannot overflow."""
        result = (1 + math.tanh(self.data / 2)) / 2
        return Value(result, made="sigmoid({})", parents=(self,), slopes=(result * (1 - result),))

    def relu(self) -> Value:
        """The value where it is positive, else 0; the slope at 0 is taken as 0."""
        return Value(max(self.data, 0.0), made="relu({})", parents=(self,), slopes=(float(self.data > 0),))

    def max(self, other: Value | Number) -> Value:
        """The larger of two; all of the slope belongs to the larger, and half to each where they are equal."""
        other = _value(other)
        share = 0.5 if self.data == other.data else float(self.data > other.data)
        larger = max(self.data, other.data)
        return Value(larger, made="max({}, {})", parents=(self, other), slopes=(share, 1 - share))

    def __add__(self, other: Value | Number) -> Value:
        other = _value(other)
        return Value(self.data + other.data, made="{} + {}", parents=(self, other), slopes=(1.0, 1.0))

    def __sub__(self, other: Value | Number) -> Value:
        other = _value(other)
        return Value(self.data - other.data, made="{} - {}", parents=(self, other), slopes=(1.0, -1.0))

    def __mul__(self, other: Value | Number) -> Value:
        other = _value(other)
        return Value(self.data * other.data, made="{} * {}", parents=(self, other), slopes=(other.data, self.data))

    def __truediv__(self, other: Value | Number) -> Value:
        other = _value(other)
        result = self.data / other.data
        return Value(result, made="{} / {}", parents=(self, other), slopes=(1 / other.data, -result / other.data))

    def __pow__(self, power: Number) -> Value:
        slope = power * self.data ** (power - 1) if power else 0.0
        return Value(self.data**power, made=f"{{}} ** {power:g}", parents=(self,), slopes=(slope,))

    def __neg__(self) -> Value:
        return Value(-self.data, made="-{}", parents=(self,), slopes=(-1.0,))

    def __radd__(self, other: Number) -> Value:
        return _value(other) + self

    def __rsub__(self, other: Number) -> Value:
        return _value(other) - self

    def __rmul__(self, other: Number) -> Value:
        return _value(other) * self

    def __rtruediv__(self, other: Number) -> Value:
        return _value(other) / self

    def __repr__(self) -> str:
        return f"Value({self.data:g}, gradient={self.gradient:g})"

    def __str__(self) -> str:
        """The graph as a table, in the order it was computed; plain numbers stay inside the lines they are used in.

        >>> x = Value(3.0, "x")
        >>> y = (2.0 * x).tanh() + x
        >>> y.backward()
        >>> print(y)
                          value     gradient
        x                     3      1.00005
        v1 = 2 * x            6  2.45765e-05
        v2 = tanh(v1)  0.999988            1
        v3 = v2 + x     3.99999            1
        """
        names: dict[Value, str] = {}
        made, lines = 0, [("", "value", "gradient")]
        for value in self.order():
            made += bool(value.parents)
            if value.parents or value.name:
                names[value] = value.name or f"v{made}"
                formula = value.made.format(*(names[parent] for parent in value.parents))
                left = f"{names[value]} = {formula}" if formula else names[value]
                lines.append((left, f"{value.data:g}", f"{value.gradient:g}"))
            else:
                names[value] = f"{value.data:g}"
        first, second, third = (max(len(line[i]) for line in lines) for i in range(3))
        return "\n".join(f"{a:<{first}}  {b:>{second}}  {c:>{third}}" for a, b, c in lines)


def _value(number: Value | Number) -> Value:
    return number if isinstance(number, Value) else Value(number)
