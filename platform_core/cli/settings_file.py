"""A ``verticore.toml`` in which every setting stands with its meaning and its default, commented out."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

from platform_core.settings import Settings

HEADER = """\
# Settings of this workspace. Take away the '#' before a setting to change it.
# Environment variables win over this file (VERTICORE_PORT=9000), options of a command over both.
"""


def settings_text() -> str:
    """Return the text of the file, made from the settings themselves."""
    parts = [HEADER]
    for name, field in Settings.model_fields.items():
        if name == "home":
            continue  # the file stands in it
        comment = textwrap.fill(field.description or "", 110, initial_indent="# ", subsequent_indent="# ")
        default = field.default
        value = '"…"' if default is None else json.dumps(default, default=str)
        parts.append(f"{comment}\n# {name} = {value}\n")
    return "\n".join(parts)


def write_settings_file(file: Path) -> tuple[Path, bool]:
    """Write the file unless it exists.

    Returns:
        Its path, and whether it was written now.
    """
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(settings_text())
    except FileExistsError:
        return file, False
    return file, True
