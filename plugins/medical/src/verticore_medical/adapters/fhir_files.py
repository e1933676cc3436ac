"""FHIR R4 files → resources with their places: Bundles in ``.json``, resources or Bundles per line in ``.ndjson``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from platform_core.sdk import Source
from platform_core.sdk.adapters import DamagedJson, FormatAdapter, decode_file, parse_json

_BY_LINE = (".ndjson", ".jsonl")
_PROBED_BYTES = 1 << 14
_LONGEST_LINE = 1 << 26
"""64 MiB: the most of an ``.ndjson`` file that is in memory at once."""

_UTF8_HINT = "FHIR is UTF-8; export the file again"


@dataclass(frozen=True, slots=True)
class Entry:
    """A resource of a file, or why there is none.

    Attributes:
        file: as messages show it.
        row: number of the entry in its Bundle, of the line in an ``.ndjson`` file; 1 is the first.
        part: number of the entry in a Bundle that is a line of an ``.ndjson`` file; 0 elsewhere.
        resource: the JSON object.
        full_url: by what other entries of the Bundle may refer to it.
        problem: what is wrong with the entry, and which it is.
        hint: what to do about it.
    """

    file: str
    row: int
    resource: dict[str, Any]
    full_url: str = ""
    problem: str | None = None
    hint: str | None = None
    part: int = 0

    @property
    def shown(self) -> str:
        """Where in the file it stands, as messages say it."""
        return f"entry {self.row}, part {self.part}" if self.part else f"entry {self.row}"


class FhirFormat(FormatAdapter):
    """What adapters of FHIR have in common: the files that they know."""

    specificity = 20
    known_by = "hold FHIR resources"

    def files(self, source: Source) -> list[Path]:
        """Return the files that begin like FHIR resources."""
        return [
            file for file in source.files if (_is_by_line(file) or file.suffix.lower() == ".json") and _is_fhir(file)
        ]


def read_entries(file: Path, shown: str) -> Iterator[Entry]:
    """Yield the entries of a file; what is damaged is an entry with a problem.

    Raises:
        DataError: the file cannot be read at all.
    """
    return _from_lines(file, shown) if _is_by_line(file) else _from_bundle_file(file, shown)


def _is_by_line(file: Path) -> bool:
    return file.suffix.lower() in _BY_LINE


def _is_fhir(file: Path) -> bool:
    with file.open("rb") as stream:
        return b'"resourceType"' in stream.read(_PROBED_BYTES)


def _from_bundle_file(file: Path, shown: str) -> Iterator[Entry]:
    decoded = decode_file(file, shown)
    if decoded.mixed or not decoded.encoding.startswith("utf"):
        yield Entry(shown, 1, {}, problem="the file is not UTF-8 throughout", hint=_UTF8_HINT)
        return
    try:
        content = parse_json(decoded.text, strict=True)
    except DamagedJson as damage:
        yield Entry(shown, 1, {}, problem=str(damage), hint=damage.hint)
        return
    if not isinstance(content, dict) or content.get("resourceType") != "Bundle":
        kind = content.get("resourceType") if isinstance(content, dict) else type(content).__name__
        hint = "put resources into a Bundle, or one per line into .ndjson"
        yield Entry(shown, 1, {}, problem=f"the file holds a {kind}, not a Bundle", hint=hint)
    else:
        yield from _of_bundle(content, shown, 0)


def _from_lines(file: Path, shown: str) -> Iterator[Entry]:
    with file.open("rb") as stream:
        number = 0
        while line := stream.readline(_LONGEST_LINE):
            number += 1
            if line.strip():
                yield from _of_line(line, shown, number)


def _of_line(line: bytes, shown: str, number: int) -> Iterator[Entry]:
    if len(line) == _LONGEST_LINE:
        yield Entry(shown, number, {}, problem=f"the line is longer than {_LONGEST_LINE >> 20} MiB")
        return
    try:
        text = line.rstrip().decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        damage = f"line {number} is not UTF-8 at byte {error.start + 1}"
        yield Entry(shown, number, {}, problem=damage, hint=_UTF8_HINT)
        return
    try:
        content = parse_json(text, line=number, strict=True)
    except DamagedJson as damage:
        yield Entry(shown, number, {}, problem=str(damage), hint=damage.hint)
        return
    if not isinstance(content, dict):
        yield Entry(shown, number, {}, problem=f"line {number} holds a {type(content).__name__}, not a resource")
    elif content.get("resourceType") == "Bundle":
        yield from _of_bundle(content, shown, number)
    else:
        yield _checked(content, shown, number, "")


def _of_bundle(bundle: dict[str, Any], shown: str, line: int) -> Iterator[Entry]:
    """Yield the entries of a Bundle; ``line`` is its line in an ``.ndjson`` file, 0 elsewhere."""
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        yield Entry(shown, line or 1, {}, problem=f"entry of the Bundle is a {type(entries).__name__}, not a list")
        return
    for number, entry in enumerate(entries, 1):
        row = line or number
        if not isinstance(entry, dict) or not isinstance(entry.get("resource"), dict):
            yield Entry(shown, row, {}, problem=f"entry {number} of the Bundle holds no resource")
        else:
            full_url = entry.get("fullUrl")
            checked = _checked(entry["resource"], shown, row, full_url if isinstance(full_url, str) else "")
            yield replace(checked, part=number) if line else checked


def _checked(resource: dict[str, Any], shown: str, row: int, full_url: str) -> Entry:
    kind, name = resource.get("resourceType"), resource.get("id")
    if not isinstance(kind, str) or not kind:
        return Entry(shown, row, {}, problem=f"entry {row}: the resource has no resourceType")
    if not name and full_url.startswith("urn:uuid:"):
        resource = {**resource, "id": full_url.removeprefix("urn:uuid:")}
    elif not isinstance(name, str) or not name:
        return Entry(shown, row, {}, problem=f"entry {row}: the {kind} has no id")
    return Entry(shown, row, resource, full_url)
