"""All queries on datasets, their versions, and who was erased from them."""

from __future__ import annotations

from sqlalchemy import func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select, SelectOfScalar

from platform_core.datasets.tables import Dataset, DatasetVersion, Erasure


class DatasetRepository:
    """Datasets of one tenant, within one transaction."""

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def add(self, row: Dataset | DatasetVersion | Erasure) -> None:
        """Store a row, so that rows that refer to it may follow."""
        self._session.add(row)
        self._session.flush()

    def by_name(self, name: str) -> Dataset | None:
        """Return the dataset called ``name``."""
        query = select(Dataset).where(Dataset.tenant == self._tenant, Dataset.name == name)
        return self._session.exec(query).first()

    def names(self) -> list[str]:
        """Return the names of all datasets."""
        return list(self._session.exec(select(Dataset.name).where(Dataset.tenant == self._tenant)))

    def by_digest(self, dataset_id: str, digest: str) -> DatasetVersion | None:
        """Return the version with these contents."""
        query = self._versions(dataset_id).where(DatasetVersion.digest == digest)
        return self._session.exec(query).first()

    def by_number(self, dataset_id: str, number: int | None) -> DatasetVersion | None:
        """Return the version ``number``, or the newest."""
        query = self._versions(dataset_id)
        if number is not None:
            query = query.where(DatasetVersion.number == number)
        return self._session.exec(query.order_by(col(DatasetVersion.number).desc())).first()

    def by_id(self, version_id: str) -> tuple[DatasetVersion, Dataset] | None:
        """Return the version with this id, and its dataset."""
        return self._session.exec(self._pairs().where(DatasetVersion.id == version_id)).first()

    def all(self) -> list[tuple[DatasetVersion, Dataset]]:
        """Return all versions with their datasets, by name and number."""
        return list(self._session.exec(self._pairs().order_by(col(Dataset.name), col(DatasetVersion.number))))

    def last_number(self, dataset_id: str) -> int:
        """Return the number of the newest version, 0 where there is none."""
        query = select(func.max(DatasetVersion.number)).where(
            DatasetVersion.tenant == self._tenant, DatasetVersion.dataset_id == dataset_id
        )
        return self._session.exec(query).one() or 0

    def stored_as(self, key: str) -> list[tuple[DatasetVersion, Dataset]]:
        """Return the versions whose examples are stored as ``key``, with their datasets."""
        return list(self._session.exec(self._pairs().where(DatasetVersion.storage_key == key)))

    def erasure(self, subject: str, solution: str) -> Erasure | None:
        """Return the tombstone of the person with this keyed hash in one solution's data; empty: in all data."""
        query = select(Erasure).where(
            Erasure.tenant == self._tenant, Erasure.subject == subject, Erasure.solution == solution
        )
        return self._session.exec(query).first()

    def erased(self, solution: str) -> frozenset[str]:
        """Return the keyed hashes of all persons who were erased from the data of a solution."""
        query = select(Erasure.subject).where(Erasure.tenant == self._tenant, col(Erasure.solution).in_(("", solution)))
        return frozenset(self._session.exec(query))

    def _versions(self, dataset_id: str) -> SelectOfScalar[DatasetVersion]:
        return select(DatasetVersion).where(
            DatasetVersion.tenant == self._tenant, DatasetVersion.dataset_id == dataset_id
        )

    def _pairs(self) -> Select[DatasetVersion, Dataset]:
        return (
            select(DatasetVersion, Dataset)
            .where(DatasetVersion.dataset_id == Dataset.id)
            .where(DatasetVersion.tenant == self._tenant, Dataset.tenant == self._tenant)
        )
