"""Finding models and versions in a transaction, or saying what there is instead."""

from __future__ import annotations

from platform_core.registry.references import Reference
from platform_core.registry.repository import RegistryRepository
from platform_core.registry.schemas import VersionInfo
from platform_core.registry.tables import Model, ModelVersion
from platform_core.sdk.errors import Conflict, NotFound


def find_model(repository: RegistryRepository, name: str) -> Model:
    """Return the model of that name.

    Raises:
        NotFound: there is none; suggests the nearest names.
    """
    model = repository.model(name)
    if model is None:
        known = [info.name for info in repository.models()]
        raise NotFound.of("model", name, known, hint="train one first")
    return model


def find_version(repository: RegistryRepository, reference: Reference) -> tuple[Model, ModelVersion]:
    """Return the version that ``reference`` names; a bare name means the newest.

    Raises:
        NotFound: there is none; suggests the nearest names.
    """
    model = find_model(repository, reference.name)
    if reference.alias is not None:
        return model, _version_at_alias(repository, model, reference.alias)
    if reference.number is not None:
        return model, _version_by_number(repository, model, reference.number)
    versions = repository.versions(model)
    if not versions:
        raise NotFound(f"the model {model.name!r} has no version", hint="train one first")
    return model, versions[-1]


def version_of_run(repository: RegistryRepository, run_id: str | None) -> VersionInfo | None:
    """Return the version that a run has made already."""
    found = repository.version_of_run(run_id) if run_id is not None else None
    return repository.infos(found[0], [found[1]])[0] if found else None


def refuse_other_solution(repository: RegistryRepository, name: str, solution: str) -> None:
    """Refuse to mix solutions in one model.

    Raises:
        Conflict: the model ``name`` exists and belongs to another solution.
    """
    model = repository.model(name)
    if model is not None and model.solution != solution:
        raise Conflict(
            f"the model {name!r} belongs to the solution {model.solution}, not {solution}", hint="choose another name"
        )


def _version_at_alias(repository: RegistryRepository, model: Model, alias: str) -> ModelVersion:
    aliases = repository.aliases(model)
    version = repository.version(model, aliases[alias]) if alias in aliases else None
    if version is None:
        known = [f"{model.name}@{name}" for name in aliases]
        hint = f"set it with `verticore models promote {model.name}:VERSION {alias}`"
        raise NotFound.of("alias", f"{model.name}@{alias}", known, hint=hint)
    return version


def _version_by_number(repository: RegistryRepository, model: Model, number: int) -> ModelVersion:
    version = repository.version(model, number)
    if version is None:
        known = [f"{model.name}:{version.number}" for version in repository.versions(model)]
        raise NotFound.of("version", f"{model.name}:{number}", known)
    return version
