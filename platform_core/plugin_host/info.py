"""What the host tells about plugins."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from platform_core.sdk.errors import PluginError
from platform_core.sdk.manifest import Manifest

Status = Literal["discovered", "verified", "active", "disabled", "failed"]


@dataclass(frozen=True, kw_only=True)
class PluginInfo:
    """One plugin as the host sees it.

    Attributes:
        name: the name of its entry point.
        distribution: the distribution that brings it.
        version: the version of that distribution.
        package: its top-level import package.
        status: how far it came, see :mod:`platform_core.plugin_host`.
        reason: why it is disabled or failed, for people.
        manifest: its manifest, where that could be read.
        folder: the folder of the import package, where that could be found.
    """

    name: str
    distribution: str
    version: str
    package: str
    status: Status = "discovered"
    reason: str = ""
    manifest: Manifest | None = None
    folder: Path | None = None

    @property
    def offered_ids(self) -> tuple[str, ...]:
        """The ids of its solutions and operations, as far as the manifest is known."""
        if self.manifest is None:
            return ()
        solutions, operations = self.manifest.solutions, self.manifest.operations
        return (*(entry.id for entry in solutions), *(entry.id for entry in operations))

    def to_dict(self) -> dict[str, Any]:
        """Return JSON types: the state, and the manifest where there is one."""
        return {
            "name": self.name,
            "distribution": self.distribution,
            "version": self.version,
            "status": self.status,
            "reason": self.reason,
            "manifest": None if self.manifest is None else self.manifest.model_dump(mode="json"),
        }


@dataclass(frozen=True, kw_only=True)
class OfferedSolution:
    """A solution that could be used, as its plugin's manifest presents it."""

    id: str
    title: str
    summary: str
    plugin: str

    def to_dict(self) -> dict[str, Any]:
        """Return JSON types."""
        return {"id": self.id, "title": self.title, "summary": self.summary, "plugin": self.plugin}


@dataclass(frozen=True, kw_only=True)
class OfferedOperation:
    """An operation that could be used, as its plugin's manifest presents it."""

    id: str
    title: str
    plugin: str

    def to_dict(self) -> dict[str, Any]:
        """Return JSON types."""
        return {"id": self.id, "title": self.title, "plugin": self.plugin}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that a check of a plugin found.

    Attributes:
        level: an ``error`` keeps the plugin from being used; a ``warning`` does not.
        message: what is wrong, and where.
        hint: what its author can do.
    """

    level: Literal["error", "warning"]
    message: str
    hint: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return JSON types."""
        return {"level": self.level, "message": self.message, "hint": self.hint}


def reason_of(error: PluginError) -> str:
    """Return what ``error`` says without its code: what, where, what to do."""
    return str(error).removeprefix(f"{error.code}: ")
