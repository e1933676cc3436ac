"""Bad data: each refusal names the place and the remedy, belongs to exit code 2, and leaves nothing behind."""

from collections.abc import Callable
from pathlib import Path

import polars
import pytest

from platform_core.datasets.pseudonyms import Pseudonyms
from platform_core.datasets.service import Datasets
from platform_core.db.engine import Database
from platform_core.plugin_host.host import PluginHost
from platform_core.sdk import BadInput, NotFound
from platform_core.storage import Storage

SOLUTION = "finance.sentiment"
GOOD = [("sales rose in the north", "positive"), ("sales fell in the south", "negative")]
LONG = 10_000_000


@pytest.fixture
def datasets(database: Database, storage: Storage, pseudonyms: Pseudonyms) -> Datasets:
    return Datasets(database, storage, PluginHost(database, "local"), pseudonyms, "local")


def table(*rows: tuple[str, str], header: str = "text,label") -> bytes:
    return "\n".join([header, *(f"{text},{label}" for text, label in rows), ""]).encode()


def cut_parquet(path: Path) -> None:
    polars.DataFrame(GOOD * 100, schema=["text", "label"], orient="row").write_parquet(path)
    path.write_bytes(path.read_bytes()[:-200])


def content(data: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(data)

    return write


BAD: dict[str, tuple[str, Callable[[Path], None], str, tuple[str, ...]]] = {
    "missing file": (
        "nwes.csv",
        lambda path: path.with_name("news.csv").touch(),
        "file-missing",
        ("nwes.csv", "news.csv"),
    ),
    "empty file": ("a.csv", content(b""), "empty", ("a.csv",)),
    "blank file": ("a.csv", content(b"\n \n"), "empty", ("a.csv",)),
    "empty text": ("a.txt", content(b""), "empty", ("a.txt",)),
    "header only": ("a.csv", content(b"text,label\n"), "empty", ("a.csv", "header")),
    "empty folder": ("folder", Path.mkdir, "empty", ("folder",)),
    "one class only": ("a.csv", content(table(GOOD[0], GOOD[0])), "invalid", ("a.csv", "'label'", "'positive'")),
    "no class": ("a.csv", content(table(*((f"text {i}", str(i)) for i in range(30)))), "invalid", ("30 different",)),
    "no label column": (
        "a.csv",
        content(b"id,text\n1,sales rose in the north\n2,sales fell in the south\n"),
        "column-missing",
        ("a.csv", "columns found: id, text", "--map label=COLUMN"),
    ),
    "mixed encodings": (
        "a.csv",
        content(table(*GOOD, ("größer", "neutral")) + "kürzer,neutral\n".encode("latin-1")),
        "invalid",
        ("a.csv, data row 4", "'text'", "mixes encodings"),
    ),
    "a row with no text": (
        "a.csv",
        content(table(*GOOD, ("  ", "neutral"))),
        "invalid",
        ("a.csv, data row 3", "'text'"),
    ),
    "an unlabelled row": ("a.csv", content(table(*GOOD, ("text", ""))), "invalid", ("a.csv, data row 3", "'label'")),
    "an unlabelled line": (
        "a.txt",
        content("".join(f"{text}@{label}\n" for text, label in GOOD * 5).encode() + b"undecided@\n"),
        "invalid",
        ("a.txt, data row 11", "no label"),
    ),
    "binary file": ("a.csv", content(bytes(range(256)) * 100), "file-unreadable", ("a.csv", "binary")),
    "picture as text": ("a.txt", content(b"\x89PNG\r\n\x1a\n" + b"\0" * 99), "file-unreadable", ("a.txt", "PNG")),
    "spreadsheet": ("a.xlsx", content(b"PK\x03\x04" + b"\0" * 99), "file-unreadable", ("a.xlsx", "Office", "CSV")),
    "truncated parquet": ("a.parquet", cut_parquet, "file-unreadable", ("a.parquet", "cut off")),
    "ten megabytes in one line": ("a.csv", content(b"x" * LONG), "invalid", ("a.csv, line 1",)),
    "ten megabytes in one value": (
        "a.csv",
        content(table(*GOOD, ("x" * LONG, "neutral"))),
        "invalid",
        ("a.csv, data row 3",),
    ),
    "ten megabytes of JSON": (
        "a.jsonl",
        content(b'{"text": "' + b"x" * LONG + b'"}'),
        "invalid",
        ("a.jsonl, data row 1",),
    ),
    "ten megabytes of text": ("a.txt", content(b"x" * LONG + b"@positive"), "file-unreadable", ("a.txt, line 1",)),
    "malformed JSON": (
        "a.jsonl",
        content(b'{"text": "a b c", "label": "x"}\n{"text": \n'),
        "invalid",
        ("a.jsonl, data row 2", "line 2, column 9"),
    ),
    "columns of one name": ("a.csv", content(b"text,text,label\na,b,c\n"), "invalid", ("a.csv, line 1", "'text'")),
    "ragged row": ("a.csv", content(table(*GOOD) + b"one,two,three\n"), "invalid", ("a.csv, data row 3", "3 fields")),
    "unclosed quote": ("a.csv", content(table(*GOOD) + b'"one,positive\n'), "invalid", ("a.csv, data row 3", "quote")),
    "unknown format": ("a.docm", content(b"hello"), "invalid", ("a.docm", "phrasebank", "table")),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_data_is_refused_whole(datasets: Datasets, home: Path, tmp_path: Path, case: str) -> None:
    name, make, code, words = BAD[case]
    path = tmp_path / name
    make(path)
    with pytest.raises(BadInput) as caught:
        datasets.import_(SOLUTION, path)
    error = caught.value
    assert error.code == f"data.{code}"
    assert error.exit_code == 2
    assert all(word in str(error) for word in words), str(error)
    assert len(str(error)) < 600
    assert datasets.list() == []
    assert [p for p in (home / "storage").rglob("*") if p.is_file()] == []


@pytest.mark.parametrize(
    ("mapping", "words"),
    [({"label": "mood"}, ("'mood'", "text, label")), ({"lable": "label"}, ("'lable'", "did you mean 'label'"))],
)
def test_a_wrong_mapping_is_refused(
    datasets: Datasets, tmp_path: Path, mapping: dict[str, str], words: tuple[str, ...]
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(table(*GOOD))
    with pytest.raises(BadInput) as caught:
        datasets.import_(SOLUTION, path, mapping=mapping)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_an_unknown_solution_is_refused_with_the_nearest_name(datasets: Datasets, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="sentimant") as caught:
        datasets.import_("finance.sentimant", tmp_path)
    assert "finance.sentiment" in str(caught.value)


def test_bad_rows_may_be_skipped(datasets: Datasets, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(table(*GOOD, *GOOD, ("  ", "neutral"), ("text", ""), ("x" * LONG, "neutral")) + b"1,2,3\n")
    info = datasets.import_(SOLUTION, path, skip_bad=True)
    assert (info.rows, info.provenance["bad_rows"]) == (4, 4)
    assert "4 bad rows were skipped" in info.warnings[0]
    assert "a.csv, data row 5, column 'text': the text is empty" in info.warnings[0]
