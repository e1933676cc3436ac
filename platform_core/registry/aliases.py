"""Moving aliases: what they point at goes live, so plugins are asked before and told after.

Moves are kept for ever. They read as a stack: a promotion puts a version on top, a rollback takes the top off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from platform_core.db.engine import Database
from platform_core.plugin_host.hooks import HookCaller
from platform_core.registry.lookup import find_model, find_version
from platform_core.registry.references import Reference, check_alias_name
from platform_core.registry.repository import RegistryRepository
from platform_core.registry.schemas import VersionInfo
from platform_core.registry.tables import AliasMove
from platform_core.sdk.errors import Conflict
from platform_core.sdk.events import PromotionRequest, VersionPromoted

if TYPE_CHECKING:
    from sqlmodel import Session

MoveCheck = Callable[["Session", int | None], object]
"""Is called in the transaction that moves an alias, with the number that it points at; where it raises, it stays."""


class AliasMover:
    """Promotes versions and takes promotions back, for one tenant."""

    def __init__(self, db: Database, hooks: HookCaller, tenant: str) -> None:
        self._db = db
        self._hooks = hooks
        self._tenant = tenant

    def promote(self, version: VersionInfo, alias: str, reason: str, check: MoveCheck | None = None) -> None:
        """Make ``alias`` point at ``version`` unless a plugin objects, or ``check`` does.

        Raises:
            Conflict: names the plugins that object, and why.
            NotFound: the version has been deleted.
            UsageError: ``alias`` cannot name an alias.
        """
        check_alias_name(alias)
        with self._db.reading() as session:
            repository = RegistryRepository(session, self._tenant)
            current = repository.aliases(find_model(repository, version.model)).get(alias)
        if current == version.number:
            return
        self._review(version, alias, current)
        with self._db.session() as session:
            repository = RegistryRepository(session, self._tenant)
            model, row = find_version(repository, Reference(version.model, version.number))
            repository.hold(model)
            current = repository.aliases(model).get(alias)
            if check is not None:
                check(session, current)
            repository.point(model, alias, row)
            repository.add_move(model, alias, "promote", current, row.number, reason)
        self._announce(version, alias, current)

    def rollback(self, name: str, alias: str) -> VersionInfo:
        """Make ``alias`` point at what it pointed at before its last promotion, and return that version.

        Nobody is asked: a way back must always be open. Versions that have been deleted are passed over.

        Raises:
            Conflict: there is no earlier version.
            NotFound: no such model or alias.
        """
        with self._db.session() as session:
            repository = RegistryRepository(session, self._tenant)
            model, live = find_version(repository, Reference(name, alias=check_alias_name(alias)))
            before = _before(repository.moves(model, alias))
            whole = [row for number in before if (row := repository.version(model, number)) and row.id != live.id]
            if not whole:
                raise Conflict(
                    f"there is no version to go back to: {name}@{alias} has only ever been {name}:{live.number}",
                    hint="promote another version instead",
                )
            repository.point(model, alias, whole[0])
            repository.add_move(model, alias, "rollback", live.number, whole[0].number, "")
            session.flush()
            (version,) = repository.infos(model, [whole[0]])
        self._announce(version, alias, live.number)
        return version

    def objections(self, version: VersionInfo, alias: str) -> dict[str, str]:
        """Return which plugins would object to ``alias`` pointing at ``version``, and why; nothing moves."""
        with self._db.reading() as session:
            repository = RegistryRepository(session, self._tenant)
            current = repository.aliases(find_model(repository, version.model)).get(alias)
        return self._objections(version, alias, current)

    def _objections(self, version: VersionInfo, alias: str, current: int | None) -> dict[str, str]:
        request = PromotionRequest(
            tenant=self._tenant,
            model=version.model,
            version=version.number,
            alias=alias,
            solution=version.solution,
            current=current,
            metrics=version.metrics,
        )
        return {plugin: veto.reason for plugin, veto in self._hooks.review_promotion(request)}

    def _review(self, version: VersionInfo, alias: str, current: int | None) -> None:
        objections = self._objections(version, alias, current)
        if objections:
            reasons = "; ".join(f"{plugin}: {reason}" for plugin, reason in objections.items())
            raise Conflict(
                f"{version.ref} may not become @{alias}: {reasons}",
                hint="promote another version, or disable the plugin that objects",
                details={"vetoes": objections},
            )

    def _announce(self, version: VersionInfo, alias: str, before: int | None) -> None:
        event = VersionPromoted(
            tenant=self._tenant,
            model=version.model,
            version=version.number,
            alias=alias,
            solution=version.solution,
            current=before,
            metrics=version.metrics,
        )
        self._hooks.announce(event)


def _before(moves: Sequence[AliasMove]) -> list[int]:
    """Return the numbers that the alias pointed at before its present one, latest first."""
    stack: list[int] = []
    for move in moves:
        if move.kind == "rollback":
            while stack and stack[-1] != move.to_version:
                stack.pop()
        else:
            stack.append(move.to_version)
    return stack[-2::-1]
