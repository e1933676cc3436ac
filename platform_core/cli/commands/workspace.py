"""``verticore init`` and ``verticore doctor``."""

from __future__ import annotations

from typing import Annotated

import typer

from platform_core.cli.command import command
from platform_core.cli.door import Door, Json


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""

    @command(app, "init", examples=("verticore init", "verticore init --home /data/verticore"))
    def init(door: Door) -> Json:
        """Create the workspace and a commented verticore.toml in it."""
        from platform_core.cli.settings_file import write_settings_file

        door.platform.db.prepare()
        home = door.settings.home
        file, written = write_settings_file(home / "verticore.toml")
        door.say(f"The workspace is {home}", f"Its settings are {file}" + ("" if written else " (kept as it was)"))
        door.next_steps("verticore doctor", "verticore demo", "verticore solutions list")
        return {"home": home, "settings": file, "written": written}

    @command(app, "doctor", examples=("verticore doctor", "verticore doctor --json"))
    def doctor(
        door: Door,
        strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 when a check fails.")] = False,
    ) -> Json:
        """Check Python, libraries, encoder, disk, database, storage, trackers and plugins; say how to mend them."""
        from platform_core.cli.checks import run_checks

        checks = run_checks(door)
        for check in checks:
            door.say(f"{'✓' if check.ok else '✗'} {check.name:<10} {check.message}", style=None if check.ok else "red")
            if check.remedy and not check.ok:
                door.say(f"  {'':<10} → {check.remedy}")
        healthy = all(check.ok for check in checks)
        door.say("", "Everything is in order." if healthy else "Something needs a hand, see above.")
        payload: Json = {"ok": healthy, "checks": [check.to_dict() for check in checks]}
        if strict and not healthy:
            door.emit(payload)
            raise typer.Exit(1)
        return payload
