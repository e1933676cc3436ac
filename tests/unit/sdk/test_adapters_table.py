import json
import subprocess
import sys
from pathlib import Path

import polars
import pytest

from platform_core.sdk import BadRecord, ColumnMapping, ColumnMissing, DataError, Record, Source
from platform_core.sdk.adapters import MAX_FIELD, TableAdapter

ADAPTER = TableAdapter()
MAPPING = ColumnMapping({"text": "text", "label": "label"})


def write(folder: Path, name: str, content: str | bytes) -> Source:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Source(path, (path,))


def read(source: Source, mapping: ColumnMapping = MAPPING) -> list[Record | BadRecord]:
    return list(ADAPTER.read(source, mapping))


def values(source: Source) -> list[tuple[object, object]]:
    records = read(source)
    assert all(isinstance(record, Record) for record in records), records
    return [(r.values["text"], r.values["label"]) for r in records if isinstance(r, Record)]


def only_problem(source: Source) -> BadRecord:
    bad = [record for record in read(source) if isinstance(record, BadRecord)]
    assert len(bad) == 1, bad
    return bad[0]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_reads_delimited_text(tmp_path: Path, delimiter: str, line_end: str) -> None:
    lines = [f"text{delimiter}label", f'"a{delimiter} ""b"""{delimiter}x', "", f"c{delimiter}y"]
    source = write(tmp_path, "a.csv", line_end.join(lines))
    assert values(source) == [(f'a{delimiter} "b"', "x"), ("c", "y")]


def test_a_quoted_value_may_span_lines(tmp_path: Path) -> None:
    source = write(tmp_path, "a.csv", 'text,label\n"two\nlines",x\nnext,y\n')
    records = read(source)
    assert [(str(r.place), r.values["text"]) for r in records] == [
        ("a.csv, data row 1", "two\nlines"),
        ("a.csv, data row 2", "next"),
    ]


def test_tab_separated_text_may_hold_stray_quotes(tmp_path: Path) -> None:
    source = write(tmp_path, "a.tsv", 'text\tlabel\n"opened only\tx\nfine\ty\n6" pipe\tx\n')
    assert values(source) == [('"opened only', "x"), ("fine", "y"), ('6" pipe', "x")]


def test_reads_json_lines_with_different_keys(tmp_path: Path) -> None:
    lines = [{"text": "a", "label": 1}, {"label": 2, "text": "b", "more": [1]}, {"text": "c"}]
    source = write(tmp_path, "a.jsonl", "\n".join(map(json.dumps, lines)))
    assert values(source) == [("a", 1), ("b", 2), ("c", None)]


