"""Published folders on a local disk.

Publishing is one rename: the folder is written elsewhere on the same disk, flushed to it, and moved into place. Whoever
looks sees the whole folder or none; a process that dies leaves a folder in the staging area, which a sweep removes.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from platform_core.sdk.errors import IntegrityError, NotFound
from platform_core.storage.manifest import MANIFEST_NAME, FolderManifest, verify


class LocalStore:
    """Keeps published folders below ``root``; ``staging`` is on the same disk."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.staging = root / ".staging"

    def put(self, folder: Path, key: str, manifest: FolderManifest) -> bool:
        """Move ``folder``, which stands in the staging area or is copied there, to ``key``.

        Returns:
            False where something stands there already.
        """
        copy = None if folder.is_relative_to(self.staging) else self.staging / uuid.uuid4().hex
        try:
            if copy is not None:
                shutil.copytree(folder, copy)
            return self._move(copy or folder, self.root / key, manifest)
        finally:
            if copy is not None:
                shutil.rmtree(copy, ignore_errors=True)

    def manifest(self, key: str) -> FolderManifest:
        """Return the manifest of ``key``.

        Raises:
            NotFound: nothing was published there.
            IntegrityError: the folder is there, its manifest is not, or is damaged.
        """
        file = self.root / key / MANIFEST_NAME
        try:
            return FolderManifest.from_json(file.read_text(encoding="utf-8"), str(file))
        except FileNotFoundError as error:
            if file.parent.is_dir():
                raise IntegrityError("the manifest is missing", where=str(file)) from error
            raise NotFound(f"nothing is stored as {key!r}", where=str(self.root)) from error

    def fetch(self, key: str, manifest: FolderManifest, *, check: bool) -> Path:
        """Return the folder of ``key``, compared with ``manifest`` where ``check`` says so."""
        folder = self.root / key
        if check:
            verify(folder, manifest)
        return folder

    def verify(self, key: str, manifest: FolderManifest) -> None:
        """Compare what is stored as ``key`` with ``manifest``."""
        verify(self.root / key, manifest)

    def exists(self, key: str) -> bool:
        """Say whether ``key`` is published."""
        return (self.root / key / MANIFEST_NAME).is_file()

    def published_at(self, key: str) -> datetime:
        """Return when ``key`` was published."""
        return datetime.fromtimestamp((self.root / key / MANIFEST_NAME).stat().st_mtime, UTC)

    def delete(self, key: str) -> None:
        """Remove ``key``: first out of sight, in one step, then from the disk."""
        self.staging.mkdir(parents=True, exist_ok=True)
        grave = self.staging / uuid.uuid4().hex
        with suppress(FileNotFoundError):
            (self.root / key).rename(grave)
            shutil.rmtree(grave)

    def copies(self) -> list[Path]:
        """Return the folders of the staging area."""
        return list(self.staging.iterdir()) if self.staging.is_dir() else []

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys below ``prefix``."""
        for folder, folders, files in os.walk(self.root / prefix):
            folders[:] = [name for name in folders if not name.startswith(".")]
            if MANIFEST_NAME in files:
                folders.clear()
                yield Path(folder).relative_to(self.root).as_posix()

    def _move(self, folder: Path, target: Path, manifest: FolderManifest) -> bool:
        if target.exists():
            return False
        try:
            (folder / MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")
            _flush_tree(folder)
            changed = _make_parents(target.parent)
            folder.rename(target)
        except OSError:
            (folder / MANIFEST_NAME).unlink(missing_ok=True)
            if target.exists():
                return False
            raise
        for parent in changed:
            _flush(parent)
        return True


def _make_parents(folder: Path) -> list[Path]:
    """Create ``folder``; return it and those above it whose entries changed."""
    changed = [folder]
    while not changed[-1].exists():
        changed.append(changed[-1].parent)
    folder.mkdir(parents=True, exist_ok=True)
    return changed


def _flush_tree(folder: Path) -> None:
    """Ask the disk to keep every file and folder of ``folder``."""
    for path in folder.rglob("*"):
        _flush(path)
    _flush(folder)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
