"""Files of every kind, and every way in which one can be wrong."""

import gzip
import importlib.util
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from photic.data import delimited
from photic.data.opening import open_table
from photic.data.read import read
from photic.errors import DataError

FRAME = pl.DataFrame({"size": [1.5, 2.5, 4.0], "kind": ["a", "b", "a"], "price": [0.5, 1.5, 2.25]})


@pytest.fixture
def put(tmp_path, monkeypatch):
    """Write a file into the current folder and give its name."""
    monkeypatch.chdir(tmp_path)

    def write(name, content):
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return name

    return write


def refusal(name):
    with pytest.raises(DataError) as error:
        read(name, "price")
    return str(error.value)


def excel(cells):
    """A workbook of one sheet with text and numbers, by hand."""
    rows = []
    for number, row in enumerate(cells, 1):
        line = []
        for letter, cell in zip("ABCDEF", row, strict=False):
            place = f'r="{letter}{number}"'
            if isinstance(cell, str):
                line.append(f'<c {place} t="inlineStr"><is><t>{cell}</t></is></c>')
            elif cell is not None:
                line.append(f"<c {place}><v>{cell}</v></c>")
        rows.append(f'<row r="{number}">{"".join(line)}</row>')
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packs = "http://schemas.openxmlformats.org/package/2006"
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return {
        "[Content_Types].xml": f'<Types xmlns="{packs}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{sheet}.sheet.main+xml"/>'
        f'<Override PartName="/xl/s1.xml" ContentType="{sheet}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{packs}/relationships">'
        f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="one" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packs}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="s1.xml"/></Relationships>',
        "xl/s1.xml": f'<worksheet xmlns="{main}"><sheetData>{"".join(rows)}</sheetData></worksheet>',
    }


def write_excel(path, cells):
    with zipfile.ZipFile(path, "w") as book:
        for name, text in excel(cells).items():
            book.writestr(name, text)


@pytest.mark.parametrize(
    "name", ["t.csv", "t.tsv", "t.txt", "t.csv.gz", "t.parquet", "t.pq", "t.jsonl", "t.ndjson", "t.json", "t.xlsx"]
)
def test_every_kind_of_file_gives_the_same_table(tmp_path, name):
    path = tmp_path / name
    text = FRAME.write_csv(separator="\t" if name == "t.tsv" else ",")
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    elif name.endswith(("parquet", "pq")):
        FRAME.write_parquet(path)
    elif name.endswith("json"):
        FRAME.write_json(path)
    elif name.endswith(("jsonl", "ndjson")):
        FRAME.write_ndjson(path)
    elif name.endswith("xlsx"):
        write_excel(path, [FRAME.columns, *FRAME.rows()])
    else:
        path.write_text(text)
    data = read(path, "price")
    assert [(column.name, column.kind) for column in data.columns] == [("size", "number"), ("kind", "category")]
    assert data.numbers[:, 0].tolist() == [1.5, 2.5, 4]
    assert data.codes[:, 0].tolist() == [0, 1, 0]
    assert data.y.tolist() == [0.5, 1.5, 2.25]
    assert (data.name, data.source) == ("t", name)
    assert data.said == ()


def test_without_its_library_an_excel_file_says_which_line_to_type(tmp_path, monkeypatch):
    write_excel(tmp_path / "t.xlsx", [FRAME.columns, *FRAME.rows()])
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name == "fastexcel" else find(name, *more)
    )
    assert refusal(tmp_path / "t.xlsx") == (
        "t.xlsx: needs the library fastexcel to read Excel files, got an installation without it\n"
        "from the file itself; type: pip install 'photic[excel]'."
    )


def test_excel_with_names_twice_or_nothing_is_refused(tmp_path):
    write_excel(tmp_path / "t.xlsx", [["a", "a", "price"], [1, 2, 3], [2, 3, 4]])
    assert refusal(tmp_path / "t.xlsx").startswith(
        "columns: need different names, got 'a' in places 1, 2\nfrom t.xlsx; "
    )
    write_excel(tmp_path / "e.xlsx", [])
    assert refusal(tmp_path / "e.xlsx").startswith("e.xlsx: needs a header line and rows, got an empty first sheet\n")


