"""The original files of the Financial PhraseBank: ``sentence@label`` per line, Latin-1."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from platform_core.sdk import ColumnMapping, EmptyData, RawTable, Solution, Source
from platform_core.sdk.adapters import MAX_FIELD, Decoded, FormatAdapter, RawRow, TableFile, decode_file
from verticore_finance.sentiment.schema import LABELS

_COLUMNS = ("sentence", "label")
_PROBED_BYTES = 1 << 16
_PROBED_LINES = 50
_ENOUGH = 0.8


class PhraseBankAdapter(FormatAdapter):
    """Reads ``Sentences_50Agree.txt`` and its siblings. The label follows the last ``@`` of the line."""

    name = "phrasebank"
    description = "Text, a sentence@label per line: Profit rose to EUR 13.1 mn .@positive"
    known_by = "hold lines such as 'sentence@positive'"
    label_hint = f"lines end in @ and one of {', '.join(LABELS)}"

    def files(self, source: Source) -> list[Path]:
        """Return the ``.txt`` files most of whose first lines end in ``@`` and one of the three labels."""
        return [file for file in source.files if file.suffix.lower() == ".txt" and _is_phrasebank(file)]

    def tables(self, source: Source) -> Iterator[TableFile]:
        """Open the files; every line that is not blank is a row, one without a known label has none."""
        for file in self.files(source):
            shown = source.name_of(file)
            decoded = decode_file(file, shown)
            if not decoded.text.strip():
                raise EmptyData("the file is empty", where=shown)
            yield TableFile(shown, _COLUMNS, _rows(decoded))

    def propose(self, table: RawTable, solution: Solution) -> ColumnMapping:  # noqa: ARG002 - the format decides
        """The sentence is the text."""
        return ColumnMapping({"text": "sentence", "label": "label"})


def _is_phrasebank(file: Path) -> bool:
    with file.open("rb") as stream:
        head = stream.read(_PROBED_BYTES)
    lines = [line for line in head.split(b"\n") if line.strip()]
    if len(lines) > 1 and len(head) == _PROBED_BYTES:
        lines.pop()  # it may be cut off
    lines = lines[:_PROBED_LINES]
    known = sum(_split(line.decode("latin-1"))[1] is not None for line in lines)
    return bool(lines) and known >= _ENOUGH * len(lines)


def _split(line: str) -> tuple[str, str | None]:
    sentence, at, label = line.rpartition("@")
    if at and label.strip().lower() in LABELS:
        return sentence.strip(), label.strip().lower()
    return line.strip(), None


def _rows(decoded: Decoded) -> Iterator[RawRow]:
    lines = (line for line in io.StringIO(decoded.text, newline=None) if line.strip())
    for number, line in enumerate(lines, 1):
        sentence, label = _split(Decoded.clean(line))
        values = {"sentence": sentence, "label": label}
        if len(line) > MAX_FIELD:
            yield RawRow(number, {}, f"the line has more than {MAX_FIELD:,} characters")
        elif decoded.is_damaged(line):
            problem = f"the file mixes encodings: {sentence[:60]!r} is not UTF-8 as other rows are"
            yield RawRow(number, values, problem, hint="save the whole file in one encoding")
        else:
            yield RawRow(number, values)
