"""Notes in plain text, with a labels file or a folder per label."""

from pathlib import Path

import pytest
from verticore_medical.adapters.notes import NotesAdapter

from platform_core.sdk import BadRecord, ColumnMapping, ColumnMissing, DataError, Record, Source

ADAPTER = NotesAdapter()


def source_of(root: Path, files: dict[str, str | bytes]) -> Source:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Source(root, tuple(sorted(path for path in root.rglob("*") if path.is_file())))


def read(source: Source) -> list[Record | BadRecord]:
    table = ADAPTER.raw(source)
    rows = list(ADAPTER.read(source, ColumnMapping({name: name for name in table.columns})))
    assert len(rows) == table.rows
    return rows


def problems(source: Source) -> list[str]:
    return [f"{row.place}: {row.message}" for row in read(source) if isinstance(row, BadRecord)]


def test_reads_notes_in_the_order_of_the_labels_file(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "labels.csv": "file,label,patient\nb.txt,cardiology,P1\nsub/a,neurology,P2\n",
        "b.txt": "Angina.".encode("utf-16"),
        "sub/a.txt": "Migräne.".encode("latin-1"),
    }
    rows = read(source_of(tmp_path, files))
    assert [row.values for row in rows if isinstance(row, Record)] == [
        {"file": "b.txt", "label": "cardiology", "patient": "P1", "text": "Angina."},
        {"file": "sub/a.txt", "label": "neurology", "patient": "P2", "text": "Migräne."},
    ]


def test_without_a_labels_file_folders_are_labels(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"cardiology/1.txt": "Angina.", "neurology/1.txt": "Migraine."}
    rows = read(source_of(tmp_path, files))
    assert [row.values["label"] for row in rows if isinstance(row, Record)] == ["cardiology", "neurology"]


def test_says_what_is_wrong_and_where(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "labels.csv": "file,label\nok.txt,x\ntwice,x\ntwice.txt,y\ngone.txt,x\nempty.txt,x\nmixed.txt,x\n"
        "binary.txt,x\n,x\n",
        "ok.txt": "Fine.", "twice.txt": "Two.", "empty.txt": " \n", "mixed.txt": b"caf\xe9\nna\xc3\xafve\n",
        "binary.txt": b"\0\1\2\3" * 50, "extra.txt": "Nobody named me.",
    }  # fmt: skip
    source = source_of(tmp_path, files)
    assert problems(source) == [
        "labels.csv, data row 2: 'twice' is named 2 times in labels.csv",
        "labels.csv, data row 3: 'twice.txt' is named 2 times in labels.csv",
        "labels.csv, data row 4: there is no note 'gone.txt'",
        "labels.csv, data row 5: the note 'empty.txt' is empty",
        "labels.csv, data row 6: the note 'mixed.txt' mixes encodings",
        "labels.csv, data row 7: the note 'binary.txt' cannot be read: the file is no text but a binary file",
        "labels.csv, data row 8: the row names no file",
    ]
    assert [(row.values["file"], row.values["label"]) for row in read(source) if isinstance(row, Record)] == [
        ("ok.txt", "x"),
        ("extra.txt", None),
    ]


def test_a_labels_file_without_names_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ColumnMissing, match="file"):
        read(source_of(tmp_path, {"labels.csv": "tag,label\na,b\n", "a.txt": "A."}))


def test_a_table_with_texts_is_no_labels_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="texts of its own"):
        read(source_of(tmp_path, {"labels.csv": "id,text,label\na,b,c\n", "a.txt": "A."}))


def test_leaves_other_folders_alone(tmp_path: Path) -> None:
    assert ADAPTER.probe(source_of(tmp_path, {"readme.txt": "Hello.", "data.csv": "a,b\n1,2\n"})).files == ()


def test_notes_to_predict_need_no_label(tmp_path: Path) -> None:
    source = source_of(tmp_path, {"a.txt": "Angina.", "b.txt": "Migraine.", "predictions.csv": "file,label\na,b\n"})
    assert [file.name for file in ADAPTER.probe(source).files] == ["a.txt", "b.txt"]
    assert problems(source) == []
    texts = ADAPTER.read(source, ColumnMapping({"text": "text", "patient": "patient"}))
    assert [row.values for row in texts if isinstance(row, Record)] == [
        {"text": "Angina.", "patient": None},
        {"text": "Migraine.", "patient": None},
    ]
    one = Source(tmp_path / "a.txt", (tmp_path / "a.txt",))
    assert ADAPTER.raw(one).columns["text"] == ["Angina."]


def test_a_note_that_the_labels_file_leaves_out_can_be_predicted(tmp_path: Path) -> None:
    source = source_of(tmp_path, {"labels.csv": "file,label\na,x\n", "a.txt": "Angina.", "b.txt": "Migraine."})
    rows = list(ADAPTER.read(source, ColumnMapping({"text": "text"})))
    assert [row.values for row in rows if isinstance(row, Record)] == [{"text": "Angina."}, {"text": "Migraine."}]
