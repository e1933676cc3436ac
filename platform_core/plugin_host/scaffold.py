"""``verticore plugins new``: a plugin that conforms, trains and serves before its author has changed a line."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from platform_core import sdk
from platform_core.sdk.errors import Conflict, UsageError
from platform_core.sdk.manifest import PluginName
from platform_core.templating import templates_root, text_environment

_PLACEHOLDER = "NAME"
_SUFFIX = ".j2"


def render(name: str, target: Path) -> list[Path]:
    """Write the sources of a new plugin ``name`` into the folder ``target`` and return the files, sorted.

    Raises:
        UsageError: the name cannot be that of a plugin, or the folder cannot be written.
        Conflict: the folder has something in it already.
    """
    _check_name(name)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Conflict("the place is taken", where=str(target), hint="choose another folder, or empty this one")
    root = templates_root() / "plugin"
    environment = text_environment(root)
    values = _values(name)
    written = []
    try:
        for template in sorted(root.rglob(f"*{_SUFFIX}")):
            inner = template.relative_to(root).as_posix()
            file = target / inner.replace(_PLACEHOLDER, name).removesuffix(_SUFFIX)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(environment.get_template(inner).render(values), encoding="utf-8")
            written.append(file)
    except OSError as error:
        raise UsageError(f"the plugin cannot be written: {error.strerror}", where=str(target)) from error
    return sorted(written)


def _check_name(name: str) -> None:
    try:
        TypeAdapter(PluginName).validate_python(name)
    except ValidationError as error:
        raise UsageError(
            f"{name!r} cannot be the name of a plugin",
            hint="take 2 to 40 small letters, digits and underscores, a letter first",
        ) from error


def _values(name: str) -> dict[str, str]:
    major, minor = sdk.__version__.split(".")[:2]
    return {
        "name": name,
        "title": name.replace("_", " ").title(),
        "package": f"verticore_{name}",
        "distribution": f"verticore-{name.replace('_', '-')}",
        "sdk_range": f">={major}.{minor},<{major}.{int(minor) + 1}",
    }
