"""``verticore plugins``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from platform_core.cli.command import command
from platform_core.cli.door import Door, Json

HELP = "Installed plugins: what they bring and how they are."

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the plugin.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the group ``app``."""

    @command(app, "list", examples=("verticore plugins list", "verticore plugins list --json"))
    def list_(door: Door) -> Json:
        """List the installed plugins; reads manifests, imports none."""
        plugins = door.plugins.plugins()
        door.table(
            ("plugin", "version", "status", "title", "reason"),
            [(p.name, p.version, p.status, p.manifest.title if p.manifest else "", p.reason) for p in plugins],
        )
        if not plugins:
            door.say("None is installed. Install one, e.g. pip install verticore-finance")
        return {"plugins": [plugin.to_dict() for plugin in plugins]}

    @command(app, "show", examples=("verticore plugins show finance",))
    def show(door: Door, name: Name) -> Json:
        """Show what a plugin contributes, what it may do and under which licences."""
        plugin = door.plugins.plugin(name)
        door.say(f"{plugin.name} {plugin.version}  {plugin.status}", style="bold")
        if plugin.reason:
            door.say(plugin.reason, style="red")
        if plugin.manifest is not None:
            manifest = plugin.manifest
            door.say(manifest.title, manifest.summary)
            door.table(("solution", "title"), [(entry.id, entry.title) for entry in manifest.solutions])
            if manifest.operations:
                door.table(("operation", "title"), [(entry.id, entry.title) for entry in manifest.operations])
            door.say(f"SDK {manifest.sdk}   permissions: {', '.join(manifest.permissions) or 'none'}")
            licences = {"code": manifest.licences.code, "weights": manifest.licences.weights}
            licences |= {"data": manifest.licences.data}
            door.say("licences: " + ", ".join(f"{part} {name}" for part, name in licences.items() if name))
        return plugin.to_dict()

    @command(app, "check", examples=("verticore plugins check finance", "verticore plugins check ./verticore-acme"))
    def check(
        door: Door, plugin: Annotated[str, typer.Argument(metavar="NAME_OR_PATH", help="Plugin or its source folder.")]
    ) -> Json:
        """Find what is wrong with a plugin, installed or in the making. Runs its code."""
        findings = door.plugins.check(plugin)
        for finding in findings:
            door.say(f"{finding.level}: {finding.message}", style="red" if finding.level == "error" else "yellow")
            if finding.hint:
                door.say(f"  → {finding.hint}")
        payload: Json = {"plugin": plugin, "ok": not any(finding.level == "error" for finding in findings)}
        payload["findings"] = [finding.to_dict() for finding in findings]
        if payload["ok"]:
            door.say(f"{plugin} can be used.")
            return payload
        door.emit(payload)
        raise typer.Exit(1)

    @command(app, "new", examples=("verticore plugins new acme", "verticore plugins new acme --output ~/src"))
    def new(
        door: Door,
        name: Name,
        output: Annotated[Path, typer.Option("--output", help="Folder that gets the plugin's folder.")] = Path(),
    ) -> Json:
        """Write a new plugin that trains and serves as it stands."""
        from platform_core.plugin_host.scaffold import render

        folder = output / f"verticore-{name.replace('_', '-')}"
        files = render(name, folder)
        door.say(f"The plugin is in {folder}:", *(f"  {file}" for file in files))
        door.next_steps(
            f"pip install -e '{folder}[test]'",
            f"pytest {folder}",
            f"verticore plugins check {name}",
            "verticore solutions list",
        )
        return {"plugin": name, "folder": folder, "files": files}

    @command(app, "enable", examples=("verticore plugins enable finance",))
    def enable(door: Door, name: Name) -> Json:
        """Let a plugin be used again."""
        plugin = door.plugins.enable(name)
        door.say(f"{name} is enabled ({plugin.status})")
        return plugin.to_dict()

    @command(app, "disable", examples=("verticore plugins disable finance --reason 'under review'",))
    def disable(
        door: Door,
        name: Name,
        reason: Annotated[str, typer.Option("--reason", help="Why; shown wherever the plugin is missed.")] = "",
    ) -> Json:
        """Keep a plugin from being used: nothing of it is imported any more."""
        plugin = door.plugins.disable(name, reason)
        door.say(f"{name} is disabled")
        return plugin.to_dict()
