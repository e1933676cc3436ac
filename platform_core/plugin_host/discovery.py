"""Finding plugins: one pass over the installed distributions, manifests from package data, nothing imported."""

from __future__ import annotations

import importlib.util
import logging
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from importlib import metadata
from pathlib import Path

from pydantic import ValidationError

from platform_core.plugin_host.info import PluginInfo, reason_of
from platform_core.sdk.errors import PluginError
from platform_core.sdk.manifest import Manifest
from platform_core.sdk.wording import complaints

GROUP = "verticore.plugins"
"""The entry-point group; the name is the plugin's, the value its top-level import package."""

MANIFEST_NAME = "plugin.toml"

_log = logging.getLogger(__name__)


def discover() -> list[PluginInfo]:
    """Return every installed plugin, *discovered* or *failed*, sorted by name and distribution."""
    found = [_describe(point, distribution) for distribution, point in _entry_points()]
    return sorted(found, key=lambda plugin: (plugin.name, plugin.distribution))


def read_manifest(file: Path) -> Manifest:
    """Return the manifest in ``file``.

    Raises:
        PluginError: there is none, or it is not valid; the message names every bad key.
    """
    try:
        return Manifest.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise PluginError(
            f"the package has no {MANIFEST_NAME}",
            where=str(file.parent),
            hint="ship the manifest as package data beside __init__.py",
        ) from None
    except ValidationError as error:
        problems = "; ".join(f"{c.where}: {c.message}" if c.where else c.message for c in complaints(error))
        raise PluginError(
            f"the manifest is not valid: {problems}", where=str(file), hint="correct these keys"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PluginError(f"the manifest is not TOML: {error}", where=str(file), hint="correct the file") from error
    except OSError as error:
        raise PluginError(f"the manifest cannot be read: {error.strerror}", where=str(file)) from error


def _entry_points() -> Iterator[tuple[metadata.Distribution, metadata.EntryPoint]]:
    """Yield the entry points of our group; of a distribution that is there twice, those that Python would import."""
    seen: set[str] = set()
    for distribution in metadata.distributions():
        try:
            if GROUP not in (distribution.read_text("entry_points.txt") or ""):
                continue
            points = list(distribution.entry_points.select(group=GROUP))
        except Exception as error:  # a broken distribution that need not be ours must not hide all plugins
            _log.warning("the entry points of an installed distribution cannot be read: %s", error)
            continue
        name = _metadata_of(distribution, "Name")
        if name not in seen:
            seen.add(name)
            yield from ((distribution, point) for point in points)


def _describe(point: metadata.EntryPoint, distribution: metadata.Distribution) -> PluginInfo:
    plugin = PluginInfo(
        name=point.name,
        distribution=_metadata_of(distribution, "Name") or point.name,
        version=_metadata_of(distribution, "Version"),
        package=point.value.strip(),
    )
    try:
        folder = _package_folder(plugin)
        return replace(plugin, folder=folder, manifest=read_manifest(folder / MANIFEST_NAME))
    except PluginError as error:
        return replace(plugin, status="failed", reason=reason_of(error))


def _metadata_of(distribution: metadata.Distribution, key: str) -> str:
    values: list[str] = distribution.metadata.get_all(key) or [""]
    return values[0]


def _package_folder(plugin: PluginInfo) -> Path:
    """Return the folder of the plugin's package, without importing it: only a top-level name allows that."""
    place = f"entry point {plugin.name!r} of {plugin.distribution}"
    if not plugin.package.isidentifier():
        raise PluginError(
            f"its entry point names {plugin.package!r}, which is no top-level package",
            where=place,
            hint=f'write it as {plugin.name} = "verticore_{plugin.name}"',
        )
    try:
        spec = importlib.util.find_spec(plugin.package)
    except (ImportError, ValueError) as error:
        raise PluginError(f"its package {plugin.package} cannot be found: {error}", where=place) from error
    if spec is None or not spec.submodule_search_locations:
        raise PluginError(
            f"its package {plugin.package} is not installed",
            where=place,
            hint=f"install {plugin.distribution} again",
        )
    return Path(next(iter(spec.submodule_search_locations)))
