"""Names of users' files as they are stored: they may tell who somebody is, as ``smith_john_1950.txt`` does.

Where a solution hides who its examples are about, a keyed hash stands in the place of a name. Whoever knows the name
and has the key still finds what was read from the file. Messages, which nobody stores, show names as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from platform_core.datasets.finishing import Finisher
from platform_core.datasets.reading import ReadResult
from platform_core.datasets.records import LabeledExample


class FileNames:
    """The names that are stored in the place of those of the files that were read.

    Args:
        finisher: has finished the examples.
        reads: what was read.
    """

    def __init__(self, finisher: Finisher, reads: Iterable[ReadResult]) -> None:
        self._stored: dict[str, str] = {}
        if finisher.hides:
            for source in [read.reader.source for read in reads]:
                for file in source.files:
                    hidden = finisher.pseudonyms.of_file(source.name_of(file))
                    self._stored[source.name_of(file)] = hidden
                    for form in (file.name, str(file)):
                        self._stored.setdefault(form, hidden)
        longest_first = sorted(self._stored, key=len, reverse=True)
        self._pattern = re.compile(rf"(?<![\w./\\-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])")

    def in_rows(self, rows: Sequence[LabeledExample]) -> list[LabeledExample]:
        """Return the rows with stored names in their places."""
        if not self._stored:
            return list(rows)
        return [replace(row, place=replace(row.place, file=self._of(row.place.file))) for row in rows]

    def in_provenance(self, provenance: Mapping[str, Any]) -> dict[str, Any]:
        """Return the provenance with stored names for its files."""
        return {**provenance, "files": [file | {"name": self._of(file["name"])} for file in provenance["files"]]}

    def in_texts(self, texts: Sequence[str]) -> list[str]:
        """Return sentences that quote stored names."""
        if not self._stored:
            return list(texts)
        return [self._pattern.sub(lambda found: self._stored[found[0]], text) for text in texts]

    def _of(self, name: str) -> str:
        return self._stored.get(name, name)