def test_a_missing_file_offers_the_nearest_name(put):
    put("houses.csv", "a\n1\n")
    assert refusal("hauses.csv").startswith(
        "hauses.csv: needs an existing file or the name of a known set, got nothing of that name\n"
    )
    assert "; did you mean 'houses.csv'? known: 'houses.csv'." in refusal("hauses.csv")
    assert "; did you mean 'penguins'? known: 'airline', " in refusal("pinguins")
    assert refusal("no/where.csv") == (
        "no/where.csv: needs an existing file, got a folder that does not exist\nfrom no; correct the path."
    )


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (
            "t.csv",
            "",
            "t.csv: needs a header line and rows, got an empty file\nfrom the file itself; write the table again.",
        ),
        ("t.parquet", "", "t.parquet: needs a header line and rows, got an empty file\n"),
        ("t.csv", "\n  \n", "t.csv: needs a header line and rows, got nothing but white space\n"),
        ("t.csv", "size,price\n", "rows: needs at least two rows, got a header line only\nfrom t.csv; add rows"),
        ("t.csv", "size,price\n1.5,2\n", "rows: needs at least two rows, got 1\nfrom t.csv; add rows"),
        ("t.csv", "1.5,2\n3,4\n", "t.csv: needs the names of the columns in the first line, got numbers (1.5, 2)\n"),
        (
            "t.csv",
            "a,b,a,price\n1,2,3,4\n",
            "columns: need different names, got 'a' in places 1, 3\nfrom t.csv; rename or ",
        ),
        (
            "t.csv",
            "a, a,b,b,price\n1,2,3,4,5\n",
            "columns: need different names, got 'a' in places 1, 2 (and 1 more names)\n",
        ),
        (
            "t.csv",
            "a,price\n1,2\n3,4,5\n",
            "t.csv: needs 2 values in a line, as in its header, got 3 values in line 3\n",
        ),
        (
            "t.csv",
            'a,price\n"1,2\n3,4\n',
            "t.csv: needs a table in text, got a quote that is opened and never closed\n",
        ),
        (
            "t.csv",
            bytes(range(256)),
            "t.csv: needs a table in text, got a binary file\nfrom the file itself; save it as CSV",
        ),
        (
            "t.csv",
            b"a,price\n\x81\x8d,2\n3,4\n",
            "t.csv: needs a table in text, got bytes that are neither UTF-8 nor cp1252",
        ),
        ("t.parquet", b"PAR1 and no more", "t.parquet: needs a complete Parquet file, got one that cannot be read ("),
        ("t.jsonl", '{"a": 1}\n{"a"\n', "t.jsonl: needs one JSON object in each line, got one that cannot be read ("),
        ("t.xlsx", b"PK\x03\x04 no workbook", "t.xlsx: needs a complete Excel file, got one that cannot be read ("),
        (
            "t.csv.gz",
            gzip.compress(b"a,price\n", mtime=0)[:15],
            "t.csv.gz: needs a complete gzip file, got one that cannot be read (",
        ),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_words(put, name, content, words):
    assert refusal(put(name, content)).startswith(words)


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_half_written_parquet_is_refused(put, share):
    pl.DataFrame({"a": range(1000), "price": np.arange(1000) / 7}).write_parquet("whole.parquet")
    raw = Path("whole.parquet").read_bytes()
    words = refusal(put("half.parquet", raw[: int(share * len(raw))]))
    assert words.startswith("half.parquet: needs a complete Parquet file, got one that cannot be read (")
    assert words.endswith("\nfrom the file itself; write the file again: it may have been cut short.")


