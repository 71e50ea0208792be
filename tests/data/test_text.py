"""Reading text: windows in the order of the text, symbols that are told apart, and what is no text."""

import json

import numpy as np
import pytest

from photic.data import split, text
from photic.data.read import read, read_for
from photic.data.text import CONTEXT, STEPS, UNKNOWN, windows
from photic.errors import DataError, WorkError

WORDS = "The quick brown fox jumps over the lazy dog. "
LONG = WORDS * 120


@pytest.fixture
def book(tmp_path):
    def written(words, name="book.txt", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(words if isinstance(words, bytes) else words.encode(encoding))
        return path

    return written


def spelled(data):
    return "".join(data.task.classes[code] for code in data.y[data.y >= 0])


def test_every_symbol_but_the_first_is_asked_for_once_and_in_order(book):
    data = read(book(LONG))
    assert data.kind == "text"
    assert spelled(data) == LONG[1:]
    assert data.task.words == f"the next character, one of {len(set(LONG))}"
    assert data.numbers.shape[1] == STEPS + CONTEXT


def test_the_symbol_asked_for_is_the_one_that_follows():
    numbers, y = windows(np.arange(300))
    asked = y >= 0
    np.testing.assert_array_equal(y[asked], numbers[asked] + 1)
    np.testing.assert_array_equal(numbers[1, :CONTEXT], numbers[0, -CONTEXT:])


def test_no_part_is_asked_for_symbols_of_another(book):
    data = read(book(LONG))
    found = split.split(data, folds=0)
    assert found.method == "ordered"
    fit, stop, score = found.final.fit, found.final.stop, found.final.score
    assert fit.max() < stop.min() <= stop.max() < score.min()
    whole = "".join(
        "".join(data.task.classes[code] for code in data.y[rows][data.y[rows] >= 0]) for rows in (fit, stop, score)
    )
    assert whole == LONG[1:]


def test_rare_symbols_become_the_unknown_and_that_is_said(book, monkeypatch):
    monkeypatch.setattr(text, "RARE", 100)
    data = read(book(LONG + "§ and ¶"))
    assert data.task.classes[-1] == UNKNOWN
    assert any(said.startswith("Rare characters become one, the unknown: ") for said in data.said)
    assert "§" not in data.task.classes


def test_new_text_is_read_in_the_symbols_of_the_network(book):
    data = read(book(LONG))
    new = read_for(book("The lazy fox jumps, §", "new.txt"), data.columns, data.form)
    levels = data.task.classes
    assert "".join(levels[code] if code >= 0 else "?" for code in new.numbers[0, CONTEXT : CONTEXT + 21]) == (
        "The lazy fox jumps? ?"
    )


def test_line_ends_and_marks_of_other_systems(book):
    data = read(book(b"\xef\xbb\xbf" + (LONG.replace(". ", ".\r\n")).encode()))
    assert "\r" not in data.task.classes
    assert "\ufeff" not in data.task.classes
    assert "Line ends of other systems are read as plain ones." in data.said


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "text: needs words, got an empty file"),
        (b"  \n ", "text: needs words, got an empty file"),
        (b"short", "needs at least 2,560 symbols to learn from and to be judged by, got 5"),
        (b"one line\nand a caf\xe9 " * 300, "needs UTF-8, got the byte 0xe9 at place 18, line 2"),
        (b"caf\xe9 " * 300, "it is likely ISO-8859-1: iconv -f ISO-8859-1 -t UTF-8"),
        (b"\x93quoted\x94 " * 300, "it is likely WINDOWS-1252"),
        ("words ".encode("utf-16") * 300, "got the mark of UTF-16 at its beginning"),
        (b"PK\x03\x04\x00\x00" * 600, "needs plain text in UTF-8, got a zero byte at place 4"),
    ],
)
def test_what_is_no_text_is_refused(book, content, words):
    with pytest.raises(DataError) as refused:
        read(book(content))
    assert words in str(refused.value).replace("\n", " ").replace("  ", " ")


def test_a_missing_file_offers_its_neighbour(book):
    path = book(LONG)
    with pytest.raises((DataError, WorkError), match=r"book\.txt"):
        read(path.with_name("bok.txt"))


def test_a_table_in_a_txt_file_is_still_a_table(book):
    path = book("size,price\n" + "\n".join(f"{i},{i * 2.5}" for i in range(30)), "measured.txt")
    assert read(path, "price").kind == "table"


def test_tokens_of_a_tokenizer_file(book, tmp_path):
    tokenizers = pytest.importorskip("tokenizers")
    known = {word: code for code, word in enumerate([*sorted(set(WORDS.split())), "[UNK]"])}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(known, unk_token="[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    made.save(str(tmp_path / "tokenizer.json"))
    words = WORDS * 400
    data = read(book(words), tokenizer=str(tmp_path / "tokenizer.json"))
    assert data.task.unit == "token"
    assert "quick " in data.task.classes
    assert spelled(data) == words[len("The ") :]
    np.testing.assert_array_equal(text.encoded("The quick fox ", data.task.classes)[:2], data.numbers[0, CONTEXT:][:2])


def test_a_tokenizer_that_is_none(book, tmp_path):
    pytest.importorskip("tokenizers")
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"a": 1}))
    with pytest.raises(DataError, match="needs a tokenizer file, got other content"):
        read(book(LONG), tokenizer=str(other))
    with pytest.raises(DataError, match="needs a tokenizer file, got no such file"):
        read(book(LONG), tokenizer=str(tmp_path / "none.json"))
    with pytest.raises(DataError, match="tokenizer: needs a text, got other data"):
        read("penguins", tokenizer=str(other))
