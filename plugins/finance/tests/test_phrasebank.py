from pathlib import Path

import pytest
from verticore_finance.sentiment.adapter import PhraseBankAdapter

from platform_core.sdk import BadRecord, FileUnreadable, Record, Source

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


def test_a_line_without_a_label_is_kept_without_one(tmp_path: Path) -> None:
    records = read(source_of(tmp_path, data=(LINES * 3 + "Nobody knows .@unsure\n").encode()))
    assert records[-1].values == {"text": "Nobody knows .@unsure", "label": None}


def test_names_the_row_of_another_encoding(tmp_path: Path) -> None:
    content = LINES.encode() + "Umsatz in M\u00fcnchen .@neutral\n".encode("latin-1")
    bad = [r for r in read(source_of(tmp_path, data=content)) if isinstance(r, BadRecord)]
    assert [str(r.place) for r in bad] == ["data.txt, data row 4"]
    assert "mixes encodings" in bad[0].message


def test_refuses_binary_content_behind_a_good_beginning(tmp_path: Path) -> None:
    source = source_of(tmp_path, data=LINES.encode() * 30 + b"\0\1\2" * 10)
    with pytest.raises(FileUnreadable, match="no text"):
        read(source)
