"""The benchmark's own arithmetic and words; never a speed."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from bench import __main__ as command
from bench import data, machine, table
from bench.entrants import Command, Worker
from bench.measure import Entry, FailedError, alternate, best
from bench.outcome import Bar, Outcome, Row, Session, at_least, times
from bench.peers import PEERS
from bench.rows import ROWS


class Fake:
    """An entrant that takes as long as it is told to."""

    def __init__(self, title, peer, seconds, log=None, words=None):
        self.title, self.peer, self.seconds, self.log, self.words = (
            title,
            peer,
            iter(seconds),
            [] if log is None else log,
            words,
        )
        self.closed = False

    def start(self):
        if self.words:
            raise FailedError(self.words)

    def once(self):
        self.log.append(self.title)
        return {"seconds": next(self.seconds), "compile": 0.5}

    def close(self):
        self.closed = True


def entry(title, peer, *seconds, **facts):
    return Entry(title, peer, runs=[{"seconds": value, **facts} for value in seconds])


def quiet(words):
    """Nobody listens."""


def test_every_row_of_the_table_is_listed(capsys):
    assert command.main(["--list"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    names = "steps-32 steps-128 steps-784 folds fresh startup million overhead inspection trace diagnose diagnose-time"
    assert listed == f"{names} rates tables".split() == list(ROWS)


def test_an_unknown_row_is_refused_in_words(capsys):
    assert command.main(["speed"]) == 2
    assert capsys.readouterr().err.startswith("there is no row 'speed'; the rows are steps-32, ")


def test_entrants_take_turns_after_a_warm_up():
    log = []
    one, two = Fake("one", "photic", [9, 1, 2, 3], log), Fake("two", "torch", [9, 4, 6, 5], log)
    entries = alternate([one, two], 3, quiet)
    assert log == ["one", "two"] * 4
    assert [e.median() for e in entries] == [2, 5]
    assert entries[1].spread() == (4, 6)
    assert entries[0].first == {"seconds": 9, "compile": 0.5}
    assert one.closed
    assert two.closed


def test_of_a_peer_with_variants_only_the_quickest_goes_on_when_asked():
    entrants = [
        Fake("a", "torch", [8]),
        Fake("b", "torch", [7, 1]),
        Fake("c", "photic", [9, 2]),
        Fake("d", "photic", [8, 3]),
    ]
    entries = alternate(entrants, 1, quiet, one_of=["torch"])
    assert [len(e.runs) for e in entries] == [0, 1, 1, 1]


def test_who_fails_is_left_out_with_words_and_the_others_go_on():
    broken, whole = Fake("broken", "torch", [], words="no such file"), Fake("whole", "keras", [1, 2])
    entries = alternate([broken, whole], 1, quiet)
    assert entries[0].failure == "no such file"
    assert best(entries).title == "whole"


def test_the_median_of_an_even_number_is_the_middle():
    assert entry("a", "torch", 4.0, 1.0, 2.0, 3.0).median() == 2.5


def test_the_best_peer_is_never_photic_and_never_the_ceiling():
    entries = [entry("p", "photic", 1), entry("n", "numpy", 1), entry("t", "torch", 3), entry("k", "keras", 2)]
    assert best(entries).title == "k"
    assert best(entries, ["torch"]).title == "t"
    assert best(entries[:2]) is None


def test_ratios_say_how_many_times_as_long_a_peer_takes():
    photic, torch = entry("p", "photic", 2.0), entry("t", "torch", 5.0)
    assert times(torch, photic) == "2.50x as fast"
    assert not times(photic, photic)
    bar = at_least(3, "at least 3x", photic, ["torch"], [photic, torch])
    assert bar == Bar("at least 3x", "2.50x (t)", False)
    assert at_least(2.5, "w", photic, ["torch"], [photic, torch]).met is True
    assert at_least(2, "w", photic, ["torch"], [photic]) == Bar("w", "not measured", None)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (3.12e-05, "31.2 us"),
        (0.00012, "120 us"),
        (0.31, "310 ms"),
        (1.0, "1.00 s"),
        (123.4, "123 s"),
        (1234.0, "1,234 s"),
    ],
)
def test_times_are_printed_in_a_unit_that_suits_them(value, words):
    assert table.seconds(value) == words


def test_tables_are_aligned_markdown():
    lines = [{"who": "a", "s": "1.0"}, {"who": "bc", "note": "x"}]
    assert table.markdown(lines).splitlines() == [
        "| who | s   | note |",
        "|-----|-----|------|",
        "| a   | 1.0 |      |",
        "| bc  |     | x    |",
    ]


def test_a_row_prints_its_bars_and_who_is_missing():
    failed = Entry("PyTorch", "torch", failure="its process ended")
    outcome = Outcome([failed], [{"": "Photic"}], [Bar("at most 1 s", "2 s", met=False)], ["Keras on JAX"], ["a note"])
    row = Row("x", "title", lambda session: outcome)
    text = table.row(row, outcome)
    assert text.splitlines()[-4:] == [
        "- at most 1 s: 2 s, NOT reached",
        "- Keras on JAX is not installed and was left out",
        "- PyTorch failed: its process ended",
        "- a note",
    ]
    assert "| x   | title | at most 1 s | 2 s      | no      |" in table.summary({"x": row}, {"x": outcome})


def test_a_run_is_written_between_the_marks_of_a_document(monkeypatch, capsys, tmp_path):
    outcome = Outcome([entry("p", "photic", 2.0)], [{"": "p"}], [Bar("w", "m", met=True)])
    monkeypatch.setitem(ROWS, "startup", Row("startup", "t", lambda session: outcome))
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- bench summary -->\nold\n<!-- /bench summary -->\nafter\n")
    assert command.main(["startup", "--into", str(page)]) == 0
    text = page.read_text()
    assert text.startswith("before\n<!-- bench summary -->\n\n")
    assert text.endswith("| startup | t    | w   | m        | yes     |\n\n<!-- /bench summary -->\nafter\n")
    assert "old" not in text
    assert "### startup: t" in capsys.readouterr().out


def test_a_document_without_marks_stays_as_it_is():
    assert table.put("no marks", "bench", "x") == "no marks"
    assert table.put("<!-- bench --> cut short", "bench", "x") == "<!-- bench --> cut short"


def test_json_is_one_object_and_nothing_else(monkeypatch, capsys):
    outcome = Outcome([entry("p", "photic", 2.0)], [{"": "p"}], [Bar("w", "m", met=True)])
    monkeypatch.setitem(ROWS, "startup", Row("startup", "t", lambda session: outcome))
    assert command.main(["startup", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["rows"]["startup"]["entries"][0]["runs"] == [{"seconds": 2.0}]
    assert said["machine"]["versions"]["numpy"] == np.__version__


def test_a_missing_peer_is_named_and_skipped(monkeypatch, tmp_path):
    monkeypatch.setitem(
        PEERS, "torch", PEERS["torch"].__class__("PyTorch", "bench.peers.torch_peer", ("torch",), ("no_such",))
    )
    entries, missing = Session(1, tmp_path, quiet).alternate([Fake("t", "torch", []), Fake("s", "sklearn", [1, 2])])
    assert [e.title for e in entries] == ["s"]
    assert missing == ["PyTorch"]


def test_the_machine_is_described():
    said = machine.lines(machine.describe() | {"versions": {"torch": None}})
    assert said.endswith("torch not installed")
    assert f"Python {sys.version.split()[0]}" in said


def test_everybody_gets_the_same_data():
    x, y = data.table(50, 20, 1)
    assert x.dtype == y.dtype == np.float32
    assert y.shape == (50, 1)
    assert np.array_equal(x, data.table(50, 20, 1)[0])
    classes = data.table(500, 30, 10)[1]
    assert classes.shape == (500,)
    assert len(np.unique(classes)) == 10


def test_the_arithmetic_of_a_step_is_counted_by_hand():
    # 20-64-64-1: forward 2 (1280 + 4096 + 64), weight gradients the same, input gradients without the first layer's
    assert data.multiplications([20, 64, 64, 1]) == 2 * (5440 + 5440 + 4160)


def test_a_worker_answers_and_says_what_it_cannot_do():
    worker = Worker("product", "numpy", "product", {"size": 4, "times": 1})
    try:
        worker.start()
        assert worker.once()["seconds"] > 0
    finally:
        worker.close()
    with pytest.raises(FailedError, match="KeyError: 'no such work'"):
        Worker("product", "numpy", "no such work", {}, fresh=True).once()


def test_a_command_gives_its_time_and_the_score_it_prints():
    facts = Command("a", "numpy", [sys.executable, "-c", "print('hello'); print(0.75)"]).once()
    assert facts["score"] == 0.75
    assert facts["seconds"] > 0
    with pytest.raises(FailedError, match="broken"):
        Command("a", "numpy", [sys.executable, "-c", "raise SystemExit('broken')"]).once()
