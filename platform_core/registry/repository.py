"""All queries of the registry, for one tenant, in the transaction of the caller."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from platform_core.db.ids import new_id
from platform_core.registry.schemas import ModelInfo, VersionInfo
from platform_core.registry.tables import Alias, AliasMove, Model, ModelVersion


class RegistryRepository:
    """Reads and writes models, versions, aliases and their moves."""

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def model(self, name: str) -> Model | None:
        """Return the model of that name."""
        query = select(Model).where(Model.tenant == self._tenant, Model.name == name)
        return self._session.exec(query).first()

    def models(self) -> list[ModelInfo]:
        """Return all models, by name."""
        numbers = defaultdict(list)
        versions = select(ModelVersion.model_id, ModelVersion.number).where(ModelVersion.tenant == self._tenant)
        for model_id, number in self._session.exec(versions):
            numbers[model_id].append(number)
        aliases: dict[str, dict[str, int]] = defaultdict(dict)
        for alias, number in self._aliases():
            aliases[alias.model_id][alias.name] = number
        rows = self._session.exec(select(Model).where(Model.tenant == self._tenant).order_by(Model.name)).all()
        return [
            ModelInfo(m.name, m.solution, len(numbers[m.id]), max(numbers[m.id], default=None), aliases[m.id])
            for m in rows
        ]

    def add_model(self, name: str, solution: str) -> Model:
        """Write a new model."""
        model = Model(id=new_id("mdl"), tenant=self._tenant, name=name, solution=solution)
        self._session.add(model)
        self._session.flush()
        return model

    def take_number(self, model: Model) -> int:
        """Return the next version number, which is nobody else's from then on."""
        statement = (
            update(Model)
            .where(col(Model.id) == model.id, col(Model.tenant) == self._tenant)
            .values(last_number=col(Model.last_number) + 1)
            .returning(col(Model.last_number))
        )
        number: int = self._session.exec(statement).scalar_one()
        return number

    def add_version(self, model: Model, number: int, **columns: Any) -> ModelVersion:
        """Write a new version."""
        version = ModelVersion(tenant=self._tenant, model_id=model.id, number=number, **columns)
        self._session.add(version)
        self._session.flush()
        return version

    def versions(self, model: Model) -> Sequence[ModelVersion]:
        """Return the versions of ``model``, oldest first."""
        query = select(ModelVersion).where(ModelVersion.tenant == self._tenant, ModelVersion.model_id == model.id)
        return self._session.exec(query.order_by(col(ModelVersion.number))).all()

    def version(self, model: Model, number: int) -> ModelVersion | None:
        """Return one version by number."""
        query = select(ModelVersion).where(
            ModelVersion.tenant == self._tenant, ModelVersion.model_id == model.id, ModelVersion.number == number
        )
        return self._session.exec(query).first()

    def version_by_id(self, version_id: str) -> tuple[Model, ModelVersion] | None:
        """Return one version by id, with its model."""
        return self._with_model(col(ModelVersion.id) == version_id)

    def version_of_run(self, run_id: str) -> tuple[Model, ModelVersion] | None:
        """Return the version that a run made, with its model."""
        return self._with_model(col(ModelVersion.run_id) == run_id)

    def delete_version(self, version: ModelVersion) -> None:
        """Remove the row of a version."""
        self._session.delete(version)
        self._session.flush()

    def storage_keys(self) -> set[str]:
        """Return the storage keys of all versions."""
        query = select(ModelVersion.storage_key).where(ModelVersion.tenant == self._tenant)
        return set(self._session.exec(query))

    def aliases(self, model: Model) -> dict[str, int]:
        """Return where the aliases of ``model`` point, by number."""
        return {alias.name: number for alias, number in self._aliases(model)}

    def hold(self, model: Model) -> None:
        """Let no other transaction :meth:`hold` ``model`` until this one ends; SQLite has one writer anyway."""
        query = select(Model.id).where(Model.tenant == self._tenant, Model.id == model.id).with_for_update()
        self._session.exec(query).one()

    def point(self, model: Model, alias: str, version: ModelVersion) -> None:
        """Make ``alias`` point at ``version``, which it does not yet."""
        query = select(Alias).where(Alias.tenant == self._tenant, Alias.model_id == model.id, Alias.name == alias)
        row = self._session.exec(query).first() or Alias(
            id=new_id("als"), tenant=self._tenant, model_id=model.id, name=alias, version_id=version.id
        )
        row.version_id = version.id
        self._session.add(row)

    def add_move(self, model: Model, alias: str, kind: str, source: int | None, target: int, reason: str) -> None:
        """Write that ``alias`` moved from number ``source`` to number ``target``."""
        move = AliasMove(
            id=new_id("mov"),
            tenant=self._tenant,
            model_id=model.id,
            alias=alias,
            kind=kind,
            from_version=source,
            to_version=target,
            reason=reason,
        )
        self._session.add(move)

    def moves(self, model: Model, alias: str) -> Sequence[AliasMove]:
        """Return the moves of ``alias``, oldest first."""
        query = select(AliasMove).where(
            AliasMove.tenant == self._tenant, AliasMove.model_id == model.id, AliasMove.alias == alias
        )
        return self._session.exec(query.order_by(col(AliasMove.id))).all()

    def infos(self, model: Model, versions: Iterable[ModelVersion]) -> list[VersionInfo]:
        """Return what others may know of ``versions``, all of ``model``."""
        aliases = self.aliases(model)
        return [_info(model, version, aliases) for version in versions]

    def _aliases(self, model: Model | None = None) -> Iterable[tuple[Alias, int]]:
        query = (
            select(Alias, ModelVersion.number)
            .join(ModelVersion, col(ModelVersion.id) == col(Alias.version_id))
            .where(Alias.tenant == self._tenant)
            .order_by(Alias.name)
        )
        if model is not None:
            query = query.where(Alias.model_id == model.id)
        return self._session.exec(query)

    def _with_model(self, condition: Any) -> tuple[Model, ModelVersion] | None:
        query = (
            select(Model, ModelVersion)
            .join(ModelVersion, col(ModelVersion.model_id) == col(Model.id))
            .where(ModelVersion.tenant == self._tenant, condition)
        )
        row = self._session.exec(query).first()
        return (row[0], row[1]) if row else None


def _info(model: Model, version: ModelVersion, aliases: dict[str, int]) -> VersionInfo:
    return VersionInfo(
        id=version.id,
        model=model.name,
        number=version.number,
        solution=model.solution,
        method=version.method,
        encoder=version.encoder,
        encoder_fingerprint=version.encoder_fingerprint,
        metrics=version.metrics,
        lineage=version.lineage,
        aliases=tuple(alias for alias, number in aliases.items() if number == version.number),
        created_at=version.created_at,
        size_bytes=version.size_bytes,
        storage_key=version.storage_key,
        digest=version.digest,
        run_id=version.run_id,
        dataset_version_id=version.dataset_version_id,
        parent_id=version.parent_id,
    )
