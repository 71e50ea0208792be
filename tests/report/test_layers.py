"""What the layers did: the values of the inspections, and titles that say what is seen in them."""

import pytest

from photic.report import layers
from photic.report.record import Record
from photic.report.tag import html


def line(epoch, gradients, updates=(0.01, 0.02), dead=0.0, spreads=(1.0, 2.0, 1.0), lane="final"):
    paths = ("layers.0", "layers.1", "layers.2")
    measured = {
        path: {"gradient": gradient, "spread": spread, "dead": 0.0}
        for path, gradient, spread in zip(paths, gradients, spreads, strict=True)
    }
    measured["layers.0"]["update"], measured["layers.2"]["update"] = updates
    measured["layers.1"] |= {"dead": dead, "saturated": 0.5}
    return {"lane": lane, "epoch": epoch, "layers": measured}


def shown(*lines):
    lanes = {"fold 1": [], "final": []}
    made = layers.section(Record("r", None, {}, {}, lanes, None, {}, {}, [], inspection=list(lines)))
    return None if made is None else html(made)


@pytest.mark.parametrize(
    ("gradients", "title"),
    [
        ((0.1, 0.1, 0.15), "Gradients reach the first layer at much the same size"),
        ((0.001, 0.01, 0.1), "On its way back to the first layer the gradient shrinks 100 times"),
        ((3.0, 1.0, 0.1), "On its way back to the first layer the gradient grows 30 times"),
    ],
)
def test_the_title_says_what_the_gradient_does_on_its_way_back(gradients, title):
    assert title in shown(line(1, (1.0, 1.0, 1.0)), line(39, gradients))


def test_the_size_of_outputs_is_judged_without_the_answer():
    assert "Outputs keep their size" in shown(line(1, (1, 1, 1), spreads=(1.0, 2.0, 500.0)))
    assert "differ in size 50 times" in shown(line(1, (1, 1, 1), spreads=(1.0, 50.0, 1.0)))


def test_the_first_step_is_told_as_a_share_of_the_weights():
    assert "The first step moves the weights by 2.00% of their size" in shown(
        line(1, (1, 1, 1), updates=(0.005, 0.02)), line(9, (1, 1, 1))
    )


def test_silent_units_are_told_with_their_layer_and_flat_inputs():
    text = shown(line(1, (1, 1, 1), dead=0.25))
    assert "In one layer 25% of the units are silent" in text
    assert ">layers.1</th><td>25%</td><td>50%</td>" in text
    assert "No unit is silent" in shown(line(1, (1, 1, 1)))


def test_only_the_final_network_is_drawn_and_without_inspections_nothing():
    assert shown(line(1, (1, 1, 1), lane="fold 1")) is None
    assert shown() is None
