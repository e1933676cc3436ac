from pathlib import Path

import pytest
from verticore_finance.sentiment.adapter import PhraseBankAdapter

from platform_core.platform import Platform
from platform_core.sdk import BadRecord, ColumnMapping, DataError, FileUnreadable, Record, Source

ADAPTER = PhraseBankAdapter()
LINES = (
    "Profit rose , said the firm .@positive\n"
    "Write to info@example.com for the report .@neutral\n"
    "Sales in Sm\u00e5land fell .@negative\n"
)


def source_of(folder: Path, **files: bytes) -> Source:
    paths = []
    for name, content in files.items():
        path = folder / f"{name}.txt"
        path.write_bytes(content)
        paths.append(path)
    return Source(folder, tuple(sorted(paths)))


def read(source: Source) -> list[Record | BadRecord]:
    mapping = ADAPTER.propose(ADAPTER.raw(source), solution=None)  # type: ignore[arg-type]
    return list(ADAPTER.read(source, mapping))


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8", "utf-8-sig"])
def test_reads_the_original_lines_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    records = read(source_of(tmp_path, Sentences_50Agree=LINES.encode(encoding)))
    assert [r.values["label"] for r in records] == ["positive", "neutral", "negative"]
    assert records[1].values["text"] == "Write to info@example.com for the report ."
    assert records[2].values["text"] == "Sales in Sm\u00e5land fell ."
    assert str(records[2].place) == "Sentences_50Agree.txt, data row 3"


def test_recognises_by_content_and_ignores_other_texts(tmp_path: Path) -> None:
    source = source_of(tmp_path, README=b"Dear user,\nthank you.\n", Sentences_AllAgree=LINES.encode("latin-1"))
    assert [file.name for file in ADAPTER.probe(source).files] == ["Sentences_AllAgree.txt"]


def test_lines_to_predict_need_no_label(tmp_path: Path) -> None:
    source = source_of(tmp_path, data=(LINES * 3 + "Write to info@example.com\n").encode())
    assert list(ADAPTER.read(source, ColumnMapping({"text": "sentence"})))[-1].values == {
        "text": "Write to info@example.com"
    }


@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_reads_lines_of_any_end(tmp_path: Path, end: str) -> None:
    records = read(source_of(tmp_path, data=LINES.replace("\n", end).encode()))
    assert [r.values["label"] for r in records] == ["positive", "neutral", "negative"]


BAD = {
    "unknown label": (b"Nobody knows .@unsure", "the row has no label", "column 'label'"),
    "no label": (b"Nobody knows .", "the row has no label", "column 'label'"),
    "no text": (b"  @positive", "the text is empty", "column 'sentence'"),
    "mixed encodings": ("Umsatz in M\u00fcnchen .@neutral".encode("latin-1"), "mixes encodings", ""),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_line_is_named_nothing_is_imported_and_it_can_be_skipped(tmp_path: Path, case: str) -> None:
    line, message, column = BAD[case]
    file = tmp_path / "bank.txt"
    file.write_bytes(LINES.encode() * 3 + line)
    with Platform.open(tmp_path / "home") as platform:
        with pytest.raises(DataError, match=message) as caught:
            platform.datasets.import_("finance.sentiment", file)
        assert str(caught.value.where).startswith("bank.txt, data row 10")
        assert column in str(caught.value.where)
        assert "--skip-bad" in str(caught.value.hint)
        assert ("@ and one of negative" in str(caught.value.hint)) is ("label" in column)
        assert platform.datasets.list() == []
        read = platform.datasets.read("finance.sentiment", file, labelled=True, skip_bad=True)
    assert (read.bad_rows, len(read.examples)) == (1, 9)
    assert any("1 bad row was skipped: bank.txt, data row 10" in warning for warning in read.warnings)


def test_another_layout_is_refused_with_the_formats_that_are_known(tmp_path: Path) -> None:
    file = tmp_path / "bank.txt"
    file.write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    with Platform.open(tmp_path / "home") as platform:
        with pytest.raises(DataError, match=r"no adapter of finance\.sentiment reads this") as caught:
            platform.datasets.import_("finance.sentiment", file)
        with pytest.raises(FileUnreadable, match="0 of 1 files hold lines such as 'sentence@positive'"):
            platform.datasets.import_("finance.sentiment", file, adapter="phrasebank")
    assert "sentence@label per line" in str(caught.value.hint)


def test_names_the_row_of_another_encoding(tmp_path: Path) -> None:
    content = LINES.encode() + "Umsatz in M\u00fcnchen .@neutral\n".encode("latin-1")
    bad = [r for r in read(source_of(tmp_path, data=content)) if isinstance(r, BadRecord)]
    assert [str(r.place) for r in bad] == ["data.txt, data row 4"]
    assert "mixes encodings" in bad[0].message


def test_refuses_binary_content_behind_a_good_beginning(tmp_path: Path) -> None:
    source = source_of(tmp_path, data=LINES.encode() * 30 + b"\0\1\2" * 10)
    with pytest.raises(FileUnreadable, match="no text"):
        read(source)
