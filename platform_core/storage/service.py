"""The storage: publish a folder whole, read it back verified."""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import fsspec.core
from fsspec.implementations.local import LocalFileSystem

from platform_core.sdk.errors import Conflict, IntegrityError, UsageError
from platform_core.storage.errors import full_disk_explained
from platform_core.storage.keys import check_key
from platform_core.storage.local import LocalStore
from platform_core.storage.manifest import FolderManifest, describe
from platform_core.storage.remote import RemoteStore

ABANDONED_SECONDS = 24 * 3600
"""Age at which a staging folder belongs to a process that died."""


@dataclass(frozen=True)
class Published:
    """What was published: its key, the SHA-256 of names and contents, the bytes of its files."""

    key: str
    digest: str
    size_bytes: int


class Storage:
    """Published folders below one URL.

    Args:
        url: an fsspec URL: ``file:///folder``, ``s3://bucket/prefix``, ``memory://root``.
        cache: local folder for copies of what is remote; unused for ``file://``.
    """

    def __init__(self, url: str, cache: Path) -> None:
        try:
            fs, root = fsspec.core.url_to_fs(url)
        except (ValueError, ImportError) as error:
            raise UsageError(f"the storage cannot be used: {error}", where=url, hint="check storage_url") from error
        self.url = url
        is_local = isinstance(fs, LocalFileSystem)
        self._store: LocalStore | RemoteStore = LocalStore(Path(root)) if is_local else RemoteStore(fs, root, cache)

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """Give an empty local folder to write in; it is removed afterwards, unless it was published.

        Raises:
            StorageFull: the block ran out of room.
        """
        folder = self._store.staging / uuid.uuid4().hex
        try:
            with full_disk_explained(str(self._store.staging)):
                folder.mkdir(parents=True)
                yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def publish(self, folder: Path, key: str) -> Published:
        """Make the contents of ``folder`` appear as ``key``, whole or not at all.

        A folder below :meth:`staging` is used up by it; any other is left as it is. Publishing the same contents
        again changes nothing.

        Raises:
            Conflict: ``key`` holds something else.
            StorageFull: there is no room; nothing was published.
            UsageError: the key is malformed, or the folder is empty or holds links.
        """
        check_key(key)
        manifest = describe(folder)
        with full_disk_explained(self.url):
            is_new = self._store.put(folder, key, manifest)
        if not is_new and self._store.manifest(key).digest != manifest.digest:
            raise Conflict(f"something else is stored as {key!r}", where=self.url)
        return Published(key, manifest.digest, manifest.size_bytes)

    def fetch(self, key: str, *, verify: bool = True, digest: str | None = None) -> Path:
        """Return a local folder with what was published as ``key``. It must not be written to.

        Args:
            key: as given to :meth:`publish`.
            verify: compare every file with the manifest.
            digest: the digest that :meth:`publish` returned, where the caller kept it; compared with the manifest.

        Raises:
            NotFound: nothing was published there.
            IntegrityError: names the file that is missing, changed or was never published.
        """
        manifest = self._manifest(key, digest)
        with full_disk_explained(self.url):
            return self._store.fetch(key, manifest, check=verify)

    def verify(self, key: str, *, digest: str | None = None) -> None:
        """Compare what is stored as ``key`` with what was published.

        Raises:
            NotFound: nothing was published there.
            IntegrityError: names the file that is missing, changed or was never published.
        """
        self._store.verify(key, self._manifest(key, digest))

    def exists(self, key: str) -> bool:
        """Say whether ``key`` is published."""
        return self._store.exists(check_key(key))

    def published_at(self, key: str) -> datetime:
        """Return when ``key`` was published, in UTC."""
        return self._store.published_at(check_key(key))

    def delete(self, key: str) -> None:
        """Remove ``key``; nothing happens where there is none."""
        self._store.delete(check_key(key))

    def keys(self, prefix: str = "") -> list[str]:
        """Return the keys below the folder ``prefix``, sorted."""
        return sorted(self._store.keys(check_key(prefix) if prefix else ""))

    def copies(self) -> list[Path]:
        """Return the local folders with copies of what is, was or was to be published.

        Those are staging folders, also of other processes, and what was fetched from a remote store.
        """
        return [folder for folder in self._store.copies() if folder.is_dir()]

    def sweep(self) -> int:
        """Remove staging folders that nothing was written to for a day; return their number."""
        limit = time.time() - ABANDONED_SECONDS
        staging = self._store.staging
        abandoned = [f for f in staging.iterdir() if _last_change(f) < limit] if staging.is_dir() else []
        for folder in abandoned:
            shutil.rmtree(folder, ignore_errors=True)
        return len(abandoned)

    def _manifest(self, key: str, digest: str | None) -> FolderManifest:
        manifest = self._store.manifest(check_key(key))
        if digest is not None and manifest.digest != digest:
            raise IntegrityError("the manifest is not the one that was published", where=f"{self.url}/{key}")
        return manifest


def _last_change(folder: Path) -> float:
    try:
        return max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))
    except FileNotFoundError:  # its process is at work on it
        return time.time()
