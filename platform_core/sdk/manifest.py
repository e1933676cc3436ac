"""``plugin.toml``: what a plugin contributes, read without importing it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from platform_core.sdk.references import ObjectRef

PluginName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
ContributionId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}\.[a-z][a-z0-9_]{1,39}$")]
Permission = Literal["network", "filesystem", "gpu"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SolutionEntry(_Part):
    """A solution that the plugin offers."""

    id: ContributionId = Field(description="`<plugin>.<name>`, e.g. `finance.sentiment`.")
    object: ObjectRef = Field(description="`module:object` of the `Solution`.")
    title: str = Field(description="A few words for lists.")
    summary: str = Field("", description="One or two sentences for people who choose.")


class OperationEntry(_Part):
    """An operation that the plugin offers."""

    id: ContributionId = Field(description="`<plugin>.<name>`, e.g. `finance.monitor`.")
    object: ObjectRef = Field(description="`module:object` of the `Operation`.")
    title: str = Field(description="A few words for lists.")


class Licences(_Part):
    """Licences of what the plugin brings, as SPDX expressions."""

    code: str = Field(description="Licence of the code.")
    weights: str = Field("", description="Licence of weights that the plugin ships or downloads.")
    data: str = Field("", description="Licence of the sample data.")


class Manifest(_Part):
    """The manifest of a plugin."""

    manifest_version: Literal[1] = Field(1, description="Version of this file's schema.")
    name: PluginName = Field(description="Name of the plugin; the first part of its solutions' ids.")
    version: str = Field(description="Version of the plugin; equal to that of its distribution.")
    sdk: str = Field(description="Range of SDK versions that it works with, e.g. `>=0.1,<0.2` (PEP 440).")
    title: str = Field(description="A few words for lists.")
    summary: str = Field("", description="One or two sentences.")
    priority: int = Field(0, description="Order in which observers are called: greater first, then by name.")
    hooks: str = Field("", description="Module with hook implementations; empty when the plugin has none.")
    solutions: tuple[SolutionEntry, ...] = Field((), description="Solutions that it offers.")
    operations: tuple[OperationEntry, ...] = Field((), description="Operations that it offers.")
    permissions: tuple[Permission, ...] = Field((), description="What it needs beyond computing.")
    licences: Licences = Field(description="Licences of code, weights and data.")

    @model_validator(mode="after")
    def _ids_carry_the_plugin_name(self) -> Manifest:
        ids = [s.id for s in self.solutions] + [o.id for o in self.operations]
        foreign = [i for i in ids if i.split(".")[0] != self.name]
        if foreign:
            raise ValueError(f"ids must start with '{self.name}.': {', '.join(foreign)}")
        twice = sorted({i for i in ids if ids.count(i) > 1})
        if twice:
            raise ValueError(f"listed twice: {', '.join(twice)}")
        return self
