"""The host: what is installed, what may be used, and who brings it."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from platform_core.plugin_host.activation import (
    Contributions,
    describe_exception,
    load_contributions,
    without_leftovers,
)
from platform_core.plugin_host.discovery import discover
from platform_core.plugin_host.hooks import HookCaller, HookRegistry
from platform_core.plugin_host.info import Finding, OfferedOperation, OfferedSolution, PluginInfo, reason_of
from platform_core.plugin_host.verification import verify_manifests
from platform_core.sdk.errors import NotFound, PluginError

if TYPE_CHECKING:
    from platform_core.db.engine import Database
    from platform_core.sdk import Operation, Solution


class PluginHost:
    """Gives access to plugins; whatever a plugin does wrong becomes its status. Safe to share between threads.

    Args:
        db: where enabled and disabled plugins are remembered; ``None``: only as long as the host lives.
        tenant: whose plugins.
        strict: raise the :class:`PluginError` of a failed plugin instead of keeping it as its status.

    Attributes:
        hooks: calls the hooks of all plugins that have some.
    """

    def __init__(self, db: Database | None, tenant: str, *, strict: bool = False) -> None:
        self._db = db
        self._tenant = tenant
        self._strict = strict
        self._lock = threading.RLock()
        self._verified: list[PluginInfo] | None = None
        self._disabled: dict[str, str] | None = None
        self._active: dict[str, Contributions] = {}
        self._failures: dict[str, str] = {}
        self._registry = HookRegistry()
        self.hooks = HookCaller(self._registry, self._activate_observers)

    def plugins(self) -> list[PluginInfo]:
        """Return every installed plugin, sorted by name. Reads manifests; imports nothing of any plugin.

        Raises:
            PluginError: in strict mode, the first that failed.
        """
        plugins = self._all()
        if self._strict:
            for plugin in plugins:
                _raise_if_failed(plugin)
        return plugins

    def plugin(self, name: str) -> PluginInfo:
        """Return the plugin ``name``.

        Raises:
            NotFound: there is none; the nearest names are suggested.
        """
        found = {plugin.name: plugin for plugin in self._all()}
        if name not in found:
            raise NotFound.of("plugin", name, found, hint="install one with pip; `verticore plugins list` shows it")
        return found[name]

    def solution_entries(self) -> list[OfferedSolution]:
        """Return the solutions of all usable plugins, sorted by id, from their manifests alone."""
        offered = [
            OfferedSolution(id=entry.id, title=entry.title, summary=entry.summary, plugin=plugin.name)
            for plugin in self._usable()
            if plugin.manifest
            for entry in plugin.manifest.solutions
        ]
        return sorted(offered, key=lambda entry: entry.id)

    def solution(self, solution_id: str) -> Solution:
        """Return a solution, after activating the plugin that offers it.

        Raises:
            NotFound: no plugin offers it; the nearest ids are suggested.
            PluginError: its plugin is disabled or failed; the message says why.
        """
        contributions = self._contributions_of_owner(solution_id)
        if contributions is None or solution_id not in contributions.solutions:
            if contributions is not None and solution_id in contributions.operations:
                raise NotFound(
                    f"{solution_id} is an operation, not a solution",
                    hint=f"run it: verticore run {solution_id}; what it reads: verticore operations show {solution_id}",
                )
            known = [entry.id for entry in self.solution_entries()]
            raise NotFound.of("solution", solution_id, known, hint="install a plugin that offers one")
        return contributions.solutions[solution_id]

    def operation_entries(self) -> list[OfferedOperation]:
        """Return the operations of all usable plugins, sorted by id, from their manifests alone."""
        offered = [
            OfferedOperation(id=entry.id, title=entry.title, plugin=plugin.name)
            for plugin in self._usable()
            if plugin.manifest
            for entry in plugin.manifest.operations
        ]
        return sorted(offered, key=lambda entry: entry.id)

    def operation(self, operation_id: str) -> Operation[Any, Any]:
        """Return an operation, after activating the plugin that offers it.

        Raises:
            NotFound: no plugin offers it; the nearest ids are suggested.
            PluginError: its plugin is disabled or failed; the message says why.
        """
        contributions = self._contributions_of_owner(operation_id)
        if contributions is None or operation_id not in contributions.operations:
            if contributions is not None and operation_id in contributions.solutions:
                raise NotFound(
                    f"{operation_id} is a solution, not an operation",
                    hint=f"see what it does: verticore solutions show {operation_id}",
                )
            known = [entry.id for entry in self.operation_entries()]
            raise NotFound.of("operation", operation_id, known, hint="install a plugin that offers one")
        return contributions.operations[operation_id]

    def activate(self, name: str) -> PluginInfo:
        """Load what the plugin contributes and return its status: *active*, *disabled* or *failed*.

        Raises:
            NotFound: there is no such plugin.
            PluginError: in strict mode, where it failed.
        """
        with self._lock:
            plugin = self.plugin(name)
            if plugin.status == "verified":
                self._load(plugin)
                plugin = self.plugin(name)
        if self._strict:
            _raise_if_failed(plugin)
        return plugin

    def activate_all(self) -> list[PluginInfo]:
        """Activate every plugin that is not disabled and return all with their status."""
        for plugin in self._usable():
            self.activate(plugin.name)
        return self.plugins()

    def enable(self, name: str) -> PluginInfo:
        """Let the plugin be used again, and remember it. One that failed while loading gets another try.

        Raises:
            NotFound: there is no such plugin.
        """
        return self._switch(name, enabled=True)

    def disable(self, name: str, reason: str = "") -> PluginInfo:
        """Stop using the plugin at once, and remember it: nothing of it will be imported.

        Other processes that run already notice when they start again.

        Raises:
            NotFound: there is no such plugin.
        """
        return self._switch(name, enabled=False, reason=reason)

    def check(self, name_or_path: str) -> list[Finding]:
        """Return what is wrong with an installed plugin, or with the source tree of one; empty: nothing.

        Runs the plugin's code, even where it is disabled.

        Raises:
            NotFound: no plugin and no folder is called so.
        """
        from platform_core.plugin_host.checking import check

        return check(name_or_path)

    def _all(self) -> list[PluginInfo]:
        with self._lock:
            if self._verified is None:
                self._verified = verify_manifests(discover())
            if self._disabled is None:
                self._disabled = self._read_disabled()
            return [self._with_status(plugin, self._disabled) for plugin in self._verified]

    def _with_status(self, plugin: PluginInfo, disabled: dict[str, str]) -> PluginInfo:
        """Return a verified ``plugin`` with what became of it since."""
        if plugin.name in disabled:
            return replace(plugin, status="disabled", reason=disabled[plugin.name])
        if plugin.name in self._active:
            return replace(plugin, status="active")
        if plugin.name in self._failures:
            return replace(plugin, status="failed", reason=self._failures[plugin.name])
        return plugin

    def _usable(self) -> Iterable[PluginInfo]:
        return [plugin for plugin in self.plugins() if plugin.status in ("verified", "active")]

    def _contributions_of_owner(self, identity: str) -> Contributions | None:
        """Return what the plugin that offers ``identity`` brings; ``None`` where no plugin offers it.

        The first part of an id is the name of its plugin: the manifest is refused otherwise.
        """
        name = identity.partition(".")[0]
        with self._lock:
            if name in self._active:
                return self._active[name]
            owner = next((plugin for plugin in self.plugins() if plugin.name == name), None)
            if owner is None or (owner.manifest is not None and identity not in owner.offered_ids):
                return None
            owner = self.activate(name)
            _raise_if_disabled(owner)
            _raise_if_failed(owner)
            return self._active[name]

    def _activate_observers(self) -> None:
        for plugin in self.plugins():
            if plugin.status == "verified" and plugin.manifest and plugin.manifest.hooks:
                self.activate(plugin.name)

    def _load(self, plugin: PluginInfo) -> None:
        """Make a verified plugin *active*, or note why it failed and take back all that it has left."""
        try:
            with without_leftovers(plugin):
                contributions = load_contributions(plugin)
                if contributions.hooks is not None and plugin.manifest is not None:
                    self._registry.register(plugin.name, contributions.hooks, plugin.manifest.priority)
        except PluginError as error:
            self._failures[plugin.name] = reason_of(error)
        except (Exception, SystemExit) as error:
            self._failures[plugin.name] = reason_of(describe_exception(error, plugin))
        else:
            self._active[plugin.name] = contributions

    def _switch(self, name: str, *, enabled: bool, reason: str = "") -> PluginInfo:
        with self._lock:
            self.plugin(name)
            self._remember(name, enabled=enabled, reason=reason)
            self._registry.unregister(name)
            self._active.pop(name, None)
            self._failures.pop(name, None)
            disabled = {n: r for n, r in (self._disabled or {}).items() if n != name}
            self._disabled = disabled if enabled else {**disabled, name: reason}
            return self.plugin(name)

    def _read_disabled(self) -> dict[str, str]:
        if self._db is None:
            return {}
        from platform_core.plugin_host.repository import disabled_plugins

        return disabled_plugins(self._db, self._tenant)

    def _remember(self, name: str, *, enabled: bool, reason: str) -> None:
        if self._db is None:
            return
        from platform_core.plugin_host.repository import save_state

        self._db.prepare()
        with self._db.session() as session:
            save_state(session, self._tenant, name, enabled=enabled, reason=reason)


def _raise_if_disabled(plugin: PluginInfo) -> None:
    if plugin.status == "disabled":
        why = f" ({plugin.reason})" if plugin.reason else ""
        raise PluginError(
            f"the plugin {plugin.name!r} is disabled{why}",
            hint=f"`verticore plugins enable {plugin.name}` brings it back",
        )


def _raise_if_failed(plugin: PluginInfo) -> None:
    if plugin.status == "failed":
        raise PluginError(f"the plugin {plugin.name!r} cannot be used: {plugin.reason}")
