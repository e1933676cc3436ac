"""``verticore plugins check``: what is wrong with a plugin, for its author, before anybody installs it."""

from __future__ import annotations

import importlib
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from platform_core.plugin_host.activation import (
    describe_exception,
    forget_modules,
    load_contributions,
    without_leftovers,
)
from platform_core.plugin_host.discovery import GROUP, MANIFEST_NAME, discover, read_manifest
from platform_core.plugin_host.hooks import HookRegistry
from platform_core.plugin_host.imports import forbidden_imports
from platform_core.plugin_host.info import Finding, PluginInfo, reason_of
from platform_core.plugin_host.verification import verify_manifests
from platform_core.sdk.errors import NotFound, PluginError

_TREE_PATTERNS = (MANIFEST_NAME, f"*/{MANIFEST_NAME}", f"src/*/{MANIFEST_NAME}")


def check(name_or_path: str) -> list[Finding]:
    """Return what is wrong with the installed plugin, or the source tree, that is called ``name_or_path``.

    Raises:
        NotFound: neither is called so.
    """
    installed = {plugin.name: plugin for plugin in verify_manifests(discover())}
    if name_or_path in installed:
        plugin = installed[name_or_path]
        return [*_check_release(plugin), *_check_contents(plugin)]
    folder = Path(name_or_path)
    if folder.is_dir():
        return _check_tree(folder)
    raise NotFound.of("plugin", name_or_path, installed, hint="give the name of an installed one, or its folder")


def _check_tree(root: Path) -> list[Finding]:
    manifests = [file for pattern in _TREE_PATTERNS for file in sorted(root.glob(pattern))]
    if not manifests:
        return [
            Finding(
                level="error",
                message=f"there is no {MANIFEST_NAME} in {root}",
                hint=f"write one: {root}/src/<package>/{MANIFEST_NAME}",
            )
        ]
    package = manifests[0].resolve().parent
    try:
        manifest = read_manifest(manifests[0])
    except PluginError as error:
        return [_error(error)]
    plugin = PluginInfo(
        name=manifest.name,
        distribution=str(root),
        version=manifest.version,
        package=package.name,
        manifest=manifest,
        folder=package,
    )
    with _importable(package):
        contents = _check_contents(verify_manifests([plugin])[0])
    return [*_check_project(root, plugin), *contents]


def _check_contents(plugin: PluginInfo) -> list[Finding]:
    """Run the plugin's code as the host would, and forget it again where it fails."""
    if plugin.status == "failed":
        return [Finding(level="error", message=plugin.reason)]
    try:
        with without_leftovers(plugin):
            contributions = load_contributions(plugin)
            if contributions.hooks is not None:
                HookRegistry().register(plugin.name, contributions.hooks)
    except PluginError as error:
        return [_error(error)]
    except (Exception, SystemExit) as error:
        return [_error(describe_exception(error, plugin))]
    return _check_manners(plugin)


def _check_manners(plugin: PluginInfo) -> list[Finding]:
    """Return what works today but should not be so."""
    findings = []
    if plugin.folder is not None:
        findings += forbidden_imports(plugin.folder, (other.package for other in discover()))
    init = None if plugin.folder is None else plugin.folder / "__init__.py"
    if init is not None and init.is_file() and "import " in init.read_text(encoding="utf-8"):
        findings.append(
            Finding(
                level="warning",
                message=f"{init} imports something, so every use of the plugin pays for it",
                hint="leave __init__.py empty",
            )
        )
    if plugin.manifest is not None and not plugin.offered_ids and not plugin.manifest.hooks:
        findings.append(
            Finding(
                level="warning", message="the manifest offers nothing", hint="list a solution, an operation or hooks"
            )
        )
    return findings


def _check_release(plugin: PluginInfo) -> list[Finding]:
    if plugin.manifest is None or plugin.manifest.version == plugin.version:
        return []
    return [
        Finding(
            level="warning",
            message=f"the manifest says version {plugin.manifest.version}, {plugin.distribution} is {plugin.version}",
            hint="give both the same version and install again",
        )
    ]


def _check_project(root: Path, plugin: PluginInfo) -> list[Finding]:
    """Compare the manifest with ``pyproject.toml``."""
    file = root / "pyproject.toml"
    if not file.is_file():
        return [
            Finding(level="warning", message=f"there is no {file}", hint="without it nobody can install the plugin")
        ]
    try:
        project: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return [Finding(level="error", message=f"{file} is not TOML: {error}", hint="correct the file")]
    findings = []
    declared = project.get("entry-points", {}).get(GROUP, {})
    if declared.get(plugin.name) != plugin.package:
        findings.append(
            Finding(
                level="error",
                message=f"{file} does not announce the plugin",
                hint=f'add {plugin.name} = "{plugin.package}" to [project.entry-points."{GROUP}"]',
            )
        )
    version = project.get("version", plugin.version)
    if version != plugin.version:
        findings.append(
            Finding(
                level="warning",
                message=f"the manifest says version {plugin.version}, {file} says {version}",
                hint="give both the same version",
            )
        )
    return findings


@contextmanager
def _importable(package: Path) -> Iterator[None]:
    """Let imports find this very ``package``, also where another version of it is installed or loaded."""
    place = str(package.parent)
    others = forget_modules(package.name)
    sys.path.insert(0, place)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(place)
        forget_modules(package.name)
        sys.modules.update(others)


def _error(error: PluginError) -> Finding:
    return Finding(
        level="error",
        message=reason_of(PluginError(error.message, where=error.where)),
        hint=error.hint or "",
    )
