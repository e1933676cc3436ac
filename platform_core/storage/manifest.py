"""The manifest of a published folder: the SHA-256 and size of each of its files."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platform_core.sdk.errors import IntegrityError, UsageError, VerticoreError

MANIFEST_NAME = "manifest.json"
_FORMAT = 1
_HINT = "restore the folder from a copy, or delete what it belongs to and make it again"


@dataclass(frozen=True)
class FileEntry:
    """What a file must be: its SHA-256 as 64 hexadecimal digits, and its size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True)
class FolderManifest:
    """The files of a folder, by path relative to it, with ``/`` as separator."""

    files: dict[str, FileEntry]

    @property
    def digest(self) -> str:
        """SHA-256 over names and contents of all files: equal for equal folders."""
        return hashlib.sha256(json.dumps(self._table(), sort_keys=True).encode()).hexdigest()

    @property
    def size_bytes(self) -> int:
        """Bytes of all files."""
        return sum(entry.size for entry in self.files.values())

    def to_json(self) -> str:
        """Return the text of ``manifest.json``."""
        return json.dumps({"format": _FORMAT, "files": self._table()}, indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str, where: str) -> FolderManifest:
        """Read the text of a ``manifest.json`` that stands at ``where``.

        Raises:
            IntegrityError: it is damaged.
        """
        try:
            content = json.loads(text)
            if content["format"] != _FORMAT:
                raise IntegrityError(f"the manifest has the unknown format {content['format']!r}", where=where)
            return cls({str(path): FileEntry(e["sha256"], int(e["size"])) for path, e in content["files"].items()})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise IntegrityError("the manifest is damaged", where=where, hint=_HINT) from error

    def _table(self) -> dict[str, dict[str, Any]]:
        return {path: {"sha256": entry.sha256, "size": entry.size} for path, entry in self.files.items()}


def describe(folder: Path) -> FolderManifest:
    """Return the manifest of a folder that is to be published.

    Raises:
        UsageError: there is nothing in it, or something that is neither file nor folder, or a file with the
            manifest's name.
    """
    files = _regular_files(folder, UsageError)
    if not files:
        raise UsageError("an empty folder cannot be published", where=str(folder))
    if MANIFEST_NAME in files:
        raise UsageError(f"the name {MANIFEST_NAME} is taken", where=str(folder), hint="give the file another name")
    return FolderManifest({path: FileEntry(sha256(file), file.stat().st_size) for path, file in files.items()})


def verify(folder: Path, manifest: FolderManifest) -> None:
    """Compare a published folder with its manifest.

    Raises:
        IntegrityError: names the first file that is missing, changed or not listed.
    """
    found = _regular_files(folder, IntegrityError)
    found.pop(MANIFEST_NAME, None)
    for path, entry in manifest.files.items():
        file = found.pop(path, None)
        if file is None:
            raise IntegrityError(f"the file {path} is missing", where=str(folder), hint=_HINT)
        if file.stat().st_size != entry.size or sha256(file) != entry.sha256:
            raise IntegrityError(f"the file {path} is not what was published", where=str(folder), hint=_HINT)
    if found:
        raise IntegrityError(f"the file {min(found)} was not published", where=str(folder), hint=_HINT)


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _regular_files(folder: Path, refusal: type[VerticoreError]) -> dict[str, Path]:
    """Return the files below ``folder`` by relative path; links are refused: they bring in bytes from elsewhere."""
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise refusal(f"{path.relative_to(folder)} is neither file nor folder", where=str(folder))
        if path.is_file():
            files[path.relative_to(folder).as_posix()] = path
    return files
