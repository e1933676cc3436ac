"""Erasing a person from the stored data of a tenant.

The order makes a crash harmless: the tombstone first, so that nothing of the person is taken in any more; then, for
each stored table with rows of theirs, the table without them is published, the versions that name it are switched in
one transaction, and the old table is deleted last. Until then it is found by looking at what is stored, whether a
version names it or not: the same call finishes what one that was cut off has begun.
"""

from __future__ import annotations

import builtins
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from platform_core.datasets.info import describe
from platform_core.datasets.pseudonyms import Pseudonyms
from platform_core.datasets.records import LabeledExample
from platform_core.datasets.repository import DatasetRepository
from platform_core.datasets.rewriting import (
    digest_without,
    files_in,
    kept_warnings,
    provenance_without,
    rows_of,
    sentence,
    statistics_without,
    warnings_of,
    write_without,
)
from platform_core.datasets.tables import Erasure
from platform_core.datasets.tombstones import Holding, Person, Tombstone, tombstone_of
from platform_core.datasets.versions import EXAMPLES_FILE, FACTS_FILE, read_facts, read_version, write_facts
from platform_core.db.engine import Database
from platform_core.db.ids import new_id
from platform_core.db.tables import now
from platform_core.plugin_host.host import PluginHost
from platform_core.sdk import Conflict, IntegrityError, Target, VerticoreError
from platform_core.storage.manifest import MANIFEST_NAME
from platform_core.storage.service import Storage

ABANDONED_SECONDS = 600
"""Age at which a table that cannot be read belongs to a process that died while writing it."""