def test_reads_parquet(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    polars.DataFrame({"text": ["a", "b"], "label": [1.0, None]}).write_parquet(path)
    assert values(Source(path, (path,))) == [("a", 1.0), ("b", None)]


def test_a_folder_may_mix_formats(tmp_path: Path) -> None:
    write(tmp_path, "b.csv", "text,label\nfrom csv,x\n")
    write(tmp_path, "a.jsonl", '{"text": "from json", "label": "y", "extra": 1}\n')
    write(tmp_path, "notes.md", "# Notes")
    source = Source(tmp_path, tuple(sorted(tmp_path.iterdir())))
    assert [file.name for file in ADAPTER.probe(source).files] == ["a.jsonl", "b.csv"]
    assert values(source) == [("from json", "y"), ("from csv", "x")]
    raw = ADAPTER.raw(source)
    assert raw.rows == 2
    assert raw.columns["extra"] == [1, None]
    assert ADAPTER.raw(source, limit=1).columns["text"] == ["from json"]


def test_raw_rows_stand_beside_what_is_read_even_where_rows_are_bad(tmp_path: Path) -> None:
    source = write(tmp_path, "a.csv", "text,label,note\na,x,1\nb,y\nc,z,3\n")
    records, raw = read(source), ADAPTER.raw(source)
    assert [isinstance(record, BadRecord) for record in records] == [False, True, False]
    assert raw.columns["note"] == ["1", None, "3"]


def test_names_the_ragged_row(tmp_path: Path) -> None:
    bad = only_problem(write(tmp_path, "a.csv", "text,label\na,x\nb,y,z\n"))
    assert str(bad.place) == "a.csv, data row 2"
    assert "3 fields, the header has 2" in bad.message


def test_names_the_row_of_another_encoding(tmp_path: Path) -> None:
    content = "text,label\nMünchen,x\n".encode() + "Köln,y\n".encode("latin-1") + b"Ulm,z\n"
    bad = only_problem(write(tmp_path, "a.csv", content))
    assert (str(bad.place), bad.column) == ("a.csv, data row 2", "text")
    assert "mixes encodings" in bad.message


def test_names_the_row_that_opens_a_quote(tmp_path: Path) -> None:
    bad = only_problem(write(tmp_path, "a.csv", 'text,label\na,x\n"b,y\nc,z\n'))
    assert str(bad.place) == "a.csv, data row 2"
    assert "never closed" in bad.message


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_refuses_a_line_of_ten_megabytes(tmp_path: Path, name: str) -> None:
    head, row = ("text,label\n", "{},x\n") if name == "a.csv" else ("", '{{"text": "{}"}}\n')
    bad = only_problem(write(tmp_path, name, head + row.format("x" * 10_000_000)))
    assert f"more than {MAX_FIELD:,} characters" in bad.message


@pytest.mark.parametrize("content", ["x" * 10_000_000, "x " * 500_000, "a," * 50_000])
def test_refuses_a_first_line_that_names_no_columns(tmp_path: Path, content: str) -> None:
    with pytest.raises(DataError) as caught:
        read(write(tmp_path, "a.csv", content))
    assert caught.value.where == "a.csv, line 1"
    assert len(str(caught.value)) < 500


def test_refuses_columns_of_the_same_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'text' appears 2 times"):
        read(write(tmp_path, "a.csv", "text,label,text\na,x,b\n"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "a"', "the line is cut off: its JSON breaks off at line 2, column 13"),
        ("[1, 2]", "a list, not an object"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_names_the_malformed_line(tmp_path: Path, line: str, message: str) -> None:
    bad = only_problem(write(tmp_path, "a.jsonl", f'{{"text": "a", "label": "b"}}\n{line}\n'))
    assert str(bad.place) == "a.jsonl, data row 2"
    assert message in bad.message


def test_a_panic_of_the_parquet_reader_is_a_damaged_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.parquet"
    polars.DataFrame({"text": ["a"]}).write_parquet(path)

    def panic(_: bytes) -> None:
        raise polars.exceptions.PanicException("called `Result::unwrap()` on an `Err` value")

    monkeypatch.setattr(polars, "read_parquet", panic)
    with pytest.raises(DataError, match="damaged"):
        read(Source(path, (path,)))


def test_refuses_parquet_that_is_cut_off_or_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    polars.DataFrame({"text": ["a"] * 1000, "label": ["b"] * 1000}).write_parquet(path)
    whole = path.read_bytes()
    source = Source(path, (path,))
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="cut off") as caught:
        read(source)
    assert caught.value.where == "a.parquet"
    path.write_bytes(whole[:100] + b"\xff" * (len(whole) - 104) + whole[-4:])
    with pytest.raises(DataError, match="damaged"):
        read(source)
    path.write_bytes(b"text,label\n")
    with pytest.raises(DataError, match="no Parquet"):
        read(source)


def test_lists_the_columns_when_one_is_missing(tmp_path: Path) -> None:
    source = write(tmp_path, "a.csv", "headline,labels\na,x\n")
    with pytest.raises(ColumnMissing, match="no column 'label' for 'label'") as caught:
        read(source, ColumnMapping({"label": "label"}))
    assert caught.value.where == "a.csv"
    assert "did you mean 'labels'" in str(caught.value)
    assert "headline, labels" in str(caught.value)


def test_importing_the_adapters_does_not_import_polars() -> None:
    code = "import sys, platform_core.sdk.adapters; sys.exit('polars' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_columns_of_an_open_field_come_as_one_value(tmp_path: Path) -> None:
    source = write(tmp_path, "a.csv", "age,car,label\n7,Fiat,x\n")
    (record,) = read(source, ColumnMapping({"label": "label"}, "columns", {"Age": "age", "car": "car"}))
    assert isinstance(record, Record)
    assert record.values == {"label": "x", "columns": {"Age": "7", "car": "Fiat"}}
    with pytest.raises(ColumnMissing, match=r"no column 'brand' for 'columns\.make'"):
        read(source, ColumnMapping({}, "columns", {"make": "brand"}))