def test_a_parquet_damaged_inside_is_refused(put):
    pl.DataFrame({"a": range(1000), "price": np.arange(1000) / 7}).write_parquet("whole.parquet")
    raw = bytearray(Path("whole.parquet").read_bytes())
    raw[4:400] = b"\xff" * 396
    assert "needs a complete Parquet file, got one that cannot be read (" in refusal(put("bad.parquet", bytes(raw)))


def test_a_directory_and_a_file_without_rights_are_refused(put, tmp_path, monkeypatch):
    assert refusal(tmp_path).startswith(
        f"{tmp_path}: needs a folder for each of at least two classes, got an empty folder\nfrom the folder; make a"
    )
    name = put("t.csv", "a,price\n1,2\n")

    def closed(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", closed)  # a test that runs as root is refused nothing
    assert refusal(name) == (
        "t.csv: needs the right to read it, got no permission\nfrom the file system; ask its owner, or copy it."
    )


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", ()),
        ("utf-8-sig", ()),
        ("utf-16", ("The text is UTF-16.",)),
        ("latin-1", ("The text is not UTF-8 and is read as Windows-1252 (Western European).",)),
    ],
)
def test_encodings_are_found_and_said(put, encoding, said):
    data = read(put("t.csv", "größe,stück,price\n1.5,ä,2.5\n2.5,b,3.5\n3,b,1\n4,ä,2\n".encode(encoding)), "price")
    assert [column.name for column in data.columns] == ["größe", "stück"]
    assert data.columns[1].levels == ("b", "ä")
    assert data.said == said


@pytest.mark.parametrize("text", ["größe;price\n1,5;2\n2,25;3,5\n3;-4,75\n", "größe;price\n1.5;2\n2.25;3.5\n3;-4.75\n"])
def test_semicolons_and_decimal_commas(put, text):
    data = read(put("t.csv", text), "price")
    assert data.numbers[:, 0].tolist() == [1.5, 2.25, 3]
    assert data.y.tolist() == [2, 3.5, -4.75]
    assert data.said == ("The values are separated by ';'.",)


def test_quotes_and_blanks_around_values(put):
    data = read(put("t.csv", 'a ,"b, c",price\n"x, y", 1.5 ,2\n"x, y",2.5,3\n z,3.5,4.5\nz,,1.5\n'), "price")
    assert [(column.name, column.levels) for column in data.columns] == [("a", ("x, y", "z")), ("b, c", ())]
    assert data.codes[:, 0].tolist() == [0, 0, 1, 1]
    assert data.numbers[:3, 0].tolist() == [1.5, 2.5, 3.5]


def test_the_line_ends_of_windows_and_of_old_macs(put):
    for end in ("\r\n", "\r"):
        assert read(put("t.csv", end.join(["a,price", "1.5,2", "3,4.5", ""])), "price").y.tolist() == [2, 4.5]


def test_empty_lines_are_skipped_and_said(put):
    data = read(put("t.csv", "a,price\n\n1.5,2\n\n2.5,3.5\n\n"), "price")
    assert data.n == 2
    assert data.said == ("Empty lines are skipped: 3.",)


def test_a_column_without_a_name_gets_one(put):
    assert open_table(put("t.csv", ",a\n0,x\n1,y\n")).names == ["column_1", "a"]


@pytest.mark.parametrize("late", [1, 10])  # one is read again as text, many make it all text
def test_columns_that_turn_to_words_late_are_read_all_the_same(put, late):
    header = [*(f"c{i}" for i in range(10)), "price"]
    lines = [",".join([*[str(i / 8)] * 10, str(i % 5 + 0.5)]) for i in range(delimited.LOOK + 10)]
    last = ",".join([*["NA"] * late, *["2.5"] * (10 - late), "1.5"])
    data = read(put("t.csv", "\n".join([",".join(header), *lines, last, ""])), "price")
    assert data.numbers[9].tolist() == [1.125] * 10
    assert np.isnan(data.numbers[-1]).tolist() == [True] * late + [False] * (10 - late)
    assert data.said[0].startswith("Spellings of a missing value are read as missing: c0 ('NA': 1)")