class Eraser:
    """Erases persons from the datasets of one tenant.

    Args:
        db: where versions are listed.
        storage: where their examples are.
        host: knows the solutions.
        tenant: whose datasets these are.
        pseudonyms: make keyed hashes.
    """

    def __init__(self, db: Database, storage: Storage, host: PluginHost, pseudonyms: Pseudonyms, tenant: str) -> None:
        self._db = db
        self._storage = storage
        self._host = host
        self._tenant = tenant
        self._pseudonyms = pseudonyms

    def pseudonym(self, identity: str) -> str:
        """Return the keyed hash of a person, a field or a group; one that is such a hash stays as it is."""
        return self._pseudonyms.of(identity)

    def erased(self, solution: str) -> frozenset[str]:
        """Return the keyed hashes of all persons who were erased from the data of ``solution``."""
        with self._db.reading() as session:
            return DatasetRepository(session, self._tenant).erased(solution)

    def tombstone(self, person: Person) -> Tombstone | None:
        """Return the tombstone of the person."""
        with self._db.reading() as session:
            row = DatasetRepository(session, self._tenant).erasure(person.subject, person.solution)
            return tombstone_of(row) if row else None

    def begin(self, person: Person) -> Tombstone:
        """Leave a tombstone: from now on no rows of the person are taken in."""
        with self._db.session() as session:
            repository = DatasetRepository(session, self._tenant)
            row = repository.erasure(person.subject, person.solution)
            if row is None:
                row = Erasure(id=new_id("era"), tenant=self._tenant, subject=person.subject, solution=person.solution)
                repository.add(row)
            row.finished_at = None
            return tombstone_of(row)

    def find(self, person: Person) -> list[Holding]:
        """Return all stored tables with rows of the person, also those that no version names any more.

        Raises:
            IntegrityError: a table cannot be read, or was changed.
        """
        found = []
        for key in self._storage.keys(self._prefix):
            with self._db.reading() as session:
                versions = [describe(*pair) for pair in DatasetRepository(session, self._tenant).stored_as(key)]
            folder = self._storage.fetch(key, verify=bool(versions))
            file = folder / EXAMPLES_FILE
            rows = rows_of(file, person.subject, self.pseudonym) if file.exists() else []
            if rows and person.is_in(solution := read_facts(folder)["solution"]):
                found.append(Holding(key, rows, versions, solution))
        return found

    def hidden(self, solution: str = "") -> list[str]:
        """Return the versions in which nobody can be found: their identities were hashed with another key.

        Args:
            solution: whose versions are looked at; empty: all.
        """
        with self._db.reading() as session:
            versions = [describe(*pair) for pair in DatasetRepository(session, self._tenant).all()]
        looked_at = [version for version in versions if solution in ("", version.solution)]
        keys = ((version.ref, version.provenance.get("pseudonyms", {}).get("key")) for version in looked_at)
        return [ref for ref, key in keys if key not in (None, self._pseudonyms.fingerprint)]

    def examples(self, holding: Holding) -> builtins.list[LabeledExample]:
        """Return the examples of the person; of a table that no version names, all: it is given up.

        Raises:
            VerticoreError: the plugin is not there, or no longer takes them.
        """
        folder = self._storage.fetch(holding.key, verify=False)
        examples = read_version(folder, self._host.solution(holding.solution).example, None)
        return [examples[row] for row in holding.rows] if holding.versions else examples

    def switch(self, person: Person, holding: Holding) -> None:
        """Give the versions of ``holding`` what is left without its rows; the old table stays, see :meth:`drop`.

        Raises:
            StorageFull: there is no room for the new table; nothing has changed.
        """
        if not holding.versions:
            return
        before = holding.versions[0]
        digest = digest_without(before.digest, holding.rows)
        key = f"{self._prefix}/{digest}"
        with self._storage.staging() as folder:
            source = self._storage.fetch(holding.key)
            write_without(source, folder, holding.rows)
            step = {"at": now().isoformat(), "rows": len(holding.rows), "digest": before.digest}
            columns = {"digest": digest, "storage_key": key, "rows": before.rows - len(holding.rows)}
            facts = self._facts(source, folder, holding, step)
            if not self._storage.exists(key):
                told = {name: columns[name] for name in ("digest", "rows")} | facts[before.id]
                write_facts(folder, read_facts(source) | told)
                self._storage.publish(folder, key)
        self._write(person, holding, {name: columns | own for name, own in facts.items()})

    def drop(self, holding: Holding) -> None:
        """Delete the old table, unless a version names it.

        Raises:
            Conflict: one does, though no rows of the person may be taken in.
        """
        with self._db.reading() as session:
            named = DatasetRepository(session, self._tenant).stored_as(holding.key)
        if named:
            raise Conflict(
                "a version was made of rows that were being erased",
                where=", ".join(describe(*pair).ref for pair in named),
                hint="give the command again",
            )
        self._storage.delete(holding.key)

    def sweep(self, person: Person) -> None:
        """Remove what processes that died have left of the person's rows."""
        for folder in self._storage.copies():
            if self._is_left_over(folder, person):
                shutil.rmtree(folder, ignore_errors=True)
        with self._db.reading() as session:
            versions = [describe(*pair) for pair in DatasetRepository(session, self._tenant).all()]
        earlier = {f"{self._prefix}/{step['digest']}" for version in versions for step in version.erased}
        for key in sorted(earlier - {version.storage_key for version in versions}):
            if not self._storage.exists(key):  # an object store may hold files that nothing lists any more
                self._storage.delete(key)

    def finish(self, person: Person, models: Sequence[str]) -> Tombstone:
        """Note the models that were trained on the rows, and that nothing is left to do."""
        with self._db.session() as session:
            row = DatasetRepository(session, self._tenant).erasure(person.subject, person.solution)
            if row is None:
                raise Conflict("the tombstone is gone", hint="give the command again")
            row.models = sorted({*row.models, *models})
            row.finished_at = now()
            return tombstone_of(row)

    @property
    def _prefix(self) -> str:
        return f"tenants/{self._tenant}/datasets"

    def _facts(self, source: Path, folder: Path, holding: Holding, step: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """Return statistics and provenance of the versions of ``holding``, by id.

        ``source`` holds the table as it was, ``folder`` what is left.
        """
        left: builtins.list[LabeledExample] = []
        target: Target | None = None
        with suppress(VerticoreError):  # the person goes, whatever became of the plugin
            solution = self._host.solution(holding.solution)
            left, target = read_version(folder, solution.example, None), solution.target
        statistics = statistics_without(folder, left, holding.versions[0])
        gone = files_in(source) - files_in(folder)
        told = warnings_of(left, target) if target else []
        return {
            version.id: {
                "statistics": statistics | {"warnings": [*kept_warnings(version.warnings), *told, sentence(step)]},
                "provenance": provenance_without(version.provenance, gone) | {"erased": [*version.erased, step]},
            }
            for version in holding.versions
        }

    def _write(self, person: Person, holding: Holding, columns: dict[str, dict[str, Any]]) -> None:
        with self._db.session() as session:
            repository = DatasetRepository(session, self._tenant)
            erasure = repository.erasure(person.subject, person.solution)
            versions = [version for version, _ in repository.stored_as(holding.key)]
            if erasure is None or {version.id for version in versions} != set(columns):
                raise Conflict("another process has changed the same data", hint="give the command again")
            for version in versions:
                for name, value in columns[version.id].items():
                    setattr(version, name, value)
                erased = erasure.versions.get(version.id, 0) + len(holding.rows)
                erasure.versions = erasure.versions | {version.id: erased}

    def _is_left_over(self, folder: Path, person: Person) -> bool:
        """Tell a copy with rows of the person; one that is perhaps being written is left alone for a while.

        Where it is not told whose data a copy is, it is taken for theirs: nothing is lost with it.
        """
        file = folder / EXAMPLES_FILE
        try:
            age = time.time() - file.stat().st_mtime  # models have no such file: they are not looked into
            is_written = (folder / MANIFEST_NAME).exists() or age > ABANDONED_SECONDS
            if not is_written or not rows_of(file, person.subject, self.pseudonym):
                return False
            return not (folder / FACTS_FILE).exists() or person.is_in(read_facts(folder)["solution"])
        except FileNotFoundError:
            return False
        except IntegrityError:
            return True
