"""Running a plugin's code: every import is guarded, and a failure is explained where its author will find it."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar

from platform_core.plugin_host.info import PluginInfo
from platform_core.plugin_host.verification import verify_operation, verify_solution
from platform_core.sdk import Operation, Solution, load_object
from platform_core.sdk.errors import PluginError
from platform_core.sdk.manifest import OperationEntry, SolutionEntry

ContributionT = TypeVar("ContributionT")


@dataclass(frozen=True)
class Contributions:
    """What an active plugin brings.

    Attributes:
        solutions: by id.
        operations: by id.
        hooks: the module with its hook implementations, if any.
    """

    solutions: Mapping[str, Solution]
    operations: Mapping[str, Operation[Any, Any]]
    hooks: ModuleType | None


def load_contributions(plugin: PluginInfo) -> Contributions:
    """Import and check everything that the manifest of a verified ``plugin`` lists.

    Raises:
        PluginError: something is missing, raises, exits or is not what the manifest promises.
    """
    manifest = plugin.manifest
    if manifest is None:
        raise PluginError(f"the plugin {plugin.name!r} has no manifest", where=plugin.distribution)
    return Contributions(
        solutions={e.id: _load(plugin, e, verify_solution) for e in manifest.solutions},
        operations={e.id: _load(plugin, e, verify_operation) for e in manifest.operations},
        hooks=_import_hooks(plugin, manifest.hooks) if manifest.hooks else None,
    )


def describe_exception(error: BaseException, plugin: PluginInfo) -> PluginError:
    """Return ``error``, raised by code of ``plugin``, as what people can read: what, the plugin's own line, a hint."""
    if isinstance(error, SystemExit):
        message = f"its code called sys.exit({'' if error.code is None else repr(error.code)})"
    else:
        message = f"its code raised {type(error).__name__}: {error}"
    hint = f"tell the authors of {plugin.distribution}; `verticore plugins disable {plugin.name}` goes on without it"
    return PluginError(message, where=_last_line_within(plugin, error), hint=hint)


def _load(
    plugin: PluginInfo,
    entry: SolutionEntry | OperationEntry,
    verify: Callable[[str, Any], ContributionT],
) -> ContributionT:
    target = entry.object.partition(":")[0]
    with _explained(plugin, target):
        return verify(entry.id, load_object(entry.object))


def _import_hooks(plugin: PluginInfo, target: str) -> ModuleType:
    with _explained(plugin, target):
        return importlib.import_module(target)


@contextmanager
def _explained(plugin: PluginInfo, target: str) -> Iterator[None]:
    """Turn whatever importing the module ``target`` raises, except the user's own Ctrl-C, into a reason."""
    try:
        yield
    except PluginError:
        raise
    except ModuleNotFoundError as error:
        raise _describe_missing(error, plugin, target) from error
    except (Exception, SystemExit) as error:
        raise describe_exception(error, plugin) from error


def _describe_missing(error: ModuleNotFoundError, plugin: PluginInfo, target: str) -> PluginError:
    """Tell a module that the plugin should contain from a library that it needs: the remedies differ."""
    missing = error.name or str(error)
    if target == missing or target.startswith(f"{missing}."):
        return PluginError(
            f"the manifest names the module {target}, which {plugin.distribution} does not contain",
            hint="correct the manifest, or install the plugin again",
        )
    line = _last_line_within(plugin, error)
    if missing.split(".")[0] == plugin.package:
        return PluginError(
            f"it imports its own module {missing}, which {plugin.distribution} does not contain",
            where=line,
            hint="install the plugin again",
        )
    return PluginError(
        f"the module {missing} is missing, which {target} needs",
        where=line,
        hint=f"install what brings {missing}; the plugin should list it in its dependencies",
    )


@contextmanager
def without_leftovers(plugin: PluginInfo) -> Iterator[None]:
    """Forget the plugin's modules where the block fails, so that a repaired plugin starts afresh."""
    before = set(sys.modules)
    try:
        yield
    except BaseException:
        forget_modules(plugin.package, keep=before)
        raise


def forget_modules(package: str, keep: set[str] | frozenset[str] = frozenset()) -> dict[str, ModuleType]:
    """Take ``package`` and all below it, except ``keep``, out of ``sys.modules``; return what was taken."""
    names = [n for n in sys.modules if (n == package or n.startswith(f"{package}.")) and n not in keep]
    return {name: sys.modules.pop(name) for name in names}


def _last_line_within(plugin: PluginInfo, error: BaseException) -> str | None:
    """Return ``file:line`` of the innermost frame in the plugin's folder; the authors look there first."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    if plugin.folder is None:
        return None
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith(str(plugin.folder))]
    return f"{own[-1].filename}:{own[-1].lineno}" if own else None
