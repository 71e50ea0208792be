from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photic import spec
from photic.errors import SpecError
from photic.spec import Knob, Number


@dataclasses.dataclass(frozen=True)
class Plate:
    size: int
    rim: float | None = None


@dataclasses.dataclass(frozen=True)
class SetTable:
    plates: tuple[Plate, ...]
    warmth: Number = 0.5
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.plates) > 2:
            raise SpecError("SetTable", "needs at most 2 plates", "3", source="its settings", fix="leave one out")


TYPES = {"plate": Plate, "set_table": SetTable}
NUMBERS = st.floats(0, 1) | st.builds(Knob, st.text(max_size=5), st.floats(0, 1))
PLATES = st.builds(Plate, st.integers(), st.none() | st.floats(allow_nan=False, allow_infinity=False))
TABLES = st.builds(
    SetTable, st.lists(PLATES, max_size=2).map(tuple), NUMBERS, st.lists(st.text(), max_size=3).map(tuple)
)


def read(data):
    return spec.from_json(data, TYPES, "table", "menu.json")


def refusal(data):
    with pytest.raises(SpecError) as caught:
        read(data)
    return str(caught.value)


@given(TABLES)
def test_json_and_back_is_the_same_spec(table):
    assert read(json.loads(json.dumps(spec.to_json(table)))) == table


def test_defaults_are_left_out_of_json():
    assert spec.to_json(SetTable((Plate(3),))) == {"type": "set_table", "plates": [{"type": "plate", "size": 3}]}


def test_a_knob_takes_the_lanes_number_or_its_own():
    knob = Knob("warmth", 0.5)
    assert spec.number(knob, {"warmth": 0.25}) == 0.25
    assert spec.number(knob, {"other": 0.25}) == 0.5
    assert spec.number(0.1, {"warmth": 0.25}) == 0.1
    assert (spec.plain(knob), spec.plain(0.1)) == (0.5, 0.1)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Dense", "dense"),
        ("BatchNorm", "batch_norm"),
        ("BinaryCrossEntropy", "binary_cross_entropy"),
        ("GELU", "gelu"),
        ("ReLU", "relu"),
        ("LeakyReLU", "leaky_relu"),
        ("SiLU", "silu"),
        ("RMSE", "rmse"),
        ("LSTM", "lstm"),
    ],
)
def test_type_names_are_those_of_the_field(name, words):
    assert spec.type_name(type(name, (), {})) == words


def test_words_are_what_the_user_would_type():
    assert spec.words(Plate(3)) == "Plate(3)"
    assert spec.words(Plate(3, rim=0.5)) == "Plate(3, rim=0.5)"
    assert spec.words(SetTable((), warmth=Knob("warmth", 0.1))) == "SetTable((), warmth=Knob('warmth', value=0.1))"


def test_an_unknown_type_is_named_with_the_nearest():
    assert refusal({"type": "plaet", "size": 3}) == (
        "table: needs a known type, got 'plaet'\n"
        "from menu.json; did you mean 'plate'? known: 'knob', 'plate', 'set_table'."
    )


def test_a_missing_type_is_asked_for():
    assert refusal({"size": 3}) == 'table: needs a known type, got None\nfrom menu.json; give it a "type".'


def test_an_unknown_setting_is_named_with_the_nearest():
    assert refusal({"type": "plate", "size": 3, "rum": 1.0}) == (
        "table plate: needs known settings, got 'rum'\nfrom menu.json; did you mean 'rim'? known: 'rim', 'size'."
    )


def test_a_missing_setting_is_asked_for():
    assert refusal({"type": "plate"}) == "table plate: needs 'size', got nothing\nfrom menu.json; add \"size\"."


@pytest.mark.parametrize(
    ("data", "where", "got"),
    [
        ({"type": "plate", "size": "3"}, "table plate: size:", "'3'"),
        ({"type": "plate", "size": 3.5}, "table plate: size:", "3.5"),
        ({"type": "plate", "size": True}, "table plate: size:", "True"),
        ({"type": "set_table", "plates": [], "warmth": "hot"}, "table set_table: warmth:", "'hot'"),
        ({"type": "set_table", "plates": [3]}, "table set_table: plates:", "(3,)"),
    ],
)
def test_a_value_of_another_kind_is_refused_at_its_place(data, where, got):
    message = refusal(data)
    assert message.startswith(where)
    assert f"got {got}\nfrom menu.json;" in message


def test_an_error_inside_says_how_deep():
    inner = {"type": "set_table", "plates": [{"type": "plate", "size": 1}, {"type": "plate"}]}
    assert refusal(inner).startswith("table.plates.1 plate: needs 'size'")


def test_what_a_spec_refuses_itself_gets_place_and_file():
    plates = [{"type": "plate", "size": size} for size in range(3)]
    assert refusal({"type": "set_table", "plates": plates}) == (
        "table: SetTable: needs at most 2 plates, got 3\nfrom menu.json; leave one out."
    )
