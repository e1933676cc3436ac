"""From bytes to text: which encoding a file has, and what to do when it has several."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from platform_core.sdk.errors import EmptyData, FileMissing, FileUnreadable

MAX_FIELD = 1 << 20
"""The longest value that is read, in characters; longer ones are damage, not data."""

_SNIFFED = 1 << 16
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SIGNATURES = (
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"PAR1", "a Parquet file"),
    (b"\x1f\x8b", "gzip-compressed"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"SQLite format 3", "an SQLite database"),
)
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\v\x1b")) + b"\x7f"
_UNDECODED = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True)
class Decoded:
    """The text of a file.

    Attributes:
        text: the characters. Where the file mixes encodings, bytes that are not UTF-8 stand as lone surrogates, so
            that the rows that hold them can be found with :meth:`is_damaged`.
        encoding: the Python name of the encoding.
        mixed: some bytes are not of that encoding.
        note: what people should know about the choice, or nothing.
    """

    text: str
    encoding: str
    mixed: bool = False
    note: str | None = None

    def is_damaged(self, value: str) -> bool:
        """Tell whether ``value``, a piece of the text, holds bytes of another encoding."""
        return self.mixed and _UNDECODED.search(value) is not None

    @staticmethod
    def clean(value: str) -> str:
        """Return ``value`` fit for showing: bytes that could not be decoded become ``�``."""
        return _UNDECODED.sub("\ufffd", value)


def read_bytes(path: Path, shown: str) -> bytes:
    """Return the content of the file, which messages call ``shown``.

    Raises:
        FileMissing: there is no such file.
        FileUnreadable: the system refuses to read it.
        EmptyData: it has no bytes.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise FileMissing("the file does not exist", where=shown) from None
    except OSError as error:
        raise FileUnreadable(f"the file cannot be read ({error.strerror})", where=shown) from error
    if not data:
        raise EmptyData("the file is empty", where=shown)
    return data


def binary_kind(head: bytes) -> str | None:
    """Say what a file that starts with ``head`` is if it is no text, else return ``None``."""
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if any(head.startswith(bom) for bom, _ in _BOMS):
        return None
    controls = len(head) - len(head.translate(None, _CONTROL))
    return "a binary file" if b"\0" in head or controls > 0.01 * len(head) else None


def decode_file(path: Path, shown: str) -> Decoded:
    """Read a text file: by its byte order mark, else as UTF-8, else as Windows-1252 (a superset of Latin-1).

    A file whose lines are partly UTF-8 and partly not is decoded as UTF-8 and marked ``mixed``.

    Raises:
        FileMissing: there is no such file.
        FileUnreadable: it is no text.
        EmptyData: it has no bytes.
    """
    data = read_bytes(path, shown)
    kind = binary_kind(data[:_SNIFFED])
    if kind:
        raise FileUnreadable(
            f"the file is no text but {kind}", where=shown, hint="export the data as CSV in UTF-8, JSONL or Parquet"
        )
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _decode_with_mark(data, encoding, shown)
    try:
        return Decoded(data.decode(), "utf-8")
    except UnicodeDecodeError:
        return _decode_without_promise(data, shown)


def _decode_with_mark(data: bytes, encoding: str, shown: str) -> Decoded:
    if encoding == "utf-8-sig":
        text = data.decode(encoding, "surrogateescape")
        return Decoded(text, encoding, mixed=_UNDECODED.search(text) is not None)
    try:
        return Decoded(data.decode(encoding), encoding)
    except UnicodeDecodeError as error:
        raise FileUnreadable(
            f"the file says that it is {encoding.upper()}, but is damaged at byte {error.start}",
            where=shown,
            hint="export it again, as UTF-8",
        ) from None


def _decode_without_promise(data: bytes, shown: str) -> Decoded:
    if any(_is_utf8(line) for line in data.splitlines() if not line.isascii()):
        return Decoded(data.decode("utf-8", "surrogateescape"), "utf-8", mixed=True)
    try:
        text, encoding = data.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        text, encoding = data.decode("latin-1"), "latin-1"
    name = {"cp1252": "Windows-1252", "latin-1": "Latin-1"}[encoding]
    return Decoded(text, encoding, note=f"{shown} is not UTF-8; it was read as {name}")


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
