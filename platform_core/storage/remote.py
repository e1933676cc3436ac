"""Published folders in an object store, through fsspec.

Object stores have no rename. The manifest is written last, and what has no manifest does not exist: whoever looks sees
the whole folder or none. Reading downloads into a local cache, in one step, and compares with the store's manifest.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from platform_core.sdk.errors import IntegrityError, NotFound
from platform_core.storage.manifest import MANIFEST_NAME, FolderManifest, verify


class RemoteStore:
    """Keeps published folders below ``root`` of the file system ``fs``; copies of what was read stand in ``cache``."""

    def __init__(self, fs: Any, root: str, cache: Path) -> None:
        self.fs = fs
        self.root = root.rstrip("/")
        self.cache = cache
        self.staging = cache / ".staging"

    def put(self, folder: Path, key: str, manifest: FolderManifest) -> bool:
        """Upload ``folder`` to ``key``.

        Returns:
            False where something stands there already.
        """
        if self.exists(key):
            return False
        try:
            for path in manifest.files:
                self._put_file(folder / path, f"{self._at(key)}/{path}")
            self.fs.pipe_file(self._manifest_at(key), manifest.to_json().encode())
        except BaseException:
            with suppress(Exception):
                self.delete(key)
            raise
        return True

    def manifest(self, key: str) -> FolderManifest:
        """Return the manifest of ``key``.

        Raises:
            NotFound: nothing was published there.
            IntegrityError: it is damaged.
        """
        place = self._manifest_at(key)
        try:
            return FolderManifest.from_json(self.fs.cat_file(place).decode(errors="replace"), place)
        except FileNotFoundError as error:
            raise NotFound(f"nothing is stored as {key!r}", where=self.root) from error

    def fetch(self, key: str, manifest: FolderManifest, *, check: bool) -> Path:
        """Return a local copy of ``key``; a copy that is damaged is fetched again.

        Raises:
            IntegrityError: what the store holds is not what was published.
        """
        folder = self.cache / key
        if folder.is_dir() and not (check and _is_damaged(folder, manifest)):
            return folder
        with self._downloaded(key, manifest) as copy:
            if check:
                verify(copy, manifest)
            shutil.rmtree(folder, ignore_errors=True)
            folder.parent.mkdir(parents=True, exist_ok=True)
            try:
                copy.rename(folder)
            except OSError:
                if not folder.is_dir():  # else another process has put its copy there in the meantime
                    raise
        return folder

    def verify(self, key: str, manifest: FolderManifest) -> None:
        """Compare what the store holds, not the local copy, with ``manifest``.

        Raises:
            IntegrityError: names the file that is missing, changed or was never published.
        """
        self.fs.invalidate_cache()
        listed = {path.removeprefix(f"{self._at(key)}/") for path in self.fs.find(self._at(key))}
        extra = listed - set(manifest.files) - {MANIFEST_NAME}
        if extra:
            raise IntegrityError(f"the file {min(extra)} was not published", where=self._at(key))
        with self._downloaded(key, manifest) as copy:
            verify(copy, manifest)

    def exists(self, key: str) -> bool:
        """Say whether ``key`` is published."""
        self.fs.invalidate_cache()
        return bool(self.fs.exists(self._manifest_at(key)))

    def published_at(self, key: str) -> datetime:
        """Return when ``key`` was published."""
        moment: datetime = self.fs.modified(self._manifest_at(key))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment

    def delete(self, key: str) -> None:
        """Remove ``key``: its manifest first, so that nobody sees a part of it."""
        with suppress(FileNotFoundError):
            self.fs.rm_file(self._manifest_at(key))
        with suppress(FileNotFoundError):
            self.fs.rm(self._at(key), recursive=True)
        shutil.rmtree(self.cache / key, ignore_errors=True)

    def copies(self) -> list[Path]:
        """Return the folders of the cache that hold files, those of the staging area among them."""
        return list(dict.fromkeys(file.parent for file in self.cache.rglob("*") if file.is_file()))

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys below ``prefix``."""
        self.fs.invalidate_cache()
        top = f"{self.root}/{prefix}".rstrip("/")
        for path in self.fs.find(top) if self.fs.exists(top) else ():
            if path.endswith(f"/{MANIFEST_NAME}"):
                yield path.removeprefix(self.root).strip("/").removesuffix(f"/{MANIFEST_NAME}")

    @contextmanager
    def _downloaded(self, key: str, manifest: FolderManifest) -> Iterator[Path]:
        """Give a fresh copy of the listed files, removed afterwards unless it was moved away."""
        copy = self.staging / uuid.uuid4().hex
        try:
            for path in manifest.files:
                (copy / path).parent.mkdir(parents=True, exist_ok=True)
                try:
                    self.fs.get_file(f"{self._at(key)}/{path}", str(copy / path))
                except FileNotFoundError as error:
                    raise IntegrityError(f"the file {path} is missing", where=self._at(key)) from error
            yield copy
        finally:
            shutil.rmtree(copy, ignore_errors=True)

    def _put_file(self, file: Path, target: str) -> None:
        self.fs.makedirs(target.rpartition("/")[0], exist_ok=True)
        self.fs.put_file(str(file), target)

    def _at(self, key: str) -> str:
        return f"{self.root}/{key}"

    def _manifest_at(self, key: str) -> str:
        return f"{self._at(key)}/{MANIFEST_NAME}"


def _is_damaged(folder: Path, manifest: FolderManifest) -> bool:
    try:
        verify(folder, manifest)
    except IntegrityError:
        return True
    return False
