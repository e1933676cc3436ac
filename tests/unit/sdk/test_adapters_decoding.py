from pathlib import Path

import pytest

from platform_core.sdk import EmptyData, FileMissing, FileUnreadable
from platform_core.sdk.adapters import decode_file

TEXT = "größer, naïve, 5 €\n" * 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_reads_common_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT.encode(encoding))
    decoded = decode_file(path, "a.csv")
    assert decoded.text == TEXT
    assert not decoded.mixed


def test_says_when_it_had_to_choose_an_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT.encode("cp1252"))
    assert decode_file(path, "a.csv").note == "a.csv is not UTF-8; it was read as Windows-1252"


def test_bytes_that_windows_1252_lacks_are_latin_1(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("é \x81".encode("latin-1"))
    assert decode_file(path, "a.csv").encoding == "latin-1"


def test_marks_what_is_of_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("größer\n".encode() + "kleiner als groß\n".encode("latin-1"))
    decoded = decode_file(path, "a.csv")
    good, bad, _ = decoded.text.split("\n")
    assert not decoded.is_damaged(good)
    assert decoded.is_damaged(bad)
    assert decoded.clean(bad) == "kleiner als gro\ufffd"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"PK\x03\x04" + b"x" * 50, "Office"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"\x1f\x8b\x08", "gzip"),
        (bytes(range(256)) * 4, "binary"),
        (bytes(range(1, 32)) * 4, "binary"),
        ("no mark\n".encode("utf-16-le"), "binary"),
    ],
)
def test_refuses_what_is_no_text(tmp_path: Path, content: bytes, kind: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(FileUnreadable, match=kind) as caught:
        decode_file(path, "a.csv")
    assert caught.value.where == "a.csv"


def test_refuses_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileMissing):
        decode_file(tmp_path / "none.csv", "none.csv")
    (tmp_path / "empty.csv").touch()
    with pytest.raises(EmptyData):
        decode_file(tmp_path / "empty.csv", "empty.csv")
