"""From settings to a window: as many places as are promised, and a first place that does not hang on the length."""

from __future__ import annotations

import pytest

from photic.kernels.window import Axis
from photic.layers import Conv, ConvTranspose, MaxPool


@pytest.mark.parametrize("kernel", [1, 2, 3, 6])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("n", [1, 5, 6, 11])
def test_same_gives_as_many_places_as_the_input_divided_by_the_stride(kernel, stride, n):
    layer = Conv(1, kernel, stride=stride)
    (axis,) = layer.placed((n, 1)).axes
    assert axis.places(n) == -(-n // stride)
    assert axis.before == (kernel - 1) // 2, (
        "the same for every n, or a padded sequence would not equal an unpadded one"
    )


def test_causal_sees_nothing_that_is_yet_to_come():
    (axis,) = Conv(1, 3, dilation=2, padding="causal").placed((9, 1)).axes
    assert axis == Axis(3, dilation=2, before=4)
    assert axis.places(9) == 9


def test_one_number_stands_for_all_axes():
    assert Conv(1, 3, stride=2, padding=1).placed((7, 8, 1)).axes == (Axis(3, 2, 1, 1, 1),) * 2
    assert Conv(1, (3, 5), padding=(0, 2)).placed((7, 8, 1)).padding == ((0, 0), (2, 2))
    assert MaxPool((2, 3)).placed((7, 9, 1)).strides == (2, 3)


def test_lists_from_json_become_tuples():
    layer = Conv.__new__(Conv)
    for name, value in vars(Conv(1, 3)).items():
        object.__setattr__(layer, name, [3, 5] if name == "kernel" else value)
    layer.__post_init__()
    assert layer == Conv(1, (3, 5))
    assert hash(layer) == hash(Conv(1, (3, 5)))


def test_a_transposed_convolution_undoes_the_sizes_of_a_convolution():
    for kernel in (2, 3, 4):
        for padding in ("same", "valid"):
            small = Conv(1, kernel, stride=2, padding=padding).shape((12, 14, 1))
            large = ConvTranspose(1, kernel, stride=2, padding=padding).shape(small)
            assert all(0 <= n - m <= 1 for n, m in zip((12, 14), large[:2], strict=True))
