"""The registry: what was trained, where it is, and which of it is live."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.exc import IntegrityError as RowClash

from platform_core.db.engine import Database
from platform_core.db.ids import new_id
from platform_core.plugin_host.hooks import HookCaller
from platform_core.registry.aliases import AliasMover, MoveCheck
from platform_core.registry.artifacts import refuse_unsafe
from platform_core.registry.comparison import compare_versions
from platform_core.registry.lookup import find_model, find_version, refuse_other_solution, version_of_run
from platform_core.registry.references import Reference, check_model_name
from platform_core.registry.repository import RegistryRepository
from platform_core.registry.schemas import ModelInfo, VersionInfo
from platform_core.sdk.errors import Conflict, IntegrityError, NotFound, UsageError
from platform_core.storage import Storage

CHAMPION = "champion"
"""The alias that a bare name means where requests are answered."""

_ORPHAN_AGE = timedelta(days=1)


class Registry:
    """Models, versions and aliases of one tenant.

    A version's files are published before its row is written, and its row is removed before its files are: a row
    always means a whole version. What a process that dies in between leaves behind is invisible, and swept later.
    """

    def __init__(self, db: Database, storage: Storage, hooks: HookCaller, tenant: str) -> None:
        self._db = db
        self._storage = storage
        self._tenant = tenant
        self._aliases = AliasMover(db, hooks, tenant)

    def register(
        self,
        *,
        name: str,
        solution: str,
        folder: Path,
        method: str,
        encoder: str,
        encoder_fingerprint: str,
        metrics: dict[str, Any],
        lineage: dict[str, Any],
        run_id: str | None = None,
        dataset_version_id: str | None = None,
        parent_id: str | None = None,
    ) -> VersionInfo:
        """Publish ``folder`` as the next version of the model ``name``, which is created where needed.

        A run has at most one version: a second call for the same run returns the first one's version.

        Raises:
            UsageError: ``name`` cannot name a model.
            UnsafeArtifact: the folder holds a file that could run code when read.
            Conflict: the model belongs to another solution.
            StorageFull: there is no room; nothing was published.
        """
        check_model_name(name)
        with self._db.reading() as session:
            repository = RegistryRepository(session, self._tenant)
            made = version_of_run(repository, run_id)
            refuse_other_solution(repository, name, solution)
        if made is not None:
            return made
        refuse_unsafe(folder)
        version_id = new_id("ver")
        published = self._storage.publish(folder, f"{self._prefix}/{version_id}")
        columns = {
            "id": version_id,
            "run_id": run_id,
            "dataset_version_id": dataset_version_id,
            "parent_id": parent_id,
            "method": method,
            "encoder": encoder,
            "encoder_fingerprint": encoder_fingerprint,
            "storage_key": published.key,
            "digest": published.digest,
            "size_bytes": published.size_bytes,
            "metrics": metrics,
            "lineage": lineage,
        }
        try:
            version = self._record(name, solution, columns)
        except RowClash:  # another process has written the same model or run between our look and our commit
            version = self._record(name, solution, columns)
        finally:
            self._drop_unless_recorded(version_id, published.key)
        return version

    def check_name(self, name: str, solution: str) -> str:
        """Return ``name`` where a version of ``solution`` may be registered under it: asked before long work.

        Raises:
            UsageError: it cannot name a model.
            Conflict: the model belongs to another solution.
        """
        check_model_name(name)
        with self._db.reading() as session:
            refuse_other_solution(RegistryRepository(session, self._tenant), name, solution)
        return name

    def get(self, version_id: str) -> VersionInfo:
        """Return the version with that id.

        Raises:
            NotFound: there is none.
        """
        with self._db.reading() as session:
            repository = RegistryRepository(session, self._tenant)
            found = repository.version_by_id(version_id)
            if found is None:
                raise NotFound(f"there is no model version {version_id!r}", hint="it may have been deleted")
            return repository.infos(found[0], [found[1]])[0]

    def resolve(self, reference: str) -> VersionInfo:
        """Return the version that ``name``, ``name:3`` or ``name@alias`` means; a bare name means the newest.

        Raises:
            UsageError: the reference is malformed.
            NotFound: it names nothing; suggests the nearest names.
        """
        return self._find(Reference.parse(reference))

    def resolve_endpoint(self, reference: str) -> VersionInfo:
        """Return what :meth:`resolve` does, but let a bare name mean ``@champion`` where that is set.

        Raises:
            UsageError: the reference is malformed.
            NotFound: it names nothing; suggests the nearest names.
        """
        parsed = Reference.parse(reference)
        if parsed == Reference(parsed.name):
            with suppress(NotFound):
                return self._find(Reference(parsed.name, alias=CHAMPION))
        return self._find(parsed)

    def folder(self, version: VersionInfo) -> Path:
        """Return a local folder with the files of ``version``, compared with what was published. Read only.

        Raises:
            IntegrityError: names the file that is missing, changed or was never published.
            UnsafeArtifact: names a file that could run code when read.
        """
        with _missing_explained(version):
            folder = self._storage.fetch(version.storage_key, digest=version.digest)
        refuse_unsafe(folder)
        return folder

    def list(self) -> builtins.list[ModelInfo]:
        """Return all models, by name."""
        with self._db.reading() as session:
            return RegistryRepository(session, self._tenant).models()

    def versions(self, name: str) -> builtins.list[VersionInfo]:
        """Return the versions of a model, oldest first.

        Raises:
            NotFound: there is no such model.
        """
        with self._db.reading() as session:
            repository = RegistryRepository(session, self._tenant)
            model = find_model(repository, name)
            return repository.infos(model, repository.versions(model))

    def promote(self, reference: str, alias: str, reason: str = "", *, check: MoveCheck | None = None) -> VersionInfo:
        """Make ``alias`` point at a version, and return it; nothing happens where it does already.

        Args:
            reference: the version.
            alias: what is to point at it.
            reason: why; it is kept.
            check: may object when all else is settled, and write in the same transaction.

        Raises:
            Conflict: plugins object; names them and their reasons.
            NotFound: the reference names nothing.
            UsageError: the reference or the alias is malformed.
        """
        version = self.resolve(reference)
        self._aliases.promote(version, alias, reason, check)
        return self.get(version.id)

    def objections(self, version: VersionInfo, alias: str) -> dict[str, str]:
        """Return which plugins would object to ``alias`` pointing at ``version``, and why; nothing moves.

        Raises:
            NotFound: there is no such model.
        """
        return self._aliases.objections(version, alias)

    def rollback(self, name: str, alias: str) -> VersionInfo:
        """Take the last promotion of ``alias`` back, and return the version that it points at now.

        Raises:
            Conflict: there is no earlier version.
            NotFound: there is no such model or alias.
        """
        return self._aliases.rollback(name, alias)

    def compare(self, first: str, second: str) -> dict[str, Any]:
        """Return how two versions differ: metrics with differences (second − first), and facts that are not equal.

        Raises:
            NotFound: a reference names nothing.
        """
        return compare_versions(self.resolve(first), self.resolve(second))

    def verify(self, reference: str) -> VersionInfo:
        """Compare the stored files of a version with what was published; return the version.

        Raises:
            IntegrityError: names the file that is missing, changed or was never published.
            NotFound: the reference names nothing.
        """
        version = self.resolve(reference)
        with _missing_explained(version):
            self._storage.verify(version.storage_key, digest=version.digest)
        return version

    def delete(self, reference: str) -> VersionInfo:
        """Delete one version, named by its number, and return what it was.

        Raises:
            Conflict: an alias points at it, or a deployment tries it.
            UsageError: the reference names no number.
            NotFound: it names nothing.
        """
        parsed = Reference.parse(reference)
        if parsed.number is None:
            raise UsageError(f"{reference!r} does not say which version to delete", hint=f"write {parsed.name}:NUMBER")
        with self._db.session() as session:
            repository = RegistryRepository(session, self._tenant)
            model, row = find_version(repository, parsed)
            (version,) = repository.infos(model, [row])
            if version.aliases:
                pointing = ", ".join(f"@{alias}" for alias in version.aliases)
                raise Conflict(f"{version.ref} is in use as {pointing}", hint="promote another version there first")
            try:
                repository.delete_version(row)
            except RowClash:
                hint = "look with `verticore deploy list`, and end it with `verticore deploy stop`"
                raise Conflict(f"{version.ref} is tried by a deployment", hint=hint) from None
        self._storage.delete(version.storage_key)
        return version

    def sweep(self) -> int:
        """Remove files of versions that were never recorded, a day after they were published; return their number."""
        with self._db.reading() as session:
            recorded = RegistryRepository(session, self._tenant).storage_keys()
        limit = datetime.now(UTC) - _ORPHAN_AGE
        orphans = [key for key in self._storage.keys(self._prefix) if key not in recorded]
        abandoned = [key for key in orphans if self._storage.published_at(key) < limit]
        for key in abandoned:
            self._storage.delete(key)
        return len(abandoned)

    @property
    def _prefix(self) -> str:
        return f"tenants/{self._tenant}/models"

    def _find(self, reference: Reference) -> VersionInfo:
        with self._db.reading() as session:
            repository = RegistryRepository(session, self._tenant)
            model, version = find_version(repository, reference)
            return repository.infos(model, [version])[0]

    def _record(self, name: str, solution: str, columns: dict[str, Any]) -> VersionInfo:
        """Write the row of a published version, or return the version that its run has already."""
        with self._db.session() as session:
            repository = RegistryRepository(session, self._tenant)
            made = version_of_run(repository, columns["run_id"])
            if made is not None:
                return made
            refuse_other_solution(repository, name, solution)
            model = repository.model(name) or repository.add_model(name, solution)
            version = repository.add_version(model, repository.take_number(model), **columns)
            return repository.infos(model, [version])[0]

    def _drop_unless_recorded(self, version_id: str, key: str) -> None:
        """Remove what was published in vain; where even that fails, the next sweep does it."""
        with suppress(Exception), self._db.reading() as session:
            if RegistryRepository(session, self._tenant).version_by_id(version_id) is None:
                self._storage.delete(key)


@contextmanager
def _missing_explained(version: VersionInfo) -> Iterator[None]:
    """Say that files are gone: the reference that the user gave is right, so "not found" would mislead."""
    try:
        yield
    except NotFound as error:
        raise IntegrityError(
            f"the files of {version.ref} are missing", where=error.where, hint="restore them, or delete the version"
        ) from error
