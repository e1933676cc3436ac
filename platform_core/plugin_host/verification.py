"""Checking plugins: manifests before any code runs, contributions after they were loaded."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from platform_core import sdk
from platform_core.plugin_host.info import PluginInfo, reason_of
from platform_core.sdk import (
    Adapter,
    Columns,
    Derived,
    Example,
    FieldMarker,
    History,
    Identity,
    Moment,
    Operation,
    Solution,
    field_markers,
    only_field,
    row_type,
)
from platform_core.sdk.errors import PluginError

_HEAD = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


def verify_manifests(found: Sequence[PluginInfo]) -> list[PluginInfo]:
    """Return ``found`` with those that may be activated *verified* and the others *failed* with their reason."""
    taken = {name for name, count in Counter(plugin.name for plugin in found).items() if count > 1}
    return [_verified(plugin, _rivals(plugin, found) if plugin.name in taken else []) for plugin in found]


def verify_solution(identity: str, loaded: Any) -> Solution:
    """Return ``loaded`` where it is a sound solution.

    Raises:
        PluginError: it is not; the message says what.
    """
    if not isinstance(loaded, Solution):
        raise _unsound(identity, f"is a {type(loaded).__name__}, no Solution", "the manifest must name the object")
    if loaded.id != identity:
        raise _unsound(identity, f"calls itself {loaded.id!r}", "give both the same id")
    if not (isinstance(loaded.example, type) and issubclass(loaded.example, Example)):
        raise _unsound(identity, "has no example type", "example= takes a subclass of platform_core.sdk.Example")
    _verify_fields(loaded)
    if loaded.default_method not in loaded.recipes:
        known = ", ".join(loaded.recipes) or "none"
        raise _unsound(identity, f"has no recipe for its default method {loaded.default_method!r} (it has: {known})")
    if not _HEAD.fullmatch(str(loaded.head)):
        raise _unsound(identity, f"names its head {loaded.head!r}", "write it as 'package.module:Class'")
    _verify_adapters(loaded)
    return loaded


def verify_operation(identity: str, loaded: Any) -> Operation[Any, Any]:
    """Return ``loaded`` where it is the operation that the manifest promises.

    Raises:
        PluginError: it is not; the message says what.
    """
    if not isinstance(loaded, Operation):
        raise _unsound(identity, f"is a {type(loaded).__name__}, no Operation", "the manifest must name the object")
    if loaded.id != identity:
        raise _unsound(identity, f"calls itself {loaded.id!r}", "give both the same id")
    row_type(loaded)
    return loaded


def _verified(plugin: PluginInfo, rivals: list[str]) -> PluginInfo:
    if plugin.status == "failed":
        return plugin
    try:
        _verify_name(plugin, rivals)
        _verify_sdk(plugin)
    except PluginError as error:
        return replace(plugin, status="failed", reason=reason_of(error))
    return replace(plugin, status="verified")


def _rivals(plugin: PluginInfo, found: Sequence[PluginInfo]) -> list[str]:
    return sorted(other.distribution for other in found if other.name == plugin.name)


def _verify_name(plugin: PluginInfo, rivals: list[str]) -> None:
    if rivals:
        raise PluginError(
            f"the name {plugin.name!r} is taken by {len(rivals)} entry points, of {' and '.join(rivals)}",
            hint="uninstall all but one; none is used until then",
        )
    if plugin.manifest is not None and plugin.manifest.name != plugin.name:
        raise PluginError(
            f"the manifest calls the plugin {plugin.manifest.name!r}, the entry point {plugin.name!r}",
            where=plugin.distribution,
            hint="give both the same name",
        )


def _verify_sdk(plugin: PluginInfo) -> None:
    if plugin.manifest is None:
        return
    try:
        accepted = SpecifierSet(plugin.manifest.sdk)
    except InvalidSpecifier as error:
        raise PluginError(
            f"the manifest's range of SDK versions {plugin.manifest.sdk!r} is none",
            where=plugin.distribution,
            hint='write it as sdk = ">=0.1,<0.2"',
        ) from error
    if not accepted.contains(sdk.__version__, prereleases=True):
        raise PluginError(
            f"it works with SDK {plugin.manifest.sdk}, this is SDK {sdk.__version__}",
            where=f"{plugin.distribution} {plugin.version}",
            hint=f"install a version of {plugin.distribution} for this SDK",
        )


def _verify_fields(solution: Solution) -> None:
    field_markers(solution.example)
    kinds: tuple[type[FieldMarker], ...] = (Columns, Identity, Moment, History, Derived)
    found = {kind for kind in kinds if only_field(solution.example, kind)}
    if (Derived in found) != (solution.derive is not None):
        raise _unsound(solution.id, "has derived columns or a function that derives them, not both", "give both")
    if History in found and not {Identity, Moment, Derived} <= found:
        raise _unsound(
            solution.id,
            "has a history that nothing could come of",
            "it takes an Identity and a Moment to gather it, and Derived columns to use it",
        )


def _verify_adapters(solution: Solution) -> None:
    if not solution.adapters:
        raise _unsound(solution.id, "has no adapter", "adapters= takes at least one, e.g. TableAdapter()")
    for adapter in solution.adapters:
        if not isinstance(adapter, Adapter):
            missing = ", ".join(m for m in _adapter_members() if not hasattr(adapter, m))
            raise _unsound(solution.id, f"has the adapter {type(adapter).__name__} without {missing}")
    names = [adapter.name for adapter in solution.adapters]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise _unsound(solution.id, f"has two adapters called {', '.join(twice)}", "give each its own name")


def _adapter_members() -> list[str]:
    members = {*Adapter.__annotations__, *(name for name in vars(Adapter) if not name.startswith("_"))}
    return sorted(members)


def _unsound(identity: str, problem: str, hint: str | None = None) -> PluginError:
    return PluginError(f"the manifest's {identity!r} {problem}", hint=hint)
