"""The versions that there are: storing one whole, and finding it again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError as RowExists

from platform_core.datasets.info import DatasetInfo, describe
from platform_core.datasets.records import LabeledExample
from platform_core.datasets.repository import DatasetRepository
from platform_core.datasets.tables import Dataset, DatasetVersion
from platform_core.datasets.versions import digest_of, write_version
from platform_core.db.engine import Database
from platform_core.db.ids import new_id
from platform_core.sdk import Conflict, NotFound
from platform_core.storage.service import Storage

_ATTEMPTS = 5


class _Outdated(Conflict):
    """The data holds rows that may not be taken in any more."""


class DataChanged(Conflict):
    """Rows were erased from data that was being worked on: nothing that was learned from them is kept."""


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a version is made of; the names are those of :class:`DatasetInfo`."""

    solution: str
    examples: Sequence[LabeledExample]
    labels: list[str]
    adapter: str
    mapping: dict[str, str | tuple[str, ...]]
    options: dict[str, Any]
    statistics: dict[str, Any]
    provenance: dict[str, Any]
    warnings: list[str]


class Catalogue:
    """The dataset versions of one tenant. Bytes are published first, then the row that names them."""

    def __init__(self, db: Database, storage: Storage, tenant: str) -> None:
        self._db = db
        self._storage = storage
        self._tenant = tenant

    def add(self, name: str, contents: Contents, erased: frozenset[str] = frozenset()) -> DatasetInfo:
        """Store a version of the dataset ``name``, or return the one with the same digest.

        Args:
            name: of the dataset.
            contents: what the version is made of.
            erased: the persons whose rows were left out of it.

        Raises:
            Conflict: the dataset is one of another solution, or a person was erased meanwhile.
            StorageFull: there is no room; nothing was stored.
        """
        digest = digest_of(contents.solution, contents.options, contents.examples)
        key = f"tenants/{self._tenant}/datasets/{digest}"
        version = DatasetVersion(
            id=new_id("dsv"),
            tenant=self._tenant,
            dataset_id="",
            number=0,
            digest=digest,
            storage_key=key,
            adapter=contents.adapter,
            mapping=contents.mapping,
            options=contents.options,
            statistics={**contents.statistics, "label_order": contents.labels, "warnings": contents.warnings},
            provenance=contents.provenance,
            rows=len(contents.examples),
        )
        self._check_solution(name, contents.solution)
        if not self._storage.exists(key):
            self._publish(version, contents)
        for _ in range(_ATTEMPTS):
            try:
                return self._list(version, name, contents.solution, erased)
            except RowExists:  # another process was quicker; look again
                continue
            except _Outdated:
                self._storage.delete(key)
                raise
        raise Conflict(f"too many processes are importing {name!r}", hint="try again")

    def resolve(self, reference: str) -> DatasetInfo:
        """Return the version that ``name``, ``name:3`` or an id means; a bare name means the newest.

        Raises:
            NotFound: there is no such version; suggests the nearest.
        """
        with self._db.reading() as session:
            repository = DatasetRepository(session, self._tenant)
            by_id = repository.by_id(reference)
            if by_id:
                return describe(*by_id)
            name, _, number = reference.partition(":")
            dataset = repository.by_name(name)
            if dataset is None:
                raise NotFound.of("dataset", name, repository.names(), hint="import one: verticore data import")
            version = None
            if not number or number.isdecimal():
                version = repository.by_number(dataset.id, int(number) if number else None)
            if version is None:
                known = [f"{name}:{i}" for i in range(1, repository.last_number(dataset.id) + 1)]
                raise NotFound.of("dataset version", reference, known)
            return describe(version, dataset)

    def all(self) -> list[DatasetInfo]:
        """Return all versions, by name and number."""
        with self._db.reading() as session:
            return [describe(*pair) for pair in DatasetRepository(session, self._tenant).all()]

    def check_unchanged(self, info: DatasetInfo) -> None:
        """Look whether a version is still what ``info`` says.

        Raises:
            DataChanged: rows were erased from it.
        """
        if self.resolve(info.id).digest != info.digest:
            raise DataChanged(
                "the data changed: rows of a person were erased meanwhile",
                where=info.ref,
                hint="start again: the same command goes without them",
            )

    def _publish(self, version: DatasetVersion, contents: Contents) -> None:
        facts = version.model_dump(exclude={"id", "tenant", "created_at", "dataset_id", "number", "storage_key"})
        with self._storage.staging() as folder:
            write_version(folder, contents.examples, {"solution": contents.solution, **facts})
            with suppress(Conflict):  # another process published the same examples, read from other files
                self._storage.publish(folder, version.storage_key)

    def _check_solution(self, name: str, solution: str) -> None:
        with self._db.reading() as session:
            _raise_if_foreign(DatasetRepository(session, self._tenant).by_name(name), solution)

    def _list(self, version: DatasetVersion, name: str, solution: str, erased: frozenset[str]) -> DatasetInfo:
        with self._db.session() as session:
            repository = DatasetRepository(session, self._tenant)
            if not repository.erased(solution) <= erased:
                raise _Outdated("a person was erased while the data was read", hint="give the command again")
            dataset = repository.by_name(name)
            _raise_if_foreign(dataset, solution)
            if dataset is None:
                dataset = Dataset(id=new_id("ds"), tenant=self._tenant, name=name, solution=solution)
                repository.add(dataset)
            known = repository.by_digest(dataset.id, version.digest)
            if known is not None:
                return describe(known, dataset, reused=True)
            number = repository.last_number(dataset.id) + 1
            row = DatasetVersion(**version.model_dump() | {"dataset_id": dataset.id, "number": number})
            repository.add(row)
            return describe(row, dataset)


def _raise_if_foreign(dataset: Dataset | None, solution: str) -> None:
    if dataset is not None and dataset.solution != solution:
        raise Conflict(
            f"the dataset {dataset.name!r} is one of {dataset.solution}, not of {solution}",
            hint="choose another --name",
        )
